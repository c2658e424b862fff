"""What a log must be, whatever happened while it was written: pure checks over what Postgres holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from consign.actors.chain import GENESIS, event_hash
from consign.domain import accounts
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY as NO_BOOKS
from consign.domain.business import CONSIGN
from consign.domain.ledger.entries import evolve as evolve_ledger
from consign.domain.ledger.state import EMPTY, Held, Ledger, Sold
from consign.domain.recorded import StoredEvent, aggregate_of, identity_of
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.settlement.statements import SoldItem, Terms, sold_items, statement
from consign.domain.values import BasketId, SessionId, TagCode
from consign.http.submit import derived_id
from tests.e2e.answers import Answer
from tests.e2e.stored import Stored, decoded

_DERIVED = {
    "import-items": "chunk 0",
    "import-consignors": "chunk 0",
    "organizations": "found",
    **dict.fromkeys(("freeze", "reopen", "prepare", "issue-supplements"), "step 0"),
}
"""Requests that are several commands, and what the id of their first one in the organization's log is derived by."""

_TENDERS = frozenset((accounts.CARD, accounts.PROVIDER, accounts.VOUCHER))
"""What shoppers pay into, beside the drawers."""


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
        suffix = _derived(answer.path)
        command_id = derived_id(answer.command_id, suffix) if suffix else answer.command_id
        recorded = stored.commands.get((command_id, answer.account_id))
        assert recorded is not None, f"acknowledged and lost: {answer}"
        if suffix and suffix != "found":
            continue  # its answer is put together from those of its commands
        assert recorded.position == answer.position
        assert {"position": recorded.position, **msgspec.json.decode(recorded.answer)} == answer.document


def _derived(path: str) -> str | None:
    """Return what the first command's id is derived by; a participation is reopened by one command, a sale by many."""
    return None if "/participations/" in path else _DERIVED.get(path.rpartition("/")[2])


def check_refusals(stored: Stored, organization: str, heard: Iterable[Answer]) -> None:
    """Whoever was told that a thing is sold or held was told so of a position at which that is durable and true."""
    told: dict[int, list[Answer]] = defaultdict(list)
    for answer in heard:
        told_of_one = answer.path.endswith("/scan") and _concerns(answer, organization)
        if told_of_one and answer.reason in ("already_sold", "held_elsewhere", "already_in_basket"):
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


def check_books(stored: Stored) -> None:
    """The books sum to zero at every position, agree with the tenders, and settle to what the ledger says is sold."""
    kept, ledgers = NO_BOOKS, dict[str, Ledger]()
    for stored_event, event in decoded(stored):
        kept, postings = post(kept, event)
        assert sum(posting.amount_minor for posting in postings) == 0, stored_event
        if isinstance(event, BasketPaid | ReceiptVoided | RefundPaid):
            taken_minor = sum(posting.amount_minor for posting in postings if _is_tender(posting.account))
            assert taken_minor == _taken_minor(event), stored_event
        if aggregate_of(stored_event.stream) == "ledger":
            ledger = ledgers.get(identity_of(stored_event.stream), EMPTY)
            ledgers[identity_of(stored_event.stream)] = evolve_ledger(ledger, event)
    for sale, ledger in ledgers.items():
        balances = {account: amount for (of, account), amount in kept.balances.items() if of == sale}
        assert sum(balances.values()) == 0
        sold = sold_items(ledger)
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
                    consignor.donated_minor,
                )
                items: list[SoldItem] = sold.get(participation, [])
                settled = statement(kept.schedules[consignor.sale], terms, items)
                owed_minor = settled.net_minor - consignor.paid_out_minor
                assert kept.balance(consignor.sale, accounts.payable_account(participation)) == -owed_minor


def _is_tender(account: str) -> bool:
    return account in _TENDERS or account.startswith(accounts.cash_account(SessionId("")))


def _taken_minor(event: BasketPaid | ReceiptVoided | RefundPaid) -> int:
    """Return what a receipt took, or a void or refund gave back; what was taken before, or goes back later, apart."""
    match event:
        case BasketPaid():
            before_minor = sum(each.amount_minor for each in event.tenders if each.tender_id)
            return event.total_minor + event.rounding_minor - before_minor
        case ReceiptVoided():
            return of_kind(event.tenders, TenderKind.PROVIDER) - event.total_minor - event.rounding_minor
        case RefundPaid(tender=TenderKind.PROVIDER):
            return 0
        case RefundPaid():
            return -event.amount_minor - event.rounding_minor


def _concerns(answer: Answer, organization: str) -> bool:
    return (
        answer.path.startswith(f"/api/v1/organizations/{organization}/")
        or answer.body.get("organization") == organization
    )
