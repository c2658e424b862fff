"""What a log must be, whatever happened while it was written: pure checks over what Postgres holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from consign.actors.chain import GENESIS, event_hash
from consign.domain import accounts
from consign.domain.amounts import paid_minor
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY as NO_BOOKS
from consign.domain.business import CONSIGN
from consign.domain.ledger.entries import evolve as evolve_ledger
from consign.domain.ledger.state import EMPTY, Held, Ledger, Sold
from consign.domain.recorded import StoredEvent, aggregate_of, identity_of
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid
from consign.domain.settlement.statements import SoldItem, Terms, sold_items, statement
from consign.domain.values import BasketId, TagCode
from consign.http.submit import derived_id
from tests.e2e.answers import Answer
from tests.e2e.stored import Stored

_DERIVED = {"import-items": "chunk 0", "import-consignors": "chunk 0", "organizations": "found"}
"""Requests that are several commands, and what the id of their first one in the organization's log is derived by."""


def check_log(stored: Stored) -> None:
    """Gapless, chained, every command whole and once, every command with its record."""
    previous, versions = GENESIS, Counter[str]()
    for position, event in enumerate(stored.events, 1):
        assert event.position == position
        versions[event.stream] += 1
        assert event.version == versions[event.stream], (event.stream, event.version)
        previous = event_hash(previous, event)
        assert event.hash == previous, f"the chain breaks at {position}"
    assert (stored.head.position, stored.head.hash) == (len(stored.events), previous)
    recorded = [event.recorded_at for event in stored.events]
    assert recorded == sorted(set(recorded)), "the writer's clock went back"
    _check_commands(stored)


def _check_commands(stored: Stored) -> None:
    commits: dict[tuple[UUID, str], list[StoredEvent]] = defaultdict(list)
    for event in stored.events:
        commits[event.command_id, event.account_id].append(event)
    for key, events in commits.items():
        positions = [event.position for event in events]
        assert positions == list(range(positions[0], positions[-1] + 1)), f"{key} was applied more than once"
        assert {event.commit_position for event in events} == {positions[-1]}
        assert stored.commands[key].position == positions[-1]
    for key, recorded in stored.commands.items():
        assert 0 <= recorded.position <= stored.head.position, key


def check_acknowledged(stored: Stored, organization: str, heard: Iterable[Answer]) -> None:
    """Every acceptance that a client heard is in the log, at the position and with the answer it was told."""
    for answer in heard:
        if not answer.accepted or not _concerns(answer, organization):
            continue
        suffix = _DERIVED.get(answer.path.rpartition("/")[2])
        command_id = derived_id(answer.command_id, suffix) if suffix else answer.command_id
        recorded = stored.commands.get((command_id, answer.account_id))
        assert recorded is not None, f"acknowledged and lost: {answer}"
        if answer.path.rpartition("/")[2].startswith("import-"):
            continue  # its answer is put together from those of its chunks
        assert recorded.position == answer.position
        assert {"position": recorded.position, **msgspec.json.decode(recorded.answer)} == answer.document


def check_refusals(stored: Stored, organization: str, heard: Iterable[Answer]) -> None:
    """Whoever was told that a thing is sold or held was told so of a position at which that is durable and true."""
    told: dict[int, list[Answer]] = defaultdict(list)
    for answer in heard:
        if answer.reason in ("already_sold", "held_elsewhere", "already_in_basket") and _concerns(answer, organization):
            assert answer.position <= stored.head.position, f"told of what is not durable: {answer}"
            told[answer.position].append(answer)
    ledgers: dict[str, Ledger] = {}
    for event in stored.events:
        if aggregate_of(event.stream) == "ledger":
            before = ledgers.get(event.stream, EMPTY)
            ledgers[event.stream] = evolve_ledger(before, CONSIGN.decode_event(event))
        for answer in told.pop(event.position, ()):
            assert event.ends_its_command, f"told of half a command: {answer}"
            _check_refusal(answer, list(ledgers.values()))
    assert not told


