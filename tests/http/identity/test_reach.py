"""How far a token that counts reaches: one account for each person of each issuer, and no more than it was made for."""

import time

import jwt
import pytest

from consign.http.identity.clerk import permissions
from consign.http.identity.tokens import TokenRefused
from consign.identity.federation import account_of, organization_of
from consign.service.process import Service
from tests.http.conftest import CLERK_ORGANIZATION, CLERK_ORGANIZATION_SLUG, Issuers
from tests.http.identity.asking import believed, refused
from tests.support.shop import Client, problem


def test_a_person_of_two_issuers_is_two_accounts() -> None:
    assert account_of("https://a.example", "user-1") != account_of("https://b.example", "user-1")
    assert account_of("https://a.example", "user-1") != account_of("https://a.example", "user-2")


def test_an_account_stays_who_it_is() -> None:
    """It is in the log: another derivation would make strangers of everybody."""
    assert account_of("https://a.example", "user-1") == "7f9aae6a-0262-5e8d-bef1-d6d5e076c895"
    assert organization_of("https://a.example", "org_1", {}) == "clerk-eb101ecdf521ac881879f86c354f9123"


def test_an_organization_of_clerks_is_called_what_the_operator_says_or_as_nobody_else() -> None:
    named = {"org_1": "spring-fair"}
    assert organization_of("https://a.example", "org_1", named) == "spring-fair"
    unnamed = organization_of("https://a.example", "spring-fair", named)
    assert unnamed not in ("spring-fair", organization_of("https://b.example", "spring-fair", named))


@pytest.mark.parametrize(
    ("features", "names", "bits", "expected"),
    [
        ("o:dashboard,o:teams", "manage,read", "3,2", {"dashboard:manage", "dashboard:read", "teams:read"}),
        ("u:basic,o:teams", "read", "1", {"teams:read"}),
        ("uo:both", "read", "1", {"both:read"}),
        ("o:dashboard", "manage,read", "0", set()),
        ("", "", "", set()),
    ],
)
def test_permissions_of_clerks_are_read_bit_by_bit(features: str, names: str, bits: str, expected: set[str]) -> None:
    assert permissions(features, names, bits) == expected


@pytest.mark.parametrize(("features", "names", "bits"), [("o:a", "read", "1,1"), ("o:a", "read", "2"), ("", "", "0")])
def test_permissions_that_contradict_each_other_are_refused(features: str, names: str, bits: str) -> None:
    with pytest.raises(TokenRefused):
        permissions(features, names, bits)


async def test_an_unfinished_sign_in_shows_nobody(client: Client, issuers: Issuers) -> None:
    clerk = issuers.clerk
    await refused(client, clerk.token(clerk.clerk_claims(sts="pending")), "Signing in is not finished.")
    await refused(client, clerk.token(clerk.clerk_claims(sts="whatever")), "Signing in is not finished.")


async def test_tokens_of_the_old_version_are_refused(client: Client, issuers: Issuers) -> None:
    clerk = issuers.clerk
    await refused(client, clerk.token(clerk.clerk_claims(v=1, org_id="org_1", org_role="org:admin")))


async def test_nobody_is_taken_for_somebody_in_whose_place_they_act(client: Client, issuers: Issuers) -> None:
    clerk = issuers.clerk
    acting = clerk.clerk_claims(act={"iss": "https://dashboard.clerk.com", "sub": "user_staff"})
    await refused(client, clerk.token(acting), "Nobody acts here in somebody else's place.")


async def test_a_token_of_clerks_for_another_audience_is_refused(client: Client, issuers: Issuers) -> None:
    clerk = issuers.clerk
    await refused(client, clerk.token(clerk.clerk_claims(aud="hasura")))


@pytest.mark.parametrize("organization", [7, "org_1", {"slg": "org"}, {"id": ""}, {"id": "org_1", "fpm": "x"}, []])
async def test_an_organization_that_is_none_is_refused(client: Client, issuers: Issuers, organization: object) -> None:
    clerk = issuers.clerk
    await refused(client, clerk.token(clerk.clerk_claims(o=organization)))


async def test_an_active_organization_of_clerks_is_read(client: Client, issuers: Issuers) -> None:
    clerk = issuers.clerk
    active = {"id": CLERK_ORGANIZATION, "slg": "fair", "rol": "admin", "per": "read", "fpm": "1"}
    await believed(client, clerk.token(clerk.clerk_claims(o=active, fea="o:dashboard")))
    path = f"/api/v1/organizations/{CLERK_ORGANIZATION_SLUG}/sales"
    token = clerk.token(clerk.clerk_claims(o=active, fea="o:dashboard"))
    granted = await client.http.get(path, headers={"Authorization": f"Bearer {token}"})
    problem(granted, 404, "unknown_organization")


async def test_anybody_can_check_the_services_own_tokens_by_what_it_publishes(client: Client, service: Service) -> None:
    issuer = (await client.http.get("/.well-known/openid-configuration")).json()
    assert issuer["issuer"] == service.settings.public_url
    assert issuer["jwks_uri"] == f"{service.settings.public_url}/.well-known/jwks.json"
    response = await client.http.get("/.well-known/jwks.json")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    token = service.access_tokens.issue("anna", organization="spring-fair")
    key = jwt.PyJWKSet.from_dict(response.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=issuer["id_token_signing_alg_values_supported"],
        issuer=issuer["issuer"],
        audience="consign",
    )
    assert (claims["sub"], claims["org"]) == ("anna", "spring-fair")
    assert claims["exp"] - time.time() <= 600


async def test_what_is_checked_and_refused_is_counted(client: Client, issuers: Issuers) -> None:
    async def figure(name: str) -> float:
        text = (await client.http.get("/metrics")).text
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"consign_{name} ")))

    checked, turned_away = await figure("tokens_checked_total"), await figure("tokens_refused_total")
    token = issuers.house.token()
    await believed(client, token)
    await believed(client, token)
    await refused(client, "a.b.c")
    assert await figure("tokens_checked_total") == checked + 1, "the second time it was known"
    assert await figure("tokens_refused_total") == turned_away + 1
    assert await figure("issuers_failing") == 0
    assert await figure("issuer_keys_age_seconds") < 660
