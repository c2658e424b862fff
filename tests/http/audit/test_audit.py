"""Who did what, from where and for whom, as an auditor asks for it."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import asyncpg

from consign.local.servers import LocalServers
from tests.http.test_queries import read
from tests.support.shop import Client, Shop, new_id, problem
from tests.support.tablet import enrolled

THIS_MACHINE = "127.0.0.0/24"


async def audited(client: Client, **asked: Any) -> list[dict[str, Any]]:
    """Return all deeds, page by page, but for the traces of asking."""
    found: list[dict[str, Any]] = []
    cursor: Mapping[str, str] = {}
    while True:
        page = await read(client, "/audit", **asked, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return [each for each in found if each["event"] != "data-shown"]
        cursor = {"cursor": page["next_cursor"]}


async def test_an_organizer_at_somebody_elses_till_shows_as_both_with_the_device_and_where_from(shop: Shop) -> None:
    client = shop.client
    await client.done(f"/sessions/{shop.session}/hand-over", {"to_cashier": "casey"})
    basket, tablet = new_id(), await enrolled(client)
    await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]}, x_device_secret=tablet.secret)
    (scanned,) = await audited(client, on_behalf_of="casey", aggregate="session")
    assert (scanned["account"], scanned["role"], scanned["device"]) == ("anna", "organizer", tablet.device)
    assert scanned["origin"] == THIS_MACHINE
    assert scanned["stream"] == f"session-{shop.session}"


async def test_the_log_is_told_by_account_role_device_kind_and_event(shop: Shop) -> None:
    client = shop.client
    casey = client.token_of("casey", {client.organization: ("cashier",)})
    await client.done(f"/sessions/{shop.session}/hand-over", {"to_cashier": "casey"})
    tablet, scan = await enrolled(client), shop.basket(new_id(), "scan")
    await client.done(scan, {"tag": shop.tags[0]}, token=casey, x_device_secret=tablet.secret)
    everything = await audited(client)
    assert [each["position"] for each in everything] == list(range(1, len(everything) + 1))
    for asked in (
        {"account": "casey"},
        {"role": "cashier"},
        {"device": tablet.device},
        {"event": "item-listed"},
        {"account": "anna", "event": "item-listed"},
    ):
        wanted = [each for each in everything if all(each[name] == value for name, value in asked.items())]
        assert wanted
        assert await audited(client, **asked) == wanted
    ledgers = [each for each in everything if each["stream"] == f"ledger-{shop.sale}"]
    assert await audited(client, aggregate="ledger") == ledgers
    assert await audited(client, account="nobody") == []


async def test_pages_go_on_where_the_one_before_ended_in_either_order(shop: Shop) -> None:
    client = shop.client
    everything = await audited(client)
    assert await audited(client, limit=3) == everything
    assert await audited(client, limit=3, order="newest") == everything[::-1]


async def test_a_part_of_the_log_is_named_by_positions_or_times(shop: Shop) -> None:
    client = shop.client
    everything = await audited(client)
    part = everything[3:7]
    assert await audited(client, **{"from": 4, "to": 7}) == part
    assert await audited(client, **{"from": part[0]["recorded_at"], "to": part[-1]["recorded_at"]}) == part
    assert await audited(client, **{"from": 10**15}) == []
    assert await audited(client, to="2001-01-01T00:00:00Z") == []
    assert await audited(client, **{"from": "2001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}) == everything


async def test_the_table_says_the_same_and_where_it_goes_on(shop: Shop) -> None:
    client = shop.client
    everything = await audited(client)
    first = await client.get("/audit.csv", limit=5)
    assert first.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(first.text)))
    link = first.headers["link"].removeprefix("<").removesuffix('>; rel="next"')
    rest = await client.http.get(link.replace("limit=5", "limit=5000"), headers=client.headers())
    rows += csv.DictReader(io.StringIO(rest.text))
    assert "link" not in rest.headers
    rows = [row for row in rows if row["event"] != "data-shown"]
    assert [row["position"] for row in rows] == [str(each["position"]) for each in everything]
    assert all(row["account"] == "anna" and row["origin"] == THIS_MACHINE for row in rows)


async def test_an_unchanged_log_is_not_told_again(shop: Shop) -> None:
    client = shop.client
    answers: list[int] = []
    while 304 not in answers:  # asking leaves a trace, once an hour
        assert len(answers) < 3, answers
        told = await client.get("/audit", account="anna")
        answers.append(await status_of(client, told.headers["etag"]))
    told = await client.get("/audit", account="anna")
    await shop.sold(shop.tags[0])
    assert await status_of(client, told.headers["etag"]) == 200


async def status_of(client: Client, known: str) -> int:
    headers = {"Authorization": f"Bearer {client.token}", "If-None-Match": known}
    answer = await client.http.get(client.path("/audit"), params={"account": "anna"}, headers=headers)
    assert bool(answer.content) == (answer.status_code == 200)
    return answer.status_code


async def test_operators_are_told_of_the_platform(shop: Shop) -> None:
    client = shop.client
    asked: dict[str, str | int] = {"event": "organization-registered", "order": "newest", "limit": 100}
    headers = client.headers()
    told = await client.http.get("/api/v1/organizations/platform/audit", params=asked, headers=headers)
    assert {each["origin"] for each in told.json()["items"]} == {THIS_MACHINE}
    assert f"organization-{client.organization}" in {each["stream"] for each in told.json()["items"]}


async def test_a_checkpoint_is_the_hash_of_the_logs_end(shop: Shop, service_servers: LocalServers) -> None:
    client = shop.client
    kept = await read(client, "/audit/checkpoint")
    position, log_hash = kept["checkpoint"].split(":")
    assert int(position) == kept["position"]
    database = await asyncpg.connect(service_servers.postgres_url)
    where = "WHERE organization_id = $1 AND position = $2"
    stored = await database.fetchval(f"SELECT hash FROM consign.events {where}", client.organization, int(position))
    await database.close()
    assert stored.hex() == log_hash


async def test_only_leaders_and_auditors_are_told(shop: Shop) -> None:
    client = shop.client
    for role, status in (("auditor", 200), ("organizer", 200), ("cashier", 403), ("consignor", 403)):
        token = client.token_of("somebody", {client.organization: (role,)})
        assert (await client.get("/audit", token=token)).status_code == status
    stranger = client.token_of("stranger", {})
    problem(await client.get("/audit", token=stranger), 404, "unknown_organization")
    problem(await client.get("/audit", acount="anna"), 400, "parameter_invalid")
    problem(await client.get("/audit", aggregate="gossip"), 400, "parameter_invalid")