def _check_refusal(answer: Answer, ledgers: Sequence[Ledger]) -> None:
    basket, tag = BasketId(answer.path.split("/")[-2]), TagCode(answer.body["tag"])
    statuses = [ledger.items[tag].status for ledger in ledgers if tag in ledger.items]
    match answer.reason, statuses:
        case "already_sold", [Sold()]:
            return
        case "held_elsewhere", [Held(basket=holder)] if holder != basket:
            return
        case "already_in_basket", [Held(basket=holder)] if holder == basket:
            return
    raise AssertionError(f"told what was not so: {answer} at {statuses}")


def check_tills(stored: Stored) -> None:
    """Numbers without a gap, no item on two receipts that stand, tenders and receipts that agree."""
    counters: dict[tuple[str, str], list[int]] = defaultdict(list)
    sequences: dict[str, list[int]] = defaultdict(list)
    standing: dict[str, str] = {}
    for _, event in decoded(stored):
        match event:
            case BasketPaid():
                counters[event.sale, event.till].append(event.counter)
                sequences[event.sale].append(event.sale_sequence)
                tendered_minor = sum(tender.amount_minor for tender in event.tenders)
                assert event.total_minor == sum(paid_minor(line) for line in event.lines)
                assert tendered_minor == event.total_minor + event.rounding_minor + event.change_minor
                for line in event.lines:
                    assert line.tag not in standing, f"{line.tag} is on {standing[line.tag]} and {event.receipt}"
                    standing[line.tag] = event.receipt
            case ReceiptVoided():
                for line in event.lines:
                    assert standing.pop(line.tag) == event.receipt
            case RefundPaid():
                counters[event.sale, f"{event.till} refunds"].append(event.counter)
                assert event.amount_minor == sum(line.paid_back_minor for line in event.lines)
                for refunded in event.lines:
                    if refunded.returned_to is not None:
                        assert standing.pop(refunded.tag) == event.receipt
            case _:
                continue
    for numbers in (*counters.values(), *sequences.values()):
        assert numbers == list(range(1, len(numbers) + 1))


def check_books(stored: Stored) -> None:
    """The books sum to zero at every position, agree with the tenders, and settle to what the ledger says is sold."""
    kept, ledgers = NO_BOOKS, dict[str, Ledger]()
    tendered_minor: dict[str, int] = defaultdict(int)
    for stored_event, event in decoded(stored):
        kept, postings = post(kept, event)
        assert sum(posting.amount_minor for posting in postings) == 0, stored_event
        if aggregate_of(stored_event.stream) == "ledger":
            ledger = ledgers.get(identity_of(stored_event.stream), EMPTY)
            ledgers[identity_of(stored_event.stream)] = evolve_ledger(ledger, event)
        match event:
            case BasketPaid():
                tendered_minor[event.sale] += event.total_minor + event.rounding_minor
            case ReceiptVoided():
                tendered_minor[event.sale] -= event.total_minor + event.rounding_minor
            case RefundPaid():
                tendered_minor[event.sale] -= event.amount_minor + event.rounding_minor
            case _:
                continue
    for sale, ledger in ledgers.items():
        balances = {account: amount for (of, account), amount in kept.balances.items() if of == sale}
        assert sum(balances.values()) == 0
        sold = sold_items(ledger)
        gross_minor = sum(item.gross_minor for items in sold.values() for item in items)
        assert tendered_minor[sale] == gross_minor - balances.get(accounts.CASH_ROUNDING, 0)
        for participation, consignor in kept.consignors.items():
            if consignor.sale == sale:
                terms = Terms(
                    participation,
                    consignor.number,
                    consignor.fee_minor,
                    consignor.tier,
                    consignor.own_rule,
                    consignor.fees_paid_minor,
                    consignor.points_off_ppm,
                    consignor.adjustments_minor,
                    consignor.brought_minor,
                    consignor.borne_minor,
                )
                items: list[SoldItem] = sold.get(participation, [])
                settled = statement(kept.schedules[consignor.sale], terms, items)
                owed_minor = settled.net_minor - consignor.paid_out_minor
                assert kept.balance(consignor.sale, accounts.payable_account(participation)) == -owed_minor


def decoded(stored: Stored) -> Iterable[tuple[StoredEvent, Any]]:
    for event in stored.events:
        yield event, CONSIGN.decode_event(event)


def _concerns(answer: Answer, organization: str) -> bool:
    return (
        answer.path.startswith(f"/api/v1/organizations/{organization}/")
        or answer.body.get("organization") == organization
    )
