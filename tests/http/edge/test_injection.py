"""Text that means something to databases, terminals, logs and headers is text here, wherever it is put."""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from itertools import cycle
from urllib.parse import quote

import httpx
import pytest

from consign.service.process import Service
from tests.http.matrix.test_matrix import ALL_IDS
from tests.support.eventually import eventually
from tests.support.shop import Client, Shop, problem

OR_TRUE = "' OR '1'='1"
NEW_HEADER = "a\r\nX-Injected: 1"
COLOURS = "\x1b[31mred\x1b[0m\n{}"
OTHER_ATTACKS = (
    "'; DROP SCHEMA public CASCADE; --",
    "1 UNION SELECT organization_id FROM events",
    "%' OR price_minor>0 -- \\\"$1",
    NEW_HEADER,
    COLOURS,
    "9" * 400,
)
ATTACKS = (OR_TRUE, *OTHER_ATTACKS)
FORGED = b'{"event":"forged"}'


def parameters_of(url: str) -> Iterator[tuple[str, str]]:
    """Yield the path and name of every parameter in a query that the service's document tells of."""
    document = httpx.get(f"{url}/schema/openapi.json").json()
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and not path.endswith("/live"):
                yield path, parameter["name"]


def unharmed(answer: httpx.Response) -> bool:
    return answer.status_code < 500 and "x-injected" not in answer.headers


async def test_no_parameter_of_any_query_reaches_the_database_as_anything_but_a_value(
    service: Service, shop: Shop
) -> None:
    client = shop.client
    before = (await client.get("/items")).json()["items"]
    ids = {**ALL_IDS, "organization": client.organization, "sale": shop.sale, "session": shop.session}
    ids["tag"] = shop.tags[0]
    headers = {"Authorization": f"Bearer {client.token}"}
    wanted = list(parameters_of(service.url))
    assert len(wanted) > 30
    harmed = []
    for (path, name), other in zip(wanted, cycle(OTHER_ATTACKS), strict=False):
        for attack in (OR_TRUE, other):
            answer = await client.http.get(path.format_map(ids), params={name: attack}, headers=headers)
            tells_all = answer.status_code == 200 and shop.tags[0] in answer.text and attack is OR_TRUE
            if not unharmed(answer) or tells_all:
                harmed.append((path, name, attack, answer.text))
    assert harmed == []
    assert (await client.get("/items")).json()["items"] == before


async def test_no_id_in_any_path_is_anything_but_an_id(service: Service, client: Client) -> None:
    await client.found()
    document = (await client.http.get("/schema/openapi.json")).json()
    harmed = []
    for path, operations in document["paths"].items():
        names = {each["name"] for each in next(iter(operations.values()))["parameters"] if each["in"] == "path"}
        for name in names:
            for attack in (OR_TRUE, NEW_HEADER, COLOURS):
                ids: Mapping[str, str] = {**ALL_IDS, "organization": client.organization, name: quote(attack, safe="")}
                for method in operations:
                    body = b"{}" if method == "post" else None
                    answer = await client.http.request(
                        method, path.format_map(ids), content=body, headers=client.headers()
                    )
                    if not unharmed(answer) or answer.status_code == 200:
                        harmed.append((method, path, attack, answer.text))
    assert harmed == []


async def test_no_client_writes_a_line_of_the_log(
    service: Service, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    mark = secrets.token_hex(16)
    refused = await _answer_to(service, mark, "\x1b[31m" + '"}\x7f')
    assert refused.startswith(b"HTTP/1.1 400 "), "control characters are no header"
    answered = await _answer_to(service, mark, '"}\t{"' + "\xff\x9b31m")
    assert b"x-correlation-id" in answered
    for attack in ATTACKS:
        await client.get("/items", status=attack)
    logged: list[str] = []

    async def all_is_written() -> bool:
        logged.extend(line for line in capfd.readouterr().err.split("\n") if line)
        return len(logged) > len(ATTACKS)

    await eventually(all_is_written, within_s=20)
    for line in logged:
        assert line.isprintable(), repr(line)
        assert json.loads(line)["event"] != "forged"
        assert mark not in line


async def _answer_to(service: Service, mark: str, nasty: str) -> bytes:
    """Send a request with the nasty text in every header, and in its path; return the answer."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [
        f"GET /api/v1/organizations/x%0A{quote(FORGED)}%1b%5b31m/sales?{mark} HTTP/1.1",
        "Host: a",
        *(f"{name}: {nasty}" for name in ("Authorization", "X-Correlation-Id", "X-Device-Id", "User-Agent", "Accept")),
        "Connection: close",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 500_000,
        b'{"a":' * 150_000,
        b'{"rows":' + b"[" * 900_000 + b"}",
        b'{"amount_minor": 1e400, "reason": "a"}',
        b'{"amount_minor": ' + b"9" * 200_000 + b', "reason": "a"}',
        b'{"amount_minor": 1E-999999999, "reason": "a"}',
        b'{"amount_minor": 1, "reason": "' + b"\\ud800" * 1000 + b'"}',
        b'{"amount_minor": 1, "amount_minor": -5, "reason": "a", "reason": {}}',
    ],
    ids=["arrays", "objects", "rows", "infinite", "long", "tiny", "surrogates", "twice"],
)
async def test_bodies_that_are_deep_or_hold_huge_numbers_are_refused(shop: Shop, content: bytes) -> None:
    for path in (f"/sessions/{shop.session}/move-cash", f"/sales/{shop.sale}/import-items"):
        refused = await shop.client.send(path, content)
        assert refused.status_code in (400, 422), refused.text
        assert len(refused.content) < 10_000
    webhook = await shop.client.http.post("/webhooks/clerk", content=content)
    assert webhook.status_code in (400, 401, 422), webhook.text


@pytest.mark.parametrize(
    "table",
    [
        "consignor,category,description,price\r\n17,toys," + "x" * 1_000_000 + ",100\r\n",
        'consignor,category,description,price\r\n17,toys,"' + "x" * 1_000_000,
        "consignor,category,description,price\r\n" + "," * 1_000_000,
        ",".join(f"c{number}" for number in range(100_000)) + "\r\n1\r\n",
        "consignor,category,description,price\r\n" + "17,toys,Toy,100\r\n" * 50_000,
    ],
    ids=["cell", "unclosed", "commas", "columns", "rows"],
)
async def test_tables_with_huge_cells_columns_or_rows_are_refused(shop: Shop, table: str) -> None:
    refused = await shop.client.send(f"/sales/{shop.sale}/import-items", table.encode(), media_type="text/csv")
    assert refused.status_code in (400, 413, 415, 422), refused.text[:500]
    assert len(refused.content) < 500_000
    assert (await shop.client.get("/items")).json()["items"]


async def test_media_types_that_are_not_read_are_refused(shop: Shop) -> None:
    for media_type in (
        "text/html",
        "application/xml",
        "multipart/form-data; boundary=a",
        "application/x-www-form-urlencoded",
    ):
        refused = await shop.client.send(f"/sales/{shop.sale}/import-items", b"{}", media_type=media_type)
        problem(refused, 415, "unsupported_media_type")
