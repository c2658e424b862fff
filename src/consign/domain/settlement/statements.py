"""What settling a sale would come to: computed from what is sold alone, without any running total.

It is the other way to the same figures that the books keep up event by event; tests hold the two together.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from consign.domain.amounts import gross_minor
from consign.domain.commission import (
    CommissionRule,
    CommissionSchedule,
    RoundingBasis,
    commission_on,
    commission_tax_on,
    rule_for,
)
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.manual_lines import CreditedTo
from consign.domain.ledger.state import Ledger, Lost, Sold
from consign.domain.settlement.figures import Figures
from consign.domain.values import ParticipationId, TagCode


class SoldItem(Struct, frozen=True, gc=False):
    """An item as it counts in the settlement: what is left after refunds of its price without the tax in it.

    `flagged`: unsold it would have been given away, by its consignor's wish.
    """

    tag: TagCode
    category: str
    description: str
    gross_minor: int
    list_number: int = 1
    flagged: bool = False


class Terms(Struct, frozen=True, gc=False):
    """What one consignor takes part on, and what the settlement counts beside the items: see `Figures`."""

    participation: ParticipationId
    number: int
    fee_minor: int
    tier: str | None = None
    own_rule: CommissionRule | None = None
    fees_paid_minor: int = 0
    points_off_ppm: int = 0
    adjustments_minor: int = 0
    brought_minor: int = 0
    borne_minor: int = 0
    donated_minor: int = 0


class CommissionLine(Struct, frozen=True, gc=False):
    """One line of commission on the statement: what was rounded at once, and by which rule.

    `list_number` is zero where the basis is not the list.
    """

    rule: CommissionRule
    list_number: int
    gross_minor: int
    count: int
    commission_minor: int


class Statement(Struct, frozen=True):
    """The preview of one consignor's settlement.

    `net = gross - commission - commission tax - fees + fees paid + given`; `given_minor` is what was adjusted, brought
    forward and borne, less what goes to charity.
    """

    participation: ParticipationId
    number: int
    count: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    given_minor: int
    net_minor: int
    commission_lines: tuple[CommissionLine, ...]
    items: tuple[SoldItem, ...]
    fees_paid_minor: int = 0


def statement(schedule: CommissionSchedule, terms: Terms, items: Iterable[SoldItem]) -> Statement:
    """Settle with one consignor: group what is sold by what is rounded at once, then round once each."""
    sold = tuple(sorted(items, key=lambda item: item.tag))
    groups: dict[tuple[CommissionRule, int, TagCode | None], list[int]] = {}
    for item in sold:
        rule = rule_for(schedule, terms.own_rule, terms.tier, item.category, terms.points_off_ppm)
        by_list = item.list_number if schedule.basis is RoundingBasis.LIST else 0
        by_item = item.tag if schedule.basis is RoundingBasis.ITEM else None
        groups.setdefault((rule, by_list, by_item), []).append(item.gross_minor)
    lines: dict[tuple[CommissionRule, int], CommissionLine] = {}
    for (rule, list_number, _), prices in groups.items():
        known = lines.get((rule, list_number)) or CommissionLine(rule, list_number, 0, 0, 0)
        lines[rule, list_number] = CommissionLine(
            rule,
            list_number,
            known.gross_minor + sum(prices),
            known.count + len(prices),
            known.commission_minor + commission_on(rule, sum(prices), len(prices), schedule.mode),
        )
    sold_minor = sum(item.gross_minor for item in sold)
    commission_minor = sum(line.commission_minor for line in lines.values())
    tax_minor = commission_tax_on(schedule, commission_minor)
    given_minor = terms.adjustments_minor + terms.brought_minor + terms.borne_minor - terms.donated_minor
    return Statement(
        terms.participation,
        terms.number,
        len(sold),
        sold_minor,
        commission_minor,
        tax_minor,
        terms.fee_minor,
        given_minor,
        sold_minor - commission_minor - tax_minor - terms.fee_minor + terms.fees_paid_minor + given_minor,
        tuple(lines.values()),
        sold,
        terms.fees_paid_minor,
    )


def figures_of(settled: Statement, terms: Terms) -> Figures:
    """Return the figures that the statement states."""
    return Figures(
        settled.count,
        settled.gross_minor,
        settled.commission_minor,
        settled.commission_tax_minor,
        settled.fees_minor,
        settled.fees_paid_minor,
        adjustments_minor=terms.adjustments_minor,
        brought_minor=terms.brought_minor,
        borne_minor=terms.borne_minor,
        donated_minor=terms.donated_minor,
    )


def sold_items(ledger: Ledger) -> Mapping[ParticipationId, list[SoldItem]]:
    """Return what the ledger says is sold, by participation."""
    found: dict[ParticipationId, list[SoldItem]] = {}
    for number in ledger.consignors:
        for item in sold_items_of(ledger, number):
            found.setdefault(_credited(ledger, item.tag), []).append(item)
    return found


def _credited(ledger: Ledger, tag: TagCode) -> ParticipationId:
    line = ledger.manual_lines.get(tag)
    match None if line is None else line.outcome:
        case CreditedTo(participation=participation):
            return participation
        case _:
            return ledger.items[tag].listed.participation


def sold_items_of(ledger: Ledger, consignor: int) -> list[SoldItem]:
    """Return what the ledger says is sold of one consignor, by their number.

    With it counts what was credited without an item, and what was lost and is made good like a sale.
    """
    theirs = ledger.consignors.get(consignor)
    if theirs is None:
        return []
    found: list[SoldItem] = []
    for tag in theirs.tags:
        listed, status = ledger.items[tag].listed, ledger.items[tag].status
        if isinstance(status, Sold):
            found.append(_item(listed, gross_minor(status)))
        elif isinstance(status, Lost) and status.counts_as_sold:
            found.append(_item(listed, status.gross_minor))
    for credited in theirs.credited:
        line = ledger.manual_lines[credited].line
        found.append(SoldItem(credited, line.category, line.description, gross_minor(line)))
    return found


def _item(listed: ItemListed, gross: int) -> SoldItem:
    return SoldItem(listed.tag, listed.category, listed.description, gross, listed.list_number, listed.donate)
