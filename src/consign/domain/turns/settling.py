"""What is asked of a sale's settlement: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation.state import Registered
from consign.domain.recorded import StreamName
from consign.domain.sale import Planned
from consign.domain.session import state as session
from consign.domain.settlement.commands import (
    AdjustConsignor,
    BringBalanceForward,
    CarryPayout,
    ChangePayoutDetails,
    ConcludeFreeze,
    ConfirmPayouts,
    DropPayoutBatch,
    ForfeitPayouts,
    ForfeitUncollected,
    FreezeSettlement,
    GiveUpFreeze,
    IssueSupplements,
    LeavePayoutUncollected,
    PayOutInCash,
    PreparePayouts,
    ReissuePayout,
    ReopenSettlement,
    ReturnPayout,
    SendPayoutBatch,
    SettlementCommand,
    WatchUncollected,
)
from consign.domain.turns import adjusting, concluding, forfeiting, freezing, paying_out, payout_batches, reopening
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
    session_stream,
    settlement_of,
    settlement_stream,
)
from consign.domain.values import ParticipationId, SaleId

type OfSale = (
    ReopenSettlement
    | PreparePayouts
    | DropPayoutBatch
    | SendPayoutBatch
    | ConfirmPayouts
    | ReturnPayout
    | LeavePayoutUncollected
    | ReissuePayout
    | CarryPayout
    | ForfeitPayouts
    | ForfeitUncollected
    | WatchUncollected
)


def needs(command: SettlementCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case FreezeSettlement() | IssueSupplements():
            return _stating(command, states)
        case ConcludeFreeze() | GiveUpFreeze():
            return _of_sale(command.sale)
        case AdjustConsignor() | ChangePayoutDetails():
            return (*_of_sale(command.sale), participation_stream(command.participation))
        case BringBalanceForward():
            return (
                *_of_sale(command.sale),
                participation_stream(command.participation),
                settlement_stream(command.from_sale),
                participation_stream(command.from_participation),
            )
        case PayOutInCash():
            return _at_till(command, states)
        case (
            ReopenSettlement()
            | PreparePayouts()
            | DropPayoutBatch()
            | SendPayoutBatch()
            | ConfirmPayouts()
            | ReturnPayout()
            | LeavePayoutUncollected()
            | ReissuePayout()
            | CarryPayout()
            | ForfeitPayouts()
            | ForfeitUncollected()
            | WatchUncollected()
        ):
            return _of_sale(command.sale)


def _of_sale(sale: SaleId) -> tuple[StreamName, ...]:
    return (sale_stream(sale), settlement_stream(sale))


def _stating(command: FreezeSettlement | IssueSupplements, states: States) -> tuple[StreamName, ...]:
    streams = (*_of_sale(command.sale), ledger_stream(command.sale))
    match states.get(streams[0]):
        case Planned() as sale if streams[-1] in states:
            return (*streams, *map(participation_stream, _chunk(command, sale, states)))
        case _:
            return streams


def _chunk(command: FreezeSettlement | IssueSupplements, sale: Planned, states: States) -> list[ParticipationId]:
    ledger = ledger_of(states, command.sale)
    match command:
        case FreezeSettlement():
            return freezing.freeze_chunk(sale, ledger, settlement_of(states, command.sale))
        case IssueSupplements():
            return freezing.supplement_chunk(command, sale, ledger)


def _consignors(command: FreezeSettlement | IssueSupplements, sale: Planned, states: States) -> list[Registered]:
    chunk = _chunk(command, sale, states)
    return [adjusting.taking_part(participation_of(states, each), sale.sale) for each in chunk]


def _at_till(command: PayOutInCash, states: States) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale):
            return (stream, *_of_sale(sale))
        case _:
            return (stream,)


def decide(command: SettlementCommand, states: States, now: datetime) -> Decision:
    match command:
        case FreezeSettlement():
            sale = planned(states, command.sale)
            over = (ledger_of(states, command.sale), settlement_of(states, command.sale))
            return freezing.freeze(command, sale, *over, _consignors(command, sale, states), now)
        case IssueSupplements():
            sale = planned(states, command.sale)
            over = (ledger_of(states, command.sale), settlement_of(states, command.sale))
            return freezing.issue_supplements(command, sale, *over, _consignors(command, sale, states), now)
        case ConcludeFreeze() | GiveUpFreeze():
            return _ending(command, states, now)
        case AdjustConsignor() | ChangePayoutDetails() | BringBalanceForward():
            return _with_consignor(command, states)
        case PayOutInCash():
            here = opened(states, command.session)
            sale = planned(states, here.sale)
            return paying_out.pay_in_cash(command, here, sale, settlement_of(states, here.sale), now)
        case (
            ReopenSettlement()
            | PreparePayouts()
            | DropPayoutBatch()
            | SendPayoutBatch()
            | ConfirmPayouts()
            | ReturnPayout()
            | LeavePayoutUncollected()
            | ReissuePayout()
            | CarryPayout()
            | ForfeitPayouts()
            | ForfeitUncollected()
            | WatchUncollected()
        ):
            return _with_sale(command, states, now)


def _ending(command: ConcludeFreeze | GiveUpFreeze, states: States, now: datetime) -> Decision:
    sale, settlement = planned(states, command.sale), settlement_of(states, command.sale)
    match command:
        case ConcludeFreeze():
            return concluding.conclude(command, sale, settlement, now)
        case GiveUpFreeze():
            return concluding.give_up(command, sale, settlement, now)


def _with_consignor(command: AdjustConsignor | ChangePayoutDetails | BringBalanceForward, states: States) -> Decision:
    sale, settlement = planned(states, command.sale), settlement_of(states, command.sale)
    consignor = adjusting.taking_part(participation_of(states, command.participation), sale.sale)
    match command:
        case AdjustConsignor():
            return adjusting.adjust(command, sale, consignor, settlement)
        case ChangePayoutDetails():
            return adjusting.change_details(command, sale, consignor, settlement)
        case BringBalanceForward(from_sale=from_sale, from_participation=from_participation):
            other = adjusting.taking_part(participation_of(states, from_participation), from_sale)
            return adjusting.bring_forward(command, sale, consignor, settlement_of(states, from_sale), other)


def _with_sale(command: OfSale, states: States, now: datetime) -> Decision:  # noqa: C901 - a case a command
    sale, settlement = planned(states, command.sale), settlement_of(states, command.sale)
    match command:
        case ReopenSettlement():
            return reopening.reopen(command, sale, settlement)
        case PreparePayouts():
            return payout_batches.prepare(command, sale, settlement, now)
        case DropPayoutBatch():
            return payout_batches.drop(command, sale, settlement)
        case SendPayoutBatch():
            return payout_batches.send(command, sale, settlement, now)
        case ConfirmPayouts():
            return payout_batches.confirm(command, sale, settlement, now)
        case ReturnPayout():
            return paying_out.give_back(command, sale, settlement)
        case LeavePayoutUncollected():
            return paying_out.leave(command, sale, settlement, now)
        case ReissuePayout():
            return paying_out.reissue(command, sale, settlement, now)
        case CarryPayout():
            return paying_out.carry(command, sale, settlement)
        case ForfeitPayouts():
            return forfeiting.forfeit(command, sale, settlement, now)
        case ForfeitUncollected():
            return forfeiting.forfeit_uncollected(command, sale, settlement, now)
        case WatchUncollected():
            return forfeiting.watch(command, sale, settlement, now)
