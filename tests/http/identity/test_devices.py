"""Machines as devices of an organization: by a code that counts once, known by a secret until they are revoked."""

import asyncio
from typing import Any

import asyncpg
import pytest

from consign.local.servers import LocalServers
from tests.http.identity.asking import asked, refused
from tests.support.eventually import eventually
from tests.support.shop import Client, Shop, new_id, problem
from tests.support.tablet import enrolled, invited, shown


async def listed(client: Client, device: str, position: int) -> dict[str, Any]:
    answer = await client.get("/devices", after_position=position)
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = next(row for row in answer.json()["items"] if row["device"] == device)
    return found


async def test_a_machine_becomes_a_device_by_its_code_and_is_known_by_its_secret(founded: Client) -> None:
    tablet = await enrolled(founded)
    problem(await asked(founded, tablet.secret), 403, "forbidden")
    position = (await founded.done(f"{tablet.path}/rename", {"name": "Till by the door"}))["position"]
    row = await listed(founded, tablet.device, position)
    assert (row["name"], row["status"], row["invited_until"]) == ("Till by the door", "enrolled", None)
    assert row["seen_at"] >= row["enrolled_at"] > row["invited_at"]


async def test_what_a_device_shows_reaches_no_other_organization(founded: Client, other: Client) -> None:
    tablet = await enrolled(founded)
    problem(await asked(other, tablet.secret), 404, "unknown_organization")
    problem(await asked(founded, tablet.secret, "platform"), 403, "forbidden")
    assert (await other.get("/devices")).json()["items"] == []
    for action in ("rename", "revoke"):
        body = {"name": "Ours now"} if action == "rename" else {}
        problem(await other.post(f"{tablet.path}/{action}", body), 404, "unknown_device")
    problem(await asked(founded, tablet.secret), 403, "forbidden")


async def test_a_code_counts_once_however_many_show_it_at_once(founded: Client) -> None:
    code = (await invited(founded, new_id()))["code"]
    answers = await asyncio.gather(
        *(shown(founded, written) for written in (code, code.lower(), f" {code[:5]} {code[6:]}"))
    )
    assert sum(answer.status_code == 200 for answer in answers) == 1
    problem(await shown(founded, code), 401, "sign_in_failed")


async def test_an_answer_that_was_lost_is_asked_for_again_and_its_code_takes_the_place_of_the_first(
    founded: Client,
) -> None:
    device, key = new_id(), new_id()
    first = await invited(founded, device, key=key)
    again = await invited(founded, device, key=key)
    assert (again["position"], again["expires_at"]) == (first["position"], first["expires_at"])
    problem(await shown(founded, first["code"]), 401, "sign_in_failed")
    assert (await shown(founded, again["code"])).status_code == 200
    assert (await invited(founded, device, key=key))["code"] is None
    problem(await founded.post(f"/devices/{device}/invite", {"name": "Till 1"}), 409, "device_enrolled")


async def test_a_revoked_device_counts_no_more_at_once_and_its_code_neither(founded: Client) -> None:
    tablet, waiting = await enrolled(founded), new_id()
    code = (await invited(founded, waiting))["code"]
    problem(await asked(founded, tablet.secret), 403, "forbidden")
    await founded.done(f"/devices/{waiting}/revoke")
    position = (await founded.done(f"{tablet.path}/revoke"))["position"]
    await refused(founded, tablet.secret, "The session has ended.")
    problem(await shown(founded, code), 401, "sign_in_failed")
    problem(await founded.post(f"{tablet.path}/invite", {"name": "Again"}), 409, "device_revoked")
    assert (await listed(founded, tablet.device, position))["status"] == "revoked"


async def test_secrets_that_are_nobodys_are_refused_like_any_token(founded: Client) -> None:
    tablet = await enrolled(founded)
    for wrong in (f"{tablet.secret[:-1]}{'A' if tablet.secret[-1] != 'A' else 'B'}", f"cd_{'0' * 32}_{'A' * 43}"):
        await refused(founded, wrong)


async def test_a_device_reports_how_many_sales_it_holds(shop: Shop) -> None:
    tablet = await enrolled(shop.client)
    path = f"/sessions/{shop.session}/report-unsynced"
    said = await shop.client.done(path, {"unsynced": 3}, x_device_secret=tablet.secret)
    await shop.client.done(path, {"unsynced": 4})
    row = await listed(shop.client, tablet.device, said["position"])
    assert row["unsynced"] == 3
    assert row["unsynced_at"] > row["enrolled_at"]


async def test_a_device_is_recorded_where_its_secret_shows_it_and_a_name_for_one_is_refused(
    shop: Shop, other: Client
) -> None:
    tablet, neighbour, elsewhere = await enrolled(shop.client), await enrolled(shop.client), await enrolled(other)
    key = await shop.client.done(f"/api-keys/{new_id()}/create", {"name": "Shop on the web"})
    path, said = f"/sessions/{shop.session}/report-unsynced", {"unsynced": 3}
    for claimed in (tablet.device, new_id(), "K1", "x" * 100, "a\tb"):
        problem(await shop.client.post(path, said, x_device_id=claimed), 403, "device_unproven")
    for nobodys in (elsewhere.secret, f"{tablet.secret[:-2]}AA", key["secret"], shop.client.token, "", "Bearer x"):
        shown = {"x_device_secret": nobodys, "x_device_id": tablet.device}
        problem(await shop.client.post(path, said, **shown), 403, "device_unproven")
    shown = {"x_device_secret": neighbour.secret, "x_device_id": tablet.device}
    problem(await shop.client.post(path, said, **shown), 403, "device_differs")
    shown = {"x_device_secret": tablet.secret, "x_device_id": tablet.device}
    position = (await shop.client.done(path, said, **shown))["position"]
    audit = (await shop.client.get("/audit", order="newest")).json()["items"]
    assert {each["device"] for each in audit if each["position"] == position} == {tablet.device}
    await shop.client.done(f"{tablet.path}/revoke")
    problem(await shop.client.post(path, said, **shown), 403, "device_unproven")


@pytest.mark.parametrize("machine", ["device", "key"])
async def test_what_was_revoked_in_another_process_is_refused_here_soon(
    founded: Client, service_servers: LocalServers, machine: str
) -> None:
    tablet, key = await enrolled(founded), new_id()
    made = await founded.done(f"/api-keys/{key}/create", {"name": "Shop on the web"})
    secret = tablet.secret if machine == "device" else made["secret"]
    problem(await asked(founded, secret), 403, "forbidden")
    connection = await asyncpg.connect(service_servers.postgres_url)
    table = {"device": "devices", "key": "api_keys"}[machine]
    await connection.execute(
        f"UPDATE identity.{table} SET revoked_at = now() WHERE organization_id = $1", founded.organization
    )
    await connection.close()

    async def is_refused() -> bool:
        return (await asked(founded, secret)).status_code == 401

    await eventually(is_refused)
