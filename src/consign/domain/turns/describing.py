"""What is said of items before they are brought: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.ledger.item_commands import (
    ArrangePhotos,
    ChangeItem,
    ChangeItems,
    ChangeWishes,
    CompleteDrafts,
    CopyItems,
    DiscardDrafts,
    ItemCommand,
    ListItem,
    MarkConsignorTagsPrinted,
    MarkTagsPrinted,
    SaveDraft,
)
from consign.domain.recorded import StreamName
from consign.domain.turns import changing, copying, drafting, listing, printing
from consign.domain.turns.actors import States, ledger_of, ledger_stream, planned, sale_stream
from consign.domain.turns.copying import Source


def needs(command: ItemCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load: sale and ledger, and those of the sale that is copied from."""
    here = (sale_stream(command.sale), ledger_stream(command.sale))
    if not isinstance(command, CopyItems):
        return here
    return (*here, sale_stream(command.from_sale), ledger_stream(command.from_sale))


def decide(command: ItemCommand, states: States, now: datetime) -> Decision:  # noqa: C901 - a case a command
    sale, ledger = planned(states, command.sale), ledger_of(states, command.sale)
    match command:
        case ListItem():
            return listing.list_item(command, sale, ledger)
        case SaveDraft():
            return drafting.save(command, sale, ledger)
        case CompleteDrafts():
            return drafting.complete(command, sale, ledger)
        case DiscardDrafts():
            return drafting.discard(command, sale, ledger)
        case CopyItems():
            there = planned(states, command.from_sale)
            source = Source(there, ledger_of(states, command.from_sale), command.actor)
            return copying.copy(command, sale, ledger, source)
        case ChangeItem():
            return changing.change_item(command, sale, ledger, now)
        case ChangeItems():
            return changing.change_items(command, sale, ledger, now)
        case ChangeWishes():
            return changing.change_wishes(command, sale, ledger, now)
        case ArrangePhotos():
            return changing.arrange_photos(command, sale, ledger)
        case MarkTagsPrinted():
            return printing.print_tags(command, sale, ledger)
        case MarkConsignorTagsPrinted():
            return printing.print_consignor_tags(command, sale, ledger)
