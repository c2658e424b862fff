"""Tokens that somebody made up, took from elsewhere or kept too long: each differs from a good one in one thing."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import httpx
import jwt
import pytest

from consign.http.identity.tokens import TOKEN_LENGTH_MAX
from consign.identity.access_tokens import AUDIENCE as OWN_AUDIENCE
from consign.service.process import Service
from tests.http.conftest import Issuers
from tests.http.identity.asking import asked, believed, refused
from tests.support.eventually import eventually
from tests.support.issuer import PARTY, SigningKey
from tests.support.shop import Client, problem

HOUR_S = 3600


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes | None = None) -> str:
    """Return a token as no library would make it: signed by HMAC with any bytes, or not at all."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    signature = b"" if secret is None else hmac.digest(secret, signed.encode(), sha256)
    return f"{signed}.{encoded(signature)}"


async def test_a_good_token_of_each_issuer_counts(client: Client, service: Service, issuers: Issuers) -> None:
    """Without this the refusals below would say nothing."""
    await believed(client, issuers.house.token())
    await believed(client, issuers.house.token(key=issuers.house.keys[1]))
    await believed(client, issuers.neighbour.token(issuers.neighbour.claims(azp=PARTY)))
    await believed(client, issuers.clerk.token(issuers.clerk.clerk_claims()))
    await believed(client, service.access_tokens.issue("anna"))


async def test_a_public_key_is_no_secret(client: Client, issuers: Issuers) -> None:
    house, key = issuers.house, issuers.house.keys[0]
    for algorithm in ("HS256", "HS384", "HS512"):
        for secret in (key.pem, key.pem.strip(), json.dumps(key.jwk).encode(), b""):
            await refused(client, by_hand({"alg": algorithm, "kid": key.key_id, "typ": "JWT"}, house.claims(), secret))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "ES256 ", "es256"])
async def test_a_token_is_signed(client: Client, issuers: Issuers, algorithm: str) -> None:
    for issuer in (issuers.house.claims(), {**issuers.house.claims(), "iss": "consign-development", "roles": {}}):
        unsigned = by_hand({"alg": algorithm, "kid": "same"}, issuer)
        await refused(client, unsigned)
        await refused(client, f"{unsigned}AAAA")


async def test_only_the_development_issuer_shares_a_secret(client: Client, service: Service, issuers: Issuers) -> None:
    """Neither does its key vouch for anybody else, nor may anybody's key vouch for it."""
    key = service.identity._key
    header = {"alg": "HS256", "typ": "JWT"}
    await refused(client, by_hand(header, issuers.house.claims(), key))
    await refused(client, by_hand({**header, "kid": "same"}, issuers.house.claims(), key))
    own = {"iss": service.settings.public_url, "aud": OWN_AUDIENCE, "jti": "1"}
    await refused(client, by_hand(header, issuers.house.claims(**own), key))
    posing = issuers.house.claims(iss="consign-development", aud=None, roles={client.organization: ["organizer"]})
    await refused(client, issuers.house.token(posing))
    await refused(client, issuers.house.token(posing, kid=None))


async def test_nobody_vouches_for_another_issuers_people(client: Client, service: Service, issuers: Issuers) -> None:
    house, neighbour = issuers.house, issuers.neighbour
    assert house.keys[0].key_id == neighbour.keys[0].key_id
    await refused(client, house.token(neighbour.claims(azp=PARTY)))
    await refused(client, neighbour.token(house.claims()))
    await refused(client, house.token(house.claims(iss=service.settings.public_url, aud=OWN_AUDIENCE, jti="1")))
    own_key_id = jwt.get_unverified_header(service.access_tokens.issue("anna"))["kid"]
    await refused(client, house.token(kid=own_key_id))


@pytest.mark.parametrize(
    "name", ["https://somebody.example", "{house}/", "{house}#", "", "consign", None, 1, ["{house}"]]
)
async def test_only_issuers_that_were_named_count(client: Client, issuers: Issuers, name: Any) -> None:
    given = name.format(house=issuers.house.url) if isinstance(name, str) else name
    key, claims = issuers.house.keys[0], issuers.house.claims(iss=None)
    claims.update({} if given is None else {"iss": given})
    signed = jwt.PyJWS().encode(json.dumps(claims).encode(), key.private, "ES256", headers={"kid": key.key_id})
    await refused(client, signed)


@pytest.mark.parametrize("audience", ["another", ["another"], [], None, "", 1, {"consign-tests": 1}])
async def test_a_token_is_meant_for_this_service(client: Client, issuers: Issuers, audience: Any) -> None:
    key, claims = issuers.house.keys[0], issuers.house.claims(aud=None)
    claims.update({} if audience is None else {"aud": audience})
    signed = jwt.PyJWS().encode(json.dumps(claims).encode(), key.private, "ES256", headers={"kid": key.key_id})
    await refused(client, signed)


