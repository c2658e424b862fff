"""Drop-off: items come in, are refused, thought better of, or withdrawn."""

from datetime import datetime
from typing import Literal

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    RefuseItem,
    TagsAnswer,
    WithdrawItems,
)
from consign.domain.ledger.events import (
    ItemReference,
    ItemRefused,
    ItemsCheckedIn,
    ItemsWithdrawn,
    RefusedItemAdmitted,
    WithdrawnItem,
)
from consign.domain.ledger.floor_commands import UndoCheckIn
from consign.domain.ledger.floor_events import CheckInsUndone
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
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.turns.actors import CHECK_IN, WITHDRAWING, ledger_stream, require_phase
from consign.domain.turns.late_fee import Comers, late_fees, late_fees_undone
from consign.domain.turns.reach import Reach, on_floor
from consign.domain.turns.referring import on_check_in
from consign.domain.turns.standing import require_taking_part
from consign.domain.turns.tag_rows import each_tag
from consign.domain.turns.whereabouts import moment, not_there, tagged
from consign.domain.values import TagCode

type _Was = Literal["listed", "on_floor", "refused"]


def check_in(command: CheckInItems, sale: Planned, ledger: Ledger, comers: Comers, now: datetime) -> Decision:
    """Put listed items on the floor; those that are there already stay."""
    require_phase(sale, CHECK_IN, "Check-in")

    def take(code: TagCode, item: Item) -> ItemReference | None:
        match item.status:
            case Listed() | NotBrought():
                require_taking_part(sale, item.listed.consignor)
                return _reference(item)
            case OnFloor() | Held(unchecked=False):
                return None
            case (
                Held()
                | Sold()
                | Refused()
                | Withdrawn()
                | Returned()
                | Voided()
                | Collected()
                | Donated()
                | Missing()
                | Lost()
            ):
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    return _checked_in(sale, ledger, items, answer, comers, now)


def _reference(item: Item) -> ItemReference:
    return ItemReference(item.listed.tag, item.listed.participation, item.listed.category)


def _checked_in(
    sale: Planned,
    ledger: Ledger,
    items: tuple[ItemReference, ...],
    answer: TagsAnswer,
    comers: Comers,
    now: datetime,
) -> Decision:
    if not items:
        return Decision((), answer)
    late = _is_late(sale, now)
    event = Emitted(ledger_stream(sale.sale), ItemsCheckedIn(sale.sale, items, late))
    fees = late_fees(items, sale, comers) if late else ()
    return Decision((event, *fees), answer, on_check_in(items, sale, ledger, now))


def check_in_consignor(
    command: CheckInConsignor, sale: Planned, ledger: Ledger, comers: Comers, now: datetime
) -> Decision:
    """Put everything a consignor listed on the floor."""
    require_phase(sale, CHECK_IN, "Check-in")
    if command.consignor not in sale.consignors:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.consignor} is not registered for this sale.")
    require_taking_part(sale, command.consignor)
    theirs = ledger.consignors.get(command.consignor)
    tags = () if theirs is None else theirs.tags
    items = tuple(
        _reference(item) for tag in tags if isinstance((item := ledger.items[tag]).status, Listed | NotBrought)
    )
    return _checked_in(sale, ledger, items, TagsAnswer(tuple(item.tag for item in items)), comers, now)


def undo(command: UndoCheckIn, sale: Planned, ledger: Ledger, leavers: Comers) -> Decision:
    """Take back check-ins that were a mistake; what was sold or is in a basket was there.

    With the last of somebody's things goes the fee for having brought them late.
    """
    require_phase(sale, CHECK_IN, "Undoing a check-in")

    def take(code: TagCode, item: Item) -> ItemReference | None:
        match item.status:
            case OnFloor():
                return _reference(item)
            case Listed() | NotBrought():
                return None
            case _:
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take)
    if not items:
        return Decision((), answer)
    undone = Emitted(ledger_stream(sale.sale), CheckInsUndone(sale.sale, items))
    return Decision((undone, *late_fees_undone(leavers, sale)), answer)


