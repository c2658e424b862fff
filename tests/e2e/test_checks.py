"""The checks after a run can fail: each finds what it is there to find in a log that was tampered with."""

from collections.abc import Callable

import msgspec

from tests.e2e.log_checks import check_acknowledged, check_books, check_log, check_refusals
from tests.e2e.paper_checks import check_settlements, check_tills
from tests.e2e.selling import ACME, selling
from tests.e2e.service_process import site
from tests.e2e.stored import Stored, read_stored
from tests.support.cluster import Database


def without_an_event(stored: Stored) -> Stored:
    return stored._replace(events=stored.events[:40] + stored.events[41:])


def with_an_altered_event(stored: Stored) -> Stored:
    changed = msgspec.structs.replace(stored.events[20], account_id="somebody else")
    return stored._replace(events=[*stored.events[:20], changed, *stored.events[21:]])


def without_the_newest_commands(stored: Stored) -> Stored:
    kept = {key: record for key, record in stored.commands.items() if record.position < stored.head.position - 5}
    return stored._replace(commands=kept)


def with_receipts_twice(stored: Stored) -> Stored:
    again = [event for event in stored.events if event.type == "basket-paid"]
    return stored._replace(events=[*stored.events, *again])


def with_payouts_twice(stored: Stored) -> Stored:
    again = [event for event in stored.events if event.type == "payouts-paid"]
    return stored._replace(events=[*stored.events, *again])


def with_dearer_items(stored: Stored) -> Stored:
    events = [
        msgspec.structs.replace(event, data=event.data.replace(b'"price_minor":', b'"price_minor":1'))
        if event.type == "items-sold"
        else event
        for event in stored.events
    ]
    return stored._replace(events=events)


def without_holds_and_sales(stored: Stored) -> Stored:
    return stored._replace(events=[event for event in stored.events if event.type not in ("item-held", "items-sold")])


def fails(check: Callable[[Stored], None], stored: Stored) -> bool:
    try:
        check(stored)
    except (AssertionError, KeyError):
        return True
    return False


async def test_each_check_finds_what_it_is_there_to_find(database: Database, nats_urls: tuple[str, str]) -> None:
    async with site(database, *nats_urls) as running:
        await running.started()
        async with selling(running, items=20, settled=True) as load:
            await load.grow(120)
        stored, heard = await read_stored(database, ACME), load.answers.heard
    assert any(answer.reason == "already_sold" for answer in heard)
    checks: dict[str, Callable[[Stored], None]] = {
        "log": check_log,
        "acknowledged": lambda altered: check_acknowledged(altered, ACME, heard),
        "tills": check_tills,
        "settlements": check_settlements,
        "books": check_books,
        "refusals": lambda altered: check_refusals(altered, ACME, heard),
    }
    tampered: dict[Callable[[Stored], Stored], str] = {
        without_an_event: "log",
        with_an_altered_event: "log",
        without_the_newest_commands: "acknowledged",
        with_receipts_twice: "tills",
        with_payouts_twice: "settlements",
        with_dearer_items: "books",
        without_holds_and_sales: "refusals",
    }
    for name, check in checks.items():
        assert not fails(check, stored), name
    for tamper, name in tampered.items():
        assert fails(checks[name], tamper(stored)), f"{name}: {tamper.__name__}"