async def test_a_token_was_made_for_a_party_that_is_named(client: Client, issuers: Issuers) -> None:
    clerk, neighbour = issuers.clerk, issuers.neighbour
    meant = "The token is not meant for this service."
    await refused(client, clerk.token(clerk.clerk_claims(azp="https://evil.example")), meant)
    await refused(client, clerk.token(clerk.clerk_claims(azp=f"{PARTY}.evil.example")), meant)
    await refused(client, clerk.token(clerk.clerk_claims(azp=None)))
    await refused(client, neighbour.token(neighbour.claims(azp="https://evil.example")), meant)
    await refused(client, neighbour.token(neighbour.claims()), meant)


async def test_a_token_chooses_neither_its_key_nor_where_to_find_it(client: Client, issuers: Issuers) -> None:
    mine = SigningKey("mine")
    pem = encoded(mine.pem)
    elsewhere = f"{issuers.house.url}/mine.json"
    for led in ({"jku": elsewhere}, {"x5u": elsewhere}, {"jwk": mine.jwk}, {"x5c": [pem]}):
        await refused(client, issuers.house.token(key=mine, **led))
        await refused(client, issuers.house.token(key=mine, kid="same", **led))
        await believed(client, issuers.house.token(**led))
    assert "/mine.json" not in issuers.house.asked


@pytest.mark.parametrize(
    "key_id", ["guess", "", "../../etc/passwd", "same' OR '1'='1", "same\x00", "s" * 4000, None, 1]
)
async def test_a_key_is_one_of_the_issuers(client: Client, issuers: Issuers, key_id: Any) -> None:
    key = issuers.house.keys[0]
    header = {"alg": "ES256"} if key_id is None else {"alg": "ES256", "kid": key_id}
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(issuers.house.claims()).encode())}"
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(signed.encode(), key.private)
    await refused(client, f"{signed}.{encoded(signature)}")


async def test_a_token_has_its_time(client: Client, service: Service, issuers: Issuers) -> None:
    now_s, house = int(time.time()), issuers.house
    expired = "The token has expired."
    await refused(client, house.token(house.claims(exp=now_s - 10)), expired)
    await refused(client, service.access_tokens.issue("anna", lifetime_s=-10), expired)
    await refused(client, client.identity.issue("anna", {}, lifetime_s=-10), expired)
    await refused(client, house.token(house.claims(nbf=now_s + HOUR_S)))
    await refused(client, house.token(house.claims(iat=now_s + HOUR_S)))


async def test_clocks_may_differ_by_seconds(client: Client, issuers: Issuers) -> None:
    async def is_believed() -> bool:
        now_s, house = int(time.time()), issuers.house
        token = house.token(house.claims(iat=now_s + 2, nbf=now_s + 2, exp=now_s - 2))
        return (await asked(client, token)).status_code == httpx.codes.NOT_FOUND

    await eventually(is_believed)


async def test_a_token_that_was_believed_expires_all_the_same(client: Client, issuers: Issuers) -> None:
    async def believed_at_last() -> str:
        """Return a token that is believed for a moment yet."""
        token = issuers.house.token(issuers.house.claims(exp=int(time.time()) - 3))
        return token if (await asked(client, token)).status_code == httpx.codes.NOT_FOUND else ""

    token = await eventually(believed_at_last)

    async def is_refused() -> bool:
        return (await asked(client, token)).status_code == httpx.codes.UNAUTHORIZED

    await eventually(is_refused)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("claim", ["sub", "exp", "iat", "iss", "aud"])
async def test_no_claim_may_be_missing(client: Client, issuers: Issuers, claim: str) -> None:
    await refused(client, issuers.house.token(issuers.house.claims(**{claim: None})))


@pytest.mark.parametrize("claim", ["v", "sid", "azp", "nbf", "sub"])
async def test_no_claim_of_clerks_may_be_missing(client: Client, issuers: Issuers, claim: str) -> None:
    await refused(client, issuers.clerk.token(issuers.clerk.clerk_claims(**{claim: None})))


@pytest.mark.parametrize("claim", ["jti", "nbf", "aud", "sub"])
async def test_no_claim_of_the_services_own_may_be_missing(client: Client, service: Service, claim: str) -> None:
    token = service.access_tokens.issue("anna")
    claims = jwt.decode(token, options={"verify_signature": False})
    sign = service.access_tokens.signer.sign
    await believed(client, sign(claims))
    await refused(client, sign({name: value for name, value in claims.items() if name != claim}))


