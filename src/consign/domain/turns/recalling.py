"""Recalling a basket that was suspended or carried over, at any till: lines and holds move in one turn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import HoldMoved
from consign.domain.ledger.state import BasketHolds, Ledger
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import BasketAnswer, RecallBasket
from consign.domain.session.events import BasketHandedOver, BasketRecalled
from consign.domain.session.state import Basket, Closed, Open, Session, Unknown
from consign.domain.tills import CarriedBasketRecalled
from consign.domain.turns.actors import ledger_stream, sale_stream, session_stream
from consign.domain.turns.basket import (
    OPEN_BASKETS_LIMIT,
    answer_of,
    basket_of,
    finished,
    holds,
    holds_of,
    require_not_paying,
)
from consign.domain.turns.holding import is_free
from consign.domain.turns.presale import require_selling
from consign.domain.values import BasketId, SessionId


def owner_of(command: RecallBasket, session: Open, ledger: Ledger) -> SessionId | None:
    """Return the session that has the basket, as far as session and ledger know, else the one the client named."""
    if command.basket in session.baskets:
        return session.session
    entry = ledger.baskets.get(command.basket)
    return command.from_session if entry is None else entry.session


def recall(
    command: RecallBasket, session: Open, ledger: Ledger, sale: Planned, states: Mapping[str, Any], now: datetime
) -> Decision:
    """Open the basket here, with every line it had, and extend what it still holds.

    Of a basket that holds nothing any more, only the session knows that took the money for it.
    """
    if command.basket in sale.carried and command.basket not in session.baskets:
        return _recall_carried(command.basket, session, ledger, sale, now)
    owner_id = owner_of(command, session, ledger)
    if owner_id is None:
        if receipt := session.finished.get(command.basket):
            raise finished(command.basket, receipt)
        raise Rejected(
            Reason.UNKNOWN_BASKET, "No till holds anything for this basket. Say at which session it was suspended."
        )
    if owner_id == session.session:
        owner = session
        basket = basket_of(session, command.basket)
        require_selling(sale, basket.presale_group, now)
        if not basket.suspended:
            return Decision((), _answer(command.basket, basket, ledger, sale, now))
    else:
        owner = _other(states[session_stream(owner_id)], session)
        basket = _suspended_at(command.basket, owner)
        require_selling(sale, basket.presale_group, now)
        _require_room(session)
    return Decision(
        _events(command.basket, basket, owner, session, ledger, sale, now),
        _answer(command.basket, basket, ledger, sale, now),
    )


def _recall_carried(basket_id: BasketId, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Open a basket whose session was closed."""
    carried = sale.carried[basket_id]
    require_selling(sale, carried.presale_group, now)
    _require_room(session)
    basket = Basket(carried.lines, discount=carried.discount, presale_group=carried.presale_group)
    recalled = _recalled(basket_id, basket, carried.session, session)
    events = [
        Emitted(session_stream(session.session), recalled),
        Emitted(sale_stream(session.sale), CarriedBasketRecalled(session.sale, basket_id, session.session)),
    ]
    entry = ledger.baskets.get(basket_id)
    if entry is not None and entry.session == carried.session:
        events.append(_holds_moved(basket_id, entry, session, sale, now))
    return Decision(tuple(events), _answer(basket_id, basket, ledger, sale, now))


def _require_room(session: Open) -> None:
    if len(session.baskets) >= OPEN_BASKETS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"{OPEN_BASKETS_LIMIT} baskets are open at this till.")


def _other(owner: Session, session: Open) -> Open:
    match owner:
        case Open() if owner.sale == session.sale:
            return owner
        case Open() | Closed() | Unknown():
            raise Rejected(Reason.UNKNOWN_BASKET, "No open session of this sale has this basket.")


def _suspended_at(basket_id: BasketId, owner: Open) -> Basket:
    basket = basket_of(owner, basket_id)
    require_not_paying(basket)
    if not basket.suspended:
        raise Rejected(Reason.BASKET_ELSEWHERE, f"This basket is open at till {owner.till}. Suspend it there first.")
    return basket


def _events(
    basket_id: BasketId,
    basket: Basket,
    owner: Open,
    session: Open,
    ledger: Ledger,
    sale: Planned,
    now: datetime,
) -> tuple[Emitted, ...]:
    recalled = _recalled(basket_id, basket, owner.session, session)
    events = [Emitted(session_stream(session.session), recalled)]
    if owner.session != session.session:
        events.append(
            Emitted(session_stream(owner.session), BasketHandedOver(session.sale, basket_id, session.session))
        )
    entry = holds_of(owner, basket_id, ledger)
    if entry is not None:
        events.append(_holds_moved(basket_id, entry, session, sale, now))
    return tuple(events)


def _recalled(basket_id: BasketId, basket: Basket, owner: SessionId, session: Open) -> BasketRecalled:
    return BasketRecalled(session.sale, basket_id, owner, basket.lines, basket.discount, basket.presale_group)


def _holds_moved(basket_id: BasketId, entry: BasketHolds, session: Open, sale: Planned, now: datetime) -> Emitted:
    expires_at = now + timedelta(seconds=sale.settings.hold_duration_s)
    moved = HoldMoved(session.sale, basket_id, session.session, session.till, expires_at, entry.tags)
    return Emitted(ledger_stream(session.sale), moved)


def _answer(basket_id: BasketId, basket: Basket, ledger: Ledger, sale: Planned, now: datetime) -> BasketAnswer:
    lost = tuple(
        line.tag
        for line in basket.lines
        if not line.manual
        and not holds(ledger, line.tag, basket_id)
        and not is_free(ledger.items[line.tag], ledger, now)
    )
    return answer_of(basket_id, basket, sale, lost)
