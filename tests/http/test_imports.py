"""A large import is read and decided in small portions, and whoever queues at a till is served meanwhile."""

import asyncio
import json

import asyncpg
import msgspec

from consign.http.import_digest import csv_digest, json_digest
from consign.http.items_import import ItemRowBody
from consign.http.tables import CHUNK_ROWS, Cells, csv_rows, json_rows
from consign.local.servers import LocalServers
from tests.support.others import others
from tests.support.shop import Client, Shop, new_id

MANY = 4000
LEAST_TURNS = 15
"""More than a reader without any pause would let others have, less than one that pauses every few hundred rows."""


def row(index: int) -> dict[str, object]:
    return {"consignor": 17, "category": "toys", "description": f"Toy {index}", "price_minor": 100}


def raw(*rows: object) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(each).encode()) for each in rows]


async def test_the_rows_of_a_csv_are_read_in_bites() -> None:
    def read(cells: Cells, _: int) -> str:
        return cells["name"]

    body = b"name\n" + b"".join(b"Toy %d\n" % index for index in range(MANY))
    async with others() as them:
        rows = await csv_rows(body, ("name",), read)
        await csv_digest("import", (), body)
    assert len(rows.good) == MANY
    assert them.turns >= LEAST_TURNS


async def test_the_rows_of_a_json_body_are_read_in_bites() -> None:
    given = raw(*map(row, range(MANY)))
    async with others() as them:
        rows = await json_rows(given, ItemRowBody)
    assert len(rows.good) == MANY
    assert them.turns >= LEAST_TURNS


async def test_the_same_rows_are_the_same_import_however_they_are_written() -> None:
    one, other = raw({"a": 1, "b": [2]}, {"c": 3}), [msgspec.Raw(b'{ "b":[2], "a":1 }'), msgspec.Raw(b'{"c": 3}')]
    digest = await json_digest("import", ("sale",), one)
    assert await json_digest("import", ("sale",), other) == digest
    assert await json_digest("import", ("sale",), one[:1]) != digest
    assert await json_digest("import", ("other",), one) != digest


async def test_no_command_of_an_import_lists_more_than_a_few_rows(
    client: Client, service_servers: LocalServers
) -> None:
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    await client.done(f"/sales/{shop.sale}/import-consignors", {"rows": [{"number": 17}]})
    rows = [row(index) for index in range(2 * CHUNK_ROWS + 1)]
    listed = (await client.done(f"/sales/{shop.sale}/import-items", {"rows": rows}))["listed"]
    assert [each["row"] for each in listed] == list(range(2 * CHUNK_ROWS + 1))
    assert [each["tag"][7:10] for each in listed] == [f"{number:03}" for number in range(1, 2 * CHUNK_ROWS + 2)]
    connection = await asyncpg.connect(service_servers.postgres_url)
    try:
        commands = await connection.fetch(
            "SELECT count(*) FROM consign.events WHERE organization_id = $1 AND type = 'item-listed' "
            "GROUP BY command_id ORDER BY min(position)",
            client.organization,
        )
    finally:
        await connection.close()
    assert [command["count"] for command in commands] == [CHUNK_ROWS, CHUNK_ROWS, 1]


async def test_a_till_of_another_organization_is_served_while_an_import_is_under_way(
    client: Client, shop: Shop
) -> None:
    async with Client(str(client.http.base_url), client.identity) as organizer:
        importing = await Shop.planned(organizer)
        await importing.move_to("registration")
        people = [{"number": number} for number in range(1, 11)]
        await organizer.done(f"/sales/{importing.sale}/import-consignors", {"rows": people})
        rows = [row(index) | {"consignor": index % 10 + 1} for index in range(MANY)]
        task = asyncio.create_task(organizer.done(f"/sales/{importing.sale}/import-items", {"rows": rows}))
        basket, scanned = new_id(), 0
        while not task.done():
            await shop.client.done(shop.basket(basket, "scan"), {"tag": shop.tags[0]})
            await shop.client.done(shop.basket(basket, "remove-line"), {"tag": shop.tags[0]})
            scanned += not task.done()
        assert len((await task)["listed"]) == MANY
    assert scanned >= 3, "scans must not wait for the whole import"