@pytest.mark.parametrize(
    "claims",
    [
        '"exp": Infinity',
        '"exp": NaN',
        '"exp": 1e999',
        '"exp": "9999999999"',
        '"exp": [9999999999]',
        '"exp": 9999999999, "nbf": "soon"',
        '"exp": 9999999999, "sub": 7',
        '"exp": 9999999999, "sub": ""',
        '"exp": 9999999999, "sub": "' + "s" * 300 + '"',
        '"exp": 9999999999, "sub": {"$ne": null}',
        '"exp": 9999999999, "sid": ' + "[" * 2000 + "]" * 2000,
    ],
)
async def test_claims_of_other_types_are_refused(client: Client, issuers: Issuers, claims: str) -> None:
    key = issuers.house.keys[0]
    known = {name: value for name, value in issuers.house.claims().items() if name not in claims}
    content = f"{json.dumps(known)[:-1]}, {claims}}}".encode()
    await refused(client, jwt.PyJWS().encode(content, key.private, "ES256", headers={"kid": key.key_id}))


async def test_a_token_of_another_kind_shows_nobody(client: Client, issuers: Issuers) -> None:
    house = issuers.house
    logout = house.claims(events={"http://schemas.openid.net/event/backchannel-logout": {}})
    await refused(client, house.token(logout), "The token is not meant for this service.")
    await refused(client, house.token(typ="logout+jwt"))
    await refused(client, house.token(typ="dpop+jwt"))
    await refused(client, house.token(crit=["exp"]))
    await believed(client, house.token(typ="at+jwt"))


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer .",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer eyJ9.e30.",
        "Bearer {}.{}.{}",
        "Bearer \u00e9.\u00e9.\u00e9",
        "Bearer a b c",
        "Bearer null",
        "Basic YW5uYTpzZWNyZXQ=",
        "Digest username=anna",
    ],
)
async def test_garbage_is_refused(client: Client, shown: str) -> None:
    headers = {b"Authorization": shown.encode("latin-1")}
    problem(await client.http.get(client.path("/sales"), headers=headers), 401, "unauthenticated")


async def test_every_altered_letter_of_a_token_is_noticed(client: Client, issuers: Issuers) -> None:
    """But those whose last bits mean nothing: there another letter can say the same."""
    token = issuers.house.token()
    await believed(client, token)
    for place in range(0, len(token) - 1, 7):
        other = "B" if token[place] == "A" else "A"
        if "." not in token[place : place + 2]:
            await refused(client, f"{token[:place]}{other}{token[place + 1 :]}")


async def test_a_token_has_a_length(client: Client, issuers: Issuers) -> None:
    house = issuers.house
    long = house.token(house.claims(padding="x" * TOKEN_LENGTH_MAX))
    await refused(client, long, "The token is too long.")
    await refused(client, "a" * (TOKEN_LENGTH_MAX + 1), "The token is too long.")


async def test_a_header_that_is_sent_twice_is_not_chosen_from(client: Client, issuers: Issuers) -> None:
    good, bad = f"Bearer {issuers.house.token()}", "Bearer nonsense"
    for pair in ((good, bad), (bad, good), (good, good)):
        response = await client.http.get(client.path("/sales"), headers=[("Authorization", value) for value in pair])
        problem(response, 401, "unauthenticated")


async def test_a_signature_is_its_own_tokens(client: Client, issuers: Issuers) -> None:
    house = issuers.house
    mine, others = house.token(house.claims(sub="me")), house.token(house.claims(sub="you"))
    await refused(client, f"{others.rpartition('.')[0]}.{mine.rpartition('.')[2]}")


async def test_development_tokens_do_not_pass_through_a_proxy_and_others_do(client: Client, issuers: Issuers) -> None:
    assert (await asked(client, client.token)).status_code != httpx.codes.UNAUTHORIZED
    for header in ("X-Forwarded-For", "Forwarded"):
        spoken_for = {header: "for=203.0.113.7"}
        response = await client.http.get(client.path("/sales"), headers={**bearer(client.token), **spoken_for})
        problem(response, 401, "unauthenticated")
        token = issuers.house.token()
        response = await client.http.get(client.path("/sales"), headers={**bearer(token), **spoken_for})
        problem(response, 404, "unknown_organization")


@pytest.mark.parametrize("name", ["Content-Length: 2", "Idempotency-Key: 01935f00-0000-7000-8000-000000000001"])
async def test_no_other_header_that_is_said_twice_is_chosen_from(client: Client, name: str) -> None:
    said = name.replace("2", "3").replace("0001", "0002")
    length = "" if name.startswith("Content-Length") else "Content-Length: 2\r\n"
    head = f"POST {client.path('/no-op')} HTTP/1.1\r\nHost: {client.http.base_url.netloc.decode()}\r\n{length}"
    token = f"Authorization: Bearer {client.token}\r\nConnection: close\r\n"
    reader, writer = await asyncio.open_connection(client.http.base_url.host, client.http.base_url.port)
    writer.write(f"{head}{token}{name}\r\n{said}\r\n\r\n{{}}".encode())
    async with asyncio.timeout(10):
        status = (await reader.readline()).split()[1]
    writer.close()
    assert status == b"400"
