"""What is asked about prices in a basket: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.session import state as session
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, OverridePrice, PriceCommand
from consign.domain.turns import approving, discounting
from consign.domain.turns.actors import States, opened, planned, sale_stream, session_stream


def needs(command: PriceCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale_id):
            return (stream, sale_stream(sale_id), *approving.approvers(command))
        case _:
            return (stream,)


def decide(command: PriceCommand, states: States, now: datetime) -> Decision:
    here = opened(states, command.session)
    sale = planned(states, here.sale)
    match command:
        case DiscountLine():
            return discounting.discount_line(approving.approved(command, states), here, sale, now)
        case OverridePrice():
            return discounting.override_price(approving.approved(command, states), here, sale, now)
        case DiscountBasket():
            return discounting.discount_basket(approving.approved(command, states), here, sale, now)