def _is_late(sale: Planned, now: datetime) -> bool:
    """Return whether what comes now is late; raises Rejected with `too_late` where late things are not taken."""
    rules = sale.settings.floor
    until = rules.drop_off_until_at
    if not (sale.phase is Phase.LIVE or (until is not None and now >= until)):
        return False
    if rules.late_until == "live" or (rules.late_until == "drop_off" and sale.phase is Phase.DROP_OFF):
        return True
    ended = "with its phase" if until is None else moment(until)
    raise Rejected(Reason.TOO_LATE, f"Drop-off ended {ended}, and late things are not taken any more.")


def _require_reason(reason: str, sale: Planned) -> None:
    rules = sale.settings.floor
    if reason not in rules.refusal_reasons and not rules.other_reasons:
        known = ", ".join(rules.refusal_reasons) or "none is given yet"
        raise Rejected(Reason.REASON_NOT_LISTED, f"“{reason}” is no reason of this sale. Choose one of: {known}.")


def refuse(command: RefuseItem, sale: Planned, ledger: Ledger) -> Decision:
    """Keep an item from being sold; one that is in a basket, sold or gone cannot be refused any more."""
    require_phase(sale, CHECK_IN, "Refusing items")
    _require_reason(command.reason, sale)
    code, item = tagged(command.tag, sale, ledger)
    was: Literal["listed", "on_floor"]
    match item.status:
        case Listed() | NotBrought():
            was = "listed"
        case OnFloor():
            was = "on_floor"
        case Refused():
            return Decision((), TagsAnswer((code,)))
        case Held() | Sold() | Withdrawn() | Returned() | Voided() | Collected() | Donated() | Missing() | Lost():
            raise not_there(code, item, ledger)
    listed = item.listed
    event = ItemRefused(sale.sale, code, listed.participation, listed.category, command.reason, was)
    return Decision((Emitted(ledger_stream(sale.sale), event),), TagsAnswer((code,)))


def admit(command: AdmitRefusedItem, sale: Planned, ledger: Ledger) -> Decision:
    """Put a refused item on the floor after all."""
    require_phase(sale, CHECK_IN, "Admitting items")
    code, item = tagged(command.tag, sale, ledger)
    match item.status:
        case Refused():
            require_taking_part(sale, item.listed.consignor)
            event = RefusedItemAdmitted(sale.sale, code, item.listed.participation, item.listed.category)
            return Decision((Emitted(ledger_stream(sale.sale), event),), TagsAnswer((code,)))
        case OnFloor():
            return Decision((), TagsAnswer((code,)))
        case (
            Listed()
            | NotBrought()
            | Held()
            | Sold()
            | Withdrawn()
            | Returned()
            | Voided()
            | Collected()
            | Donated()
            | Missing()
            | Lost()
        ):
            raise not_there(code, item, ledger)


def withdraw(command: WithdrawItems, sale: Planned, ledger: Ledger) -> Decision:
    """Take items out of the sale; one that is in a basket or sold stays. Consignors do so before they bring them."""
    require_phase(sale, WITHDRAWING, "Withdrawing items")
    reach = Reach(command.actor, sale)

    def take(code: TagCode, item: Item) -> WithdrawnItem | None:
        match item.status:
            case Listed() | NotBrought():
                return _withdrawn(item, "listed")
            case OnFloor():
                if not reach.is_desk:
                    raise on_floor(item)
                return _withdrawn(item, "on_floor")
            case Refused():
                return _withdrawn(item, "refused")
            case Withdrawn():
                return None
            case Held() | Sold() | Returned() | Voided() | Collected() | Donated() | Missing() | Lost():
                raise not_there(code, item, ledger)

    answer, items = each_tag(command.tags, sale, ledger, take, reach)
    if not items:
        return Decision((), answer)
    event = ItemsWithdrawn(sale.sale, items, command.reason)
    return Decision((Emitted(ledger_stream(sale.sale), event),), answer)


def _withdrawn(item: Item, was: _Was) -> WithdrawnItem:
    return WithdrawnItem(item.listed.tag, item.listed.participation, item.listed.category, was)
