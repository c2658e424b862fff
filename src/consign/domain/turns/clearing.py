"""What is said of things on the floor after drop-off: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.ledger.floor_commands import (
    ApplyShelfCount,
    CloseDonations,
    CollectConsignor,
    CollectItems,
    CompareShelfCount,
    CountShelf,
    DonateItems,
    DonateRest,
    DropShelfCount,
    FindItems,
    FloorCommand,
    LoseItems,
    MissItems,
    ReopenDonations,
    TellNotBrought,
    UndoCheckIn,
)
from consign.domain.recorded import StreamName
from consign.domain.turns import check_in, collecting, counting, donations, leaving_out, losing
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    planned,
    sale_stream,
    settlement_of,
    settlement_stream,
)
from consign.domain.turns.late_fee import leavers_of, streams_of_leavers


def needs(command: FloorCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case UndoCheckIn():
            over = (sale_stream(command.sale), ledger_stream(command.sale))
            return (*over, *streams_of_leavers(command, states))
        case LoseItems() | FindItems():
            return (sale_stream(command.sale), ledger_stream(command.sale), settlement_stream(command.sale))
        case (
            CollectItems()
            | CollectConsignor()
            | DonateItems()
            | DonateRest()
            | CloseDonations()
            | ReopenDonations()
            | TellNotBrought()
            | MissItems()
            | CountShelf()
            | CompareShelfCount()
            | ApplyShelfCount()
            | DropShelfCount()
        ):
            return (sale_stream(command.sale), ledger_stream(command.sale))


def decide(  # noqa: C901, PLR0912 - a case a command
    command: FloorCommand, states: States, now: datetime
) -> Decision:
    sale, ledger = planned(states, command.sale), ledger_of(states, command.sale)
    match command:
        case UndoCheckIn():
            return check_in.undo(command, sale, ledger, leavers_of(command, states))
        case CollectItems():
            return collecting.collect(command, sale, ledger, now)
        case CollectConsignor():
            return collecting.collect_consignor(command, sale, ledger, now)
        case DonateItems():
            return collecting.donate(command, sale, ledger)
        case DonateRest():
            return collecting.donate_rest(command, sale, ledger, now)
        case CloseDonations():
            return donations.close(command, sale, ledger, now)
        case ReopenDonations():
            return donations.reopen(command, sale, ledger, now)
        case TellNotBrought():
            return leaving_out.tell(command, sale, ledger, now)
        case MissItems():
            return losing.miss(command, sale, ledger)
        case LoseItems():
            return losing.lose(command, sale, ledger, settlement_of(states, command.sale))
        case FindItems():
            return losing.find(command, sale, ledger, settlement_of(states, command.sale))
        case CountShelf():
            return counting.count(command, sale, ledger, now)
        case CompareShelfCount():
            return counting.compare(command, sale, ledger)
        case ApplyShelfCount():
            return counting.apply(command, sale, ledger, now)
        case DropShelfCount():
            return counting.drop(command, sale, ledger, now)
