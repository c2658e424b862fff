"""The postings of receipts, voids and refunds: who paid, who is owed, and what the organizer keeps of it."""

from collections.abc import Mapping

from msgspec.structs import replace

from consign.domain.accounts import (
    CARD,
    CASH_ROUNDING,
    COMMISSION,
    COMPENSATION,
    DISCOUNT,
    SURCHARGE,
    SUSPENSE,
    TAX,
    VOUCHER,
    cash_account,
    payable_account,
)
from consign.domain.amounts import gross_minor
from consign.domain.books.state import Books, Entries, Posted, add, enter
from consign.domain.commission import Change, after
from consign.domain.ledger.events import Credited, RefundedLine
from consign.domain.ledger.manual_lines import (
    ManualLineCredited,
    ManualLineEvent,
    ManualLineKept,
    ManualLineMatched,
)
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, RefundPaid, Tender, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.values import ParticipationId, SaleId, SessionId

HELD_FOR: Mapping[Credited, str] = {"suspense": SUSPENSE, "organizer": COMPENSATION}
"""The account of what is not a consignor's."""

type Changes = dict[ParticipationId, list[Change]]
"""What changes in what each consignor has sold."""


def paid(books: Books, event: BasketPaid) -> Posted:
    """Post a receipt: its tenders against its lines; what was taken before is in suspense."""
    now = tuple(tender for tender in event.tenders if not tender.tender_id)
    entries = _tendered(event.session, now, event.change_minor, event.rounding_minor, 1)
    add(entries, SUSPENSE, sum(tender.amount_minor for tender in event.tenders if tender.tender_id))
    return _with_lines(books, event.sale, entries, event.lines, 1)


def voided(books: Books, event: ReceiptVoided) -> Posted:
    """Post the opposite of the receipt; what a provider took is owed until it has given it back."""
    entries = _tendered(event.session, event.tenders, event.change_minor, event.rounding_minor, -1)
    add(entries, SUSPENSE, -of_kind(event.tenders, TenderKind.PROVIDER))
    return _with_lines(books, event.sale, entries, event.lines, -1)


def refunded(books: Books, event: RefundPaid) -> Posted:
    """Post what was given back, part by part."""
    paid_minor = event.amount_minor + event.rounding_minor
    entries = {_paid_from(event): -paid_minor, CASH_ROUNDING: event.rounding_minor}
    changes: Changes = {}
    for line in event.lines:
        add(entries, DISCOUNT, -line.discount_minor)
        add(entries, TAX, line.tax_minor)
        add(entries, SURCHARGE, line.surcharge_minor)
        left_minor = None if line.returned_to is not None else line.gross_left_minor
        _credit(entries, changes, line, line.gross_before_minor, left_minor)
    return commissioned(books, event.sale, entries, changes)


def _paid_from(event: RefundPaid) -> str:
    """Return the account that the money leaves; a provider gives it back later, and it is owed until then."""
    match event.tender:
        case TenderKind.CASH:
            return cash_account(event.session)
        case TenderKind.CARD:
            return CARD
        case TenderKind.VOUCHER:
            return VOUCHER
        case TenderKind.PROVIDER:
            return SUSPENSE


def resolved(books: Books, event: ManualLineEvent) -> Posted:
    """Post whose a manual line was: out of suspense."""
    match event:
        case ManualLineMatched(item=line) | ManualLineCredited(credited=line):
            gross = gross_minor(line)
            change = Change(line.category, None, gross, line.list_number)
            return commissioned(books, event.sale, {SUSPENSE: gross}, {line.participation: [change]})
        case ManualLineKept(kept=kept):
            gross = gross_minor(kept)
            return enter(books, event.sale, {SUSPENSE: gross, COMPENSATION: -gross})


def commissioned(books: Books, sale: SaleId, entries: Entries, changes: Changes) -> Posted:
    """Add to the entry what each consignor is owed more or less, and the change of their commission and its tax."""
    consignors, schedule = books.consignors, books.schedules[sale]
    for participation, theirs in changes.items():
        known = consignors[participation]
        totals = after(known.totals, schedule, known.own_rule, known.tier, theirs, known.points_off_ppm)
        consignors = consignors.insert(participation, replace(known, totals=totals))
        gross = totals.gross_minor - known.totals.gross_minor
        commission_minor = totals.commission_minor - known.totals.commission_minor
        tax_minor = totals.commission_tax_minor - known.totals.commission_tax_minor
        entries[payable_account(participation)] = commission_minor + tax_minor - gross
        entries[COMMISSION] = entries.get(COMMISSION, 0) - commission_minor
        add(entries, TAX, -tax_minor)
    return enter(replace(books, consignors=consignors), sale, entries)


def _tendered(
    session: SessionId, tenders: tuple[Tender, ...], change_minor: int, rounding_minor: int, sign: int
) -> Entries:
    return {
        cash_account(session): sign * (of_kind(tenders, TenderKind.CASH) - change_minor),
        CARD: sign * of_kind(tenders, TenderKind.CARD),
        VOUCHER: sign * of_kind(tenders, TenderKind.VOUCHER),
        CASH_ROUNDING: -sign * rounding_minor,
    }


def _with_lines(books: Books, sale: SaleId, entries: Entries, lines: tuple[BasketLine, ...], sign: int) -> Posted:
    changes: Changes = {}
    for line in lines:
        add(entries, DISCOUNT, sign * line.discount_minor)
        add(entries, TAX, -sign * line.tax_minor)
        add(entries, SURCHARGE, -sign * line.surcharge_minor)
        gross = gross_minor(line)
        before, after_minor = (None, gross) if sign > 0 else (gross, None)
        _credit(entries, changes, line, before, after_minor)
    return commissioned(books, sale, entries, changes)


def _credit(
    entries: Entries, changes: Changes, line: BasketLine | RefundedLine, before: int | None, after_minor: int | None
) -> None:
    """Say whose the change of a line's gross is."""
    if line.credited_to == "consignor":
        changes.setdefault(line.participation, []).append(Change(line.category, before, after_minor, line.list_number))
    else:
        add(entries, HELD_FOR[line.credited_to], (before or 0) - (after_minor or 0))
