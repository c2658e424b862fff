"""Printed tags: recorded, because from the first printing on the printed price wins."""

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import TagsAnswer
from consign.domain.ledger.item_commands import MarkConsignorTagsPrinted, MarkTagsPrinted
from consign.domain.ledger.item_events import TagsPrinted
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
from consign.domain.sale import Planned
from consign.domain.turns.actors import LISTING, ledger_stream, require_phase
from consign.domain.turns.reach import Reach
from consign.domain.turns.tag_rows import each_tag
from consign.domain.turns.whereabouts import not_there
from consign.domain.values import ROWS_LIMIT, TagCode


def print_tags(command: MarkTagsPrinted, sale: Planned, ledger: Ledger) -> Decision:
    """Record that these tags were printed; one that had been printed before is printed again."""
    require_phase(sale, LISTING, "Printing tags")

    def take(code: TagCode, item: Item) -> TagCode:
        if not _is_printable(item):
            raise not_there(code, item, ledger)
        return code

    answer, tags = each_tag(command.tags, sale, ledger, take, Reach(command.actor, sale))
    return _printed(sale, tags, answer)


def print_consignor_tags(command: MarkConsignorTagsPrinted, sale: Planned, ledger: Ledger) -> Decision:
    """Record that the consignor's tags were printed that had not been yet; the answer says which."""
    require_phase(sale, LISTING, "Printing tags")
    Reach(command.actor, sale).require_consignor(command.consignor)
    if command.consignor not in sale.consignors:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.consignor} is not registered for this sale.")
    theirs = ledger.consignors.get(command.consignor)
    tags = tuple(
        tag
        for tag in (() if theirs is None else theirs.tags)
        if tag not in ledger.printed and _is_printable(ledger.items[tag])
    )[:ROWS_LIMIT]
    return _printed(sale, tags, TagsAnswer(tags))


def _is_printable(item: Item) -> bool:
    match item.status:
        case Listed() | NotBrought() | OnFloor() | Held():
            return True
        case Sold() | Refused() | Withdrawn() | Returned() | Voided() | Collected() | Donated() | Missing() | Lost():
            return False


def _printed(sale: Planned, tags: tuple[TagCode, ...], answer: TagsAnswer) -> Decision:
    if not tags:
        return Decision((), answer)
    return Decision((Emitted(ledger_stream(sale.sale), TagsPrinted(sale.sale, tags)),), answer)
