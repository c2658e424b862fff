"""One consignor's statement or supplement, and the payout that follows from it."""

from datetime import datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from consign.domain.commission import CommissionRule, rule_for
from consign.domain.ledger.state import Ledger
from consign.domain.participation.state import Registered
from consign.domain.sale import Planned
from consign.domain.settlement.donation import donation_minor
from consign.domain.settlement.events import (
    PayoutCarried,
    PayoutDue,
    PayoutForfeited,
    PayoutNumber,
    PayoutWithdrawn,
    SettlementEvent,
    StatementIssued,
    StatementLine,
    StatementNumber,
)
from consign.domain.settlement.figures import NOTHING, Figures, change
from consign.domain.settlement.folding import evolve
from consign.domain.settlement.seal import sealed
from consign.domain.settlement.state import PayoutStatus, Settlement, Standing
from consign.domain.settlement.statements import SoldItem, Terms, figures_of, sold_items_of, statement
from consign.domain.values import TagCode

BELOW_MINIMUM = "below the minimum payout"
BELOW_ZERO = "a balance below zero"


class Books(NamedTuple):
    """What a statement is made of, beside the consignor's own terms."""

    sale: Planned
    ledger: Ledger
    settlement: Settlement


def state_one(
    books: Books,
    consignor: Registered,
    kind: Literal["statement", "supplement"],
    reason: str,
    now: datetime,
) -> tuple[Settlement, list[SettlementEvent]]:
    """Return the settlement after what the consignor is to be told, and its events.

    A supplement says what changed since the last statement, and is not made where nothing did.
    """
    settlement = books.settlement
    standing = settlement.standing(consignor.participation)
    items = sold_items_of(books.ledger, consignor.number)
    terms = _terms(consignor, standing)
    settled = statement(books.sale.settings.commission, terms, items)
    withdrawn = [
        payout
        for number in standing.payouts
        if (payout := settlement.payouts[number]).status is PayoutStatus.DUE and not payout.fee_minor
    ]
    answered_minor = standing.answered_minor - sum(payout.amount_minor for payout in withdrawn)
    donated_minor = donation_minor(books.sale.settings.commission, terms, consignor.pledge, items, settled)
    told = replace(figures_of(settled, terms), donated_minor=donated_minor)
    figures = change(_borne(told, standing, answered_minor, books.sale), standing.stated)
    lines, rules = _lines(books, consignor, standing, items)
    if kind == "supplement" and figures == NOTHING and not lines:
        return settlement, []
    counter = settlement.statement_counter + 1
    issued = StatementIssued(
        books.sale.sale,
        consignor.participation,
        consignor.number,
        StatementNumber(f"S{counter}"),
        counter,
        kind,
        settlement.round,
        figures,
        lines,
        rules,
        settled.commission_lines,
        books.sale.settings.commission.basis,
        books.sale.settings.commission.mode,
        books.sale.currency,
        now,
        "",
        reason,
    )
    events: list[SettlementEvent] = [sealed(issued, settlement.seal)]
    if figures.net_minor:
        events += [
            PayoutWithdrawn(books.sale.sale, each.payout, each.participation, each.amount_minor) for each in withdrawn
        ]
        balance_minor = standing.stated.net_minor + figures.net_minor - answered_minor
        events += _payout(books, issued, balance_minor, now)
    for event in events:
        settlement = evolve(settlement, event)
    return settlement, events


def _terms(consignor: Registered, standing: Standing) -> Terms:
    return Terms(
        consignor.participation,
        consignor.number,
        consignor.charged_minor,
        consignor.tier,
        consignor.own_rule,
        consignor.paid_minor,
        consignor.points_off_ppm,
        adjustments_minor=standing.adjustments_minor,
        brought_minor=standing.brought_minor,
    )


def _borne(figures: Figures, standing: Standing, answered_minor: int, sale: Planned) -> Figures:
    """Let the organizer bear what is missing below zero, where the sale's policy says so.

    What was paid out already is missing too: a thing that comes back after its consignor had the money.
    """
    match sale.settings.settlement.negative:
        case "bear":
            return replace(figures, borne_minor=max(answered_minor - figures.net_minor, 0))
        case "carry":
            return replace(figures, borne_minor=standing.stated.borne_minor)


def _lines(
    books: Books, consignor: Registered, standing: Standing, items: list[SoldItem]
) -> tuple[tuple[StatementLine, ...], tuple[CommissionRule, ...]]:
    now = {item.tag: item.gross_minor for item in items}
    rules: dict[CommissionRule, int] = {}
    lines: list[StatementLine] = []
    for tag in sorted({*now, *standing.lines}):
        gross_minor = now.get(tag, 0) - standing.lines.get(tag, 0)
        if gross_minor or tag not in standing.lines or tag not in now:
            category = _category(books.ledger, tag)
            rule = rule_for(
                books.sale.settings.commission,
                consignor.own_rule,
                consignor.tier,
                category,
                consignor.points_off_ppm,
            )
            lines.append(StatementLine(tag, gross_minor, rules.setdefault(rule, len(rules)), tag not in now))
    return tuple(lines), tuple(rules)


def _category(ledger: Ledger, tag: TagCode) -> str:
    """Return the category of an item, or of a line that was credited without one."""
    item = ledger.items.get(tag)
    return ledger.manual_lines[tag].line.category if item is None else item.listed.category


def _payout(books: Books, issued: StatementIssued, balance_minor: int, now: datetime) -> list[SettlementEvent]:
    """Return what becomes of the balance: a payout that is due, or one that is carried or given away at once."""
    if not balance_minor:
        return []
    policy = books.sale.settings.settlement
    counter = books.settlement.payout_counter + 1
    number = PayoutNumber(f"P{counter}")
    sale, participation = issued.sale, issued.participation
    due = PayoutDue(sale, number, counter, participation, issued.consignor, issued.statement, balance_minor, now)
    if balance_minor < 0:
        return [due, PayoutCarried(sale, number, participation, balance_minor, BELOW_ZERO)]
    if balance_minor >= policy.minimum_minor:
        return [due]
    match policy.below_minimum:
        case "carry":
            return [due, PayoutCarried(sale, number, participation, balance_minor, BELOW_MINIMUM)]
        case "charity":
            return [due, PayoutForfeited(sale, number, participation, balance_minor, "charity", BELOW_MINIMUM)]
