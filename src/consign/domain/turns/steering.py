"""What is asked of a sale as a whole: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, PlanSale, SaleCommand
from consign.domain.turns import closing, planning
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    organization_stream,
    planned,
    sale_stream,
    settlement_of,
    settlement_stream,
)


def needs(command: SaleCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    match command:
        case PlanSale():
            return (organization_stream(command.organization), sale_stream(command.sale))
        case ChangeSaleSettings():
            return (sale_stream(command.sale), ledger_stream(command.sale))
        case ChangeSalePhase():
            return (sale_stream(command.sale), ledger_stream(command.sale), settlement_stream(command.sale))


def decide(command: SaleCommand, states: States, now: datetime) -> Decision:
    match command:
        case PlanSale():
            return planning.plan(
                command, states[organization_stream(command.organization)], states[sale_stream(command.sale)]
            )
        case ChangeSaleSettings():
            return planning.change_settings(
                command, planned(states, command.sale), ledger_of(states, command.sale), now
            )
        case ChangeSalePhase():
            sale = planned(states, command.sale)
            closing.check_phase(command, sale, settlement_of(states, command.sale))
            return planning.change_phase(command, sale, ledger_of(states, command.sale), now)
