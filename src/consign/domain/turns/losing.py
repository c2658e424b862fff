"""What should be on the floor and is not: missing, then found or lost, and what its consignor gets for it."""

from collections.abc import Iterable
from typing import Literal

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import FindItems, LoseItems, MissItems
from consign.domain.ledger.floor_events import FoundItem, ItemsFound, ItemsLost, ItemsMissed, LostItem
from consign.domain.ledger.state import (
    Collected,
    Donated,
    Held,
    Item,
    Ledger,
    Listed,
    Lost,
    Missing,
    NotBrought,
    OnFloor,
    Refused,
    Returned,
    Sold,
    Voided,
    Withdrawn,
)
from consign.domain.money import PARTS_PER_MILLION, RoundingMode, divide
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.settlement.events import ConsignorAdjusted
from consign.domain.settlement.state import Settlement
from consign.domain.tag import shown
from consign.domain.turns.actors import ledger_stream, phases, require_phase, settlement_stream
from consign.domain.turns.brought import not_brought
from consign.domain.turns.collecting import require_donations_open
from consign.domain.turns.tag_rows import each_tag
from consign.domain.turns.whereabouts import not_there
from consign.domain.values import AMOUNT_LIMIT_MINOR, ParticipationId, TagCode

MISSING = phases(Phase.DROP_OFF, Phase.SETTLEMENT)
LOSING = phases(Phase.LIVE, Phase.SETTLEMENT)
FINDING = phases(Phase.DROP_OFF, Phase.CLOSED)
_NAMED = 10


def miss(command: MissItems, sale: Planned, ledger: Ledger) -> Decision:
    """Mark what should be on the floor and is not."""
    require_phase(sale, MISSING, "Marking items as missing")

    def take(code: TagCode, item: Item) -> ItemReference | None:
        match item.status:
            case OnFloor():
                return ItemReference(code, item.listed.participation, item.listed.category)
            case Missing() | Lost():
                return None
            case Listed() | NotBrought():
                raise not_brought(code)
            case Held() | Sold() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated():
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    if not items:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(sale.sale), ItemsMissed(sale.sale, items)),), answer)


def lose(command: LoseItems, sale: Planned, ledger: Ledger, settlement: Settlement) -> Decision:
    """Give things up, and make them good as the sale's rules say."""
    require_phase(sale, LOSING, "Giving items up as lost")
    made_good = sale.settings.floor.lost

    def take(code: TagCode, item: Item) -> LostItem | None:
        match item.status:
            case OnFloor():
                return _lost(item, "on_floor")
            case Missing():
                return _lost(item, "missing")
            case Lost():
                return None
            case Listed() | NotBrought():
                raise not_brought(code)
            case Held() | Sold() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated():
                raise not_there(code, item, ledger)

    def _lost(item: Item, was: Literal["on_floor", "missing"]) -> LostItem:
        listed = item.listed
        gross = 0 if made_good == "nothing" else _worth_minor(item, sale)
        return LostItem(listed.tag, listed.participation, listed.category, was, listed.list_number, gross)

    answer, items = each_tag(command.tags, sale, ledger, take)
    if not items:
        return Decision((), answer)
    event = Emitted(ledger_stream(sale.sale), ItemsLost(sale.sale, items, made_good, command.reason))
    in_full = [(item.participation, item.tag, item.gross_minor) for item in items] if made_good == "in_full" else []
    return Decision((event, *_adjusted(sale, settlement, in_full, "lost")), answer)


def _worth_minor(item: Item, sale: Planned) -> int:
    """Return what a sale would have been worth to its consignor, before commission: the price without the tax in it."""
    price_minor = item.listed.price_minor
    rule = sale.settings.tax_on(item.listed.category)
    if not rule.included:
        return price_minor
    return price_minor - divide(price_minor * rule.rate_ppm, PARTS_PER_MILLION + rule.rate_ppm, RoundingMode.HALF_UP)


def _adjusted(
    sale: Planned, settlement: Settlement, amounts: Iterable[tuple[ParticipationId, TagCode, int]], what: str
) -> list[Emitted]:
    """Credit or debit each consignor once for all of their things."""
    theirs: dict[ParticipationId, list[tuple[TagCode, int]]] = {}
    for participation, tag, amount_minor in amounts:
        theirs.setdefault(participation, []).append((tag, amount_minor))
    adjusted = []
    for participation, items in theirs.items():
        amount_minor = sum(amount for _, amount in items)
        if abs(settlement.standing(participation).adjustments_minor + amount_minor) > AMOUNT_LIMIT_MINOR:
            raise Rejected(Reason.LIMIT_EXCEEDED, f"Adjustments come to at most {AMOUNT_LIMIT_MINOR} minor units.")
        if amount_minor:
            named = ", ".join(shown(tag) for tag, _ in items[:_NAMED])
            reason = f"{what}: {named}" + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")
            event = ConsignorAdjusted(sale.sale, participation, amount_minor, reason)
            adjusted.append(Emitted(settlement_stream(sale.sale), event))
    return adjusted


def find(command: FindItems, sale: Planned, ledger: Ledger, settlement: Settlement) -> Decision:
    """Put things on the floor again, and take back what was given for lost ones."""
    require_phase(sale, FINDING, "Finding items")

    def take(code: TagCode, item: Item) -> FoundItem | None:
        listed = item.listed
        match item.status:
            case Missing():
                return FoundItem(code, listed.participation, listed.category, "missing", listed.list_number)
            case Lost(gross_minor=gross_minor, made_good=made_good):
                return FoundItem(
                    code, listed.participation, listed.category, "lost", listed.list_number, gross_minor, made_good
                )
            case Collected(from_floor=True):
                return FoundItem(code, listed.participation, listed.category, "collected", listed.list_number)
            case Donated(from_floor=True):
                require_donations_open(ledger)
                return FoundItem(code, listed.participation, listed.category, "donated", listed.list_number)
            case OnFloor():
                return None
            case Listed() | NotBrought():
                raise not_brought(code)
            case Held() | Sold() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated():
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    if not items:
        return Decision((), answer)
    event = Emitted(ledger_stream(sale.sale), ItemsFound(sale.sale, items))
    in_full = [(item.participation, item.tag, -item.gross_minor) for item in items if item.made_good == "in_full"]
    return Decision((event, *_adjusted(sale, settlement, in_full, "found again")), answer)
