"""What is asked of the inventory ledger directly: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    ExpireHolds,
    LedgerCommand,
    ListItems,
    RefuseItem,
    WithdrawItems,
)
from consign.domain.recorded import StreamName
from consign.domain.turns import check_in, holding, listing
from consign.domain.turns.actors import States, ledger_of, ledger_stream, planned, sale_stream
from consign.domain.turns.late_fee import comers_of, streams_of_comers
from consign.domain.values import SaleId


def needs(command: LedgerCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case ExpireHolds():
            return (ledger_stream(command.sale),)
        case CheckInItems() | CheckInConsignor():
            over = (sale_stream(command.sale), ledger_stream(command.sale))
            return (*over, *streams_of_comers(command, states))
        case ListItems() | RefuseItem() | AdmitRefusedItem() | WithdrawItems():
            return (sale_stream(command.sale), ledger_stream(command.sale))


def decide(command: LedgerCommand, states: States, now: datetime) -> Decision:
    sale_id = SaleId(command.sale)
    over = ledger_of(states, sale_id)
    match command:
        case ExpireHolds():
            return holding.expire(command, over, now)
        case ListItems():
            return listing.list_items(command, planned(states, sale_id), over)
        case CheckInItems():
            return check_in.check_in(command, planned(states, sale_id), over, comers_of(command, states), now)
        case CheckInConsignor():
            return check_in.check_in_consignor(command, planned(states, sale_id), over, comers_of(command, states), now)
        case RefuseItem():
            return check_in.refuse(command, planned(states, sale_id), over)
        case AdmitRefusedItem():
            return check_in.admit(command, planned(states, sale_id), over)
        case WithdrawItems():
            return check_in.withdraw(command, planned(states, sale_id), over)
