"""Getting in and out of an organization over HTTP: roles come from memberships, and at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from consign.local.servers import LocalServers
from consign.service import running_service
from consign.service.process import Service
from consign.settings import Settings
from tests.e2e.service_process import KEY_ENCRYPTION_KEY
from tests.http.conftest import ServiceThread
from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

PATIENCE_S = 20.0
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()


def signed_in(client: Client, account: str) -> str:
    """Return a token that says who somebody is and gives no role anywhere."""
    return client.token_of(account, {})


async def invited(client: Client, *roles: str) -> str:
    """Invite somebody; return the code once the invitation can be seen."""
    body = {"roles": roles, "expires_at": TOMORROW, "address": {"name": "Petra", "email": "petra@example.org"}}
    answer = await client.done(f"/member-invitations/{new_id()}/invite", body)
    await client.get("/member-invitations", after_position=answer["position"])
    return str(answer["code"])


async def sales_seen_by(client: Client, token: str, **headers: str) -> httpx.Response:
    return await client.http.get(client.path("/sales"), headers={"Authorization": f"Bearer {token}", **headers})


async def test_a_founder_is_organizer_of_what_they_founded(client: Client) -> None:
    token = signed_in(client, "anna")
    assert (await client.found()).status_code == 200
    planned = await client.post(f"/sales/{new_id()}/plan", {"name": "Spring", "settings": SETTINGS}, token=token)
    assert planned.status_code == 200, planned.text
    other = signed_in(client, "mallory")
    problem(await sales_seen_by(client, other), 404, "unknown_organization")


async def test_a_role_counts_from_the_moment_it_is_granted(shop: Shop) -> None:
    client, token = shop.client, signed_in(shop.client, "petra")
    await client.done("/memberships/petra/grant-roles", {"roles": ["auditor"]})
    assert (await sales_seen_by(client, token)).status_code == 200
    problem(
        await client.post(f"/sessions/{new_id()}/open", {"sale": shop.sale, "till": "K7"}, token=token),
        403,
        "forbidden",
    )


async def test_who_was_refused_a_moment_ago_is_let_in_after_the_grant(shop: Shop) -> None:
    client, token = shop.client, signed_in(shop.client, "petra")
    problem(await sales_seen_by(client, token), 404, "unknown_organization")
    granted = await client.done("/memberships/petra/grant-roles", {"roles": ["cashier"]})
    told = {"X-Consign-After": str(granted["position"])}
    assert (await sales_seen_by(client, token, **told)).status_code == 200


async def test_a_membership_that_ended_counts_no_more(shop: Shop) -> None:
    client, token = shop.client, signed_in(shop.client, "petra")
    await client.done("/memberships/petra/grant-roles", {"roles": ["cashier"]})
    assert (await sales_seen_by(client, token)).status_code == 200
    await client.done("/memberships/petra/end")

    async def refused() -> bool:
        return (await sales_seen_by(client, token)).status_code == 404

    await eventually(refused)


async def test_a_member_leaves_and_ends_nobody_elses_membership(shop: Shop) -> None:
    client, token = shop.client, signed_in(shop.client, "petra")
    for account in ("petra", "quentin"):
        await client.done(f"/memberships/{account}/grant-roles", {"roles": ["cashier"]})
    problem(await client.post("/memberships/quentin/end", token=token), 404, "unknown_account")
    problem(await client.get("/memberships/quentin", token=token), 404, "unknown_member")
    assert (await client.get("/memberships/petra", token=token)).json()["roles"] == ["cashier"]
    assert (await client.post("/memberships/petra/end", token=token)).status_code == 200


async def test_a_live_screen_ends_with_the_membership(shop: Shop) -> None:
    client, token = shop.client, signed_in(shop.client, "petra")
    await client.done("/memberships/petra/grant-roles", {"roles": ["cashier"]})
    headers = {"Authorization": f"Bearer {token}"}
    async with client.http.stream("GET", client.path("/live?read_models=books"), headers=headers) as stream:
        assert stream.status_code == 200
        await client.done("/memberships/petra/end")
        async with asyncio.timeout(PATIENCE_S):
            async for _ in stream.aiter_bytes():
                pass  # until the service ends it


async def test_where_anyone_may_sign_up_whoever_is_signed_in_founds_an_organization(
    service_servers: LocalServers, tmp_path: Path
) -> None:
    settings = Settings(
        data_directory=tmp_path,
        port=0,
        database_url=service_servers.postgres_url,
        nats_url=service_servers.nats_url,
        key_encryption_key=KEY_ENCRYPTION_KEY,
        sign_up="anyone",
    )
    async with running_service(settings) as service, Client(service.url, service.identity) as client:
        client.token = signed_in(client, "petra")
        assert (await client.found()).status_code == 200
        assert (await client.get("/memberships/petra")).json()["roles"] == ["organizer"]
        client.token = signed_in(client, "mallory")
        problem(await client.found(), 409, "organization_exists")
        body = {"organization": "for-another", "name": "Fair", "currency": "EUR", "organizer": "petra"}
        founded = await client.http.post("/api/v1/organizations", json=body, headers=client.headers())
        problem(founded, 403, "forbidden")


async def test_an_invitation_makes_a_member_once(shop: Shop) -> None:
    client = shop.client
    code = await invited(client, "cashier", "volunteer")
    listed = (await client.get("/member-invitations", status="open")).json()["items"]
    assert [row["address"]["name"] for row in listed] == ["Petra"]
    accepted = await client.done("/accept-invitation", {"code": code.lower()}, token=signed_in(client, "petra"))
    assert accepted["roles"] == ["cashier", "volunteer"]
    again = await client.post("/accept-invitation", {"code": code}, token=signed_in(client, "mallory"))
    problem(again, 409, "invitation_invalid")
    members = (await client.get("/memberships", after_position=accepted["position"])).json()["items"]
    assert {row["account"]: row["roles"] for row in members} == {
        "anna": ["organizer"],
        "petra": ["cashier", "volunteer"],
    }
    listed = (await client.get("/member-invitations")).json()["items"]
    assert [(row["status"], row["address"]) for row in listed] == [("accepted", None)]


async def test_the_address_of_an_invitation_is_readable_until_the_invitation_is_over(
    shop: Shop, service: Service, service_thread: ServiceThread
) -> None:
    async def addresses() -> list[Any]:
        return [row["address"] for row in (await shop.client.get("/member-invitations")).json()["items"]]

    await invited(shop.client, "cashier")
    day_after = datetime.fromisoformat(TOMORROW) + timedelta(seconds=1)
    await service_thread.done(service.retention.sweep())
    assert [each["name"] for each in await addresses()] == ["Petra"]
    await service_thread.done(service._vault.forget_ended(day_after, 500))
    assert await addresses() == [None]


async def test_an_invitation_opens_no_other_organization(shop: Shop) -> None:
    client, other = shop.client, Client(str(shop.client.http.base_url), shop.client.identity)
    async with other:
        assert (await other.found()).status_code == 200
        code = await invited(client, "organizer")
        answer = await other.post("/accept-invitation", {"code": code}, token=signed_in(client, "petra"))
        problem(answer, 409, "invitation_invalid")


async def test_anybody_joins_where_they_may_and_takes_part_at_once(client: Client) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    token = signed_in(client, "carla")
    problem(await client.post("/join", token=token), 409, "joining_closed")
    await client.done("/change-joining", {"is_open": True})
    assert (await client.done("/join", token=token))["roles"] == ["consignor", "shopper"]
    part = f"/participations/{new_id()}/take-part"
    assert (await client.done(part, {"sale": shop.sale}, token=token))["number"] == 1


async def test_only_operators_found_organizations_here_and_for_whom_they_like(client: Client) -> None:
    body = {"organization": client.organization, "name": "Spring fair", "currency": "EUR"}

    async def found(token: str, **more: Any) -> httpx.Response:
        headers = client.headers(token=token)
        return await client.http.post("/api/v1/organizations", json={**body, **more}, headers=headers)

    problem(await found(signed_in(client, "petra")), 403, "forbidden")
    operator = client.token_of("olaf", {"platform": ("operator",)})
    assert (await found(operator, organizer="petra")).status_code == 200
    assert (await sales_seen_by(client, signed_in(client, "petra"))).status_code == 200
    problem(await sales_seen_by(client, signed_in(client, "olaf")), 404, "unknown_organization")


async def test_operators_are_members_of_the_platform_and_nothing_in_an_organization(shop: Shop) -> None:
    client = shop.client
    by_hand = client.token_of("root", {"platform": ("operator",)})
    path = "/api/v1/organizations/platform/memberships/olaf/grant-roles"
    granted = await client.http.post(path, json={"roles": ["operator"]}, headers=client.headers(token=by_hand))
    assert granted.status_code == 200, granted.text
    olaf = signed_in(client, "olaf")
    members = await client.http.get(
        "/api/v1/organizations/platform/memberships", headers={"Authorization": f"Bearer {olaf}"}
    )
    assert "olaf" in {row["account"] for row in members.json()["items"]}
    problem(await sales_seen_by(client, olaf), 404, "unknown_organization")
    pretended = client.token_of("olaf", {client.organization: ("operator",)})
    problem(await sales_seen_by(client, pretended), 404, "unknown_organization")
    problem(
        await client.post("/memberships/olaf/grant-roles", {"roles": ["organizer"]}, token=pretended),
        404,
        "unknown_organization",
    )
