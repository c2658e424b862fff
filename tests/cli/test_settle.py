"""`consign upload` and `consign settle`: from a till that was away to the file for the bank."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consign.client import Client, RequestRefused, new_id
from tests.papers.reading import texts
from tests.support.command_line import Serving, consign, data_directory, serving
from tests.support.settled_shop import ADAS_IBAN, DEBTOR

pytestmark = pytest.mark.slow

PRICE_MINOR = 450


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def service(directory: Path) -> Iterator[Serving]:
    with serving(directory) as service:
        yield service


def made(counter: int, tag: str, price_minor: int) -> dict[str, Any]:
    return {
        "sale_id": new_id(),
        "counter": counter,
        "lines": [{"tag": tag, "price_minor": price_minor}],
        "tenders": [{"kind": "card", "amount_minor": price_minor}],
        "total_minor": price_minor,
        "occurred_at": datetime.now(UTC).isoformat(),
    }


def uploaded(path: Path, *sales: Any) -> Path:
    given = {
        "session": new_id(),
        "till": "AWAY",
        "cashier": "anna",
        "sent_at": datetime.now(UTC).isoformat(),
        "sales": sales,
        "unsynced": 0,
    }
    path.write_text(json.dumps(given))
    return path


async def prices_of(service: Serving) -> dict[str, int]:
    """What the things cost that the demo names."""
    async with Client(service.said("ready"), service.said("token"), "demo") as desk:
        tags = [tag.replace("-", "") for tag in service.tags]
        return {tag: (await desk.get(f"/items/{tag}"))["price_minor"] for tag in tags}


async def to_be_settled(service: Serving, session: str) -> str:
    """Close the till, say whose account pays and where the first consignor is paid; return who that is."""
    async with Client(service.said("ready"), service.said("token"), "demo") as desk:
        sale = f"/sales/{service.said('sale')}"
        await desk.command(f"/sessions/{session}/close", {"counted_minor": 0, "reason": "as counted"})
        settings = (await desk.get(sale))["settings"]
        await desk.command(f"{sale}/change-settings", {"settings": {**settings, "settlement": {"debtor": DEBTOR}}})
        for phase in ("pick_up", "settlement"):
            await desk.command(f"{sale}/change-phase", {"phase": phase})
        rows = [row async for row in desk.rows("/participations", sale=service.said("sale"))]
        for row in rows:
            details = {"sale": service.said("sale"), "details": {"name": "A consignor", "iban": ADAS_IBAN}}
            await desk.command(f"/participations/{row['participation']}/change-payout-details", details)
        return str(len(rows))


def test_a_sale_is_uploaded_frozen_stated_and_paid_from_the_command_line(
    service: Serving, directory: Path, tmp_path: Path
) -> None:
    prices = asyncio.run(prices_of(service))
    (first, first_minor), (second, second_minor), *_ = prices.items()
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    file = uploaded(tmp_path / "away.json", made(1, first, first_minor), made(2, second, second_minor))
    taken = consign("upload", file, *words)
    assert taken.returncode == 0, taken.stderr
    assert [line.split()[1:3] for line in taken.stdout.splitlines()] == [["received", "AWAY-1"], ["received", "AWAY-2"]]
    assert ["known" in line for line in consign("upload", file, *words).stdout.splitlines()] == [True, True]

    twice = consign("upload", uploaded(tmp_path / "twice.json", made(3, first, first_minor), {"torn": 1}), *words)
    assert twice.returncode == 1
    assert "conflict" in twice.stdout.splitlines()[0]
    assert "quarantined" in twice.stdout.splitlines()[1]
    assert "2 of 2 sales wait" in twice.stderr
    assert consign("upload", __file__, *words).returncode == 2

    consignors = asyncio.run(to_be_settled(service, json.loads(file.read_text())["session"]))
    settle = ("settle", *words)
    preview = consign(*settle, "preview")
    rows = list(csv.DictReader(io.StringIO(preview.stdout)))
    assert sum(int(row["gross_minor"]) for row in rows) == first_minor + second_minor
    assert len(rows) == int(consignors)

    asked = consign(*settle, "freeze")
    assert (asked.returncode, "Say --yes" in asked.stderr) == (2, True)
    blocked = consign(*settle, "freeze", "--yes")
    assert blocked.returncode == 1
    assert "settlement_blocked" in blocked.stderr
    accepted = asyncio.run(obstacles(service))
    flags = [word for each in accepted for word in ("--accept", f"{each['kind']}={each['detail']}")]
    frozen = consign(*settle, "freeze", *flags, "--reason", "seen to tomorrow", "--yes")
    assert frozen.returncode == 0, frozen.stderr
    assert frozen.stdout.startswith(f"{consignors} statements over ")

    folder = tmp_path / "out"
    written = consign(*settle, "statements", folder)
    assert written.returncode == 0, written.stderr
    assert len(list(folder.glob("*.pdf"))) == len(list(folder.glob("*.csv"))) == int(consignors)
    assert "Statement S1" in texts((folder / "0001-S1.pdf").read_bytes())[0]

    unsaid = consign(*settle, "payouts", folder, "--method", "sepa")
    assert (unsaid.returncode, "payouts are due" in unsaid.stderr) == (2, True)
    paid = consign(*settle, "payouts", folder, "--method", "sepa", "--execute-on", "2026-12-01", "--yes")
    assert paid.returncode == 0, paid.stderr
    assert sha256((folder / "B1.xml").read_bytes()).hexdigest() in paid.stdout
    assert (
        consign(*settle, "payouts", folder, "--method", "sepa", "--execute-on", "2026-12-01", "--yes").returncode == 1
    )


async def obstacles(service: Serving) -> list[Any]:
    async with Client(service.said("ready"), service.said("token"), "demo") as desk:
        with pytest.raises(RequestRefused) as refused:
            await desk.command(f"/sales/{service.said('sale')}/settlement/freeze")
        return refused.value.errors
