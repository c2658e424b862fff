"""The baskets that are not finished: what shoppers are buying at this moment, and what waits to be recalled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import HoldMoved, ItemHeld
from consign.domain.recorded import StoredEvent, identity_of
from consign.domain.session.events import (
    BasketAbandoned,
    BasketLine,
    BasketPaid,
    BasketRecalled,
    BasketSuspended,
    LineAdded,
    LineRemoved,
    SessionClosed,
    SessionOpened,
)
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required


class BasketRow(Struct, frozen=True):
    """Gone once paid or abandoned; the receipt then tells of it. Past `expires_at` its items are free for others.

    A basket's id comes from the till, so that two sessions may use the same one by mistake: each has its own row.
    """

    session: str
    basket: str
    sale: str
    till: str
    status: Literal["open", "suspended"]
    lines: tuple[BasketLine, ...]
    total_minor: int
    changed_at: datetime
    note: str = ""
    expires_at: datetime | None = None


class OpenSessionRow(Struct, frozen=True):
    """Which till an open session sits at: a basket names only the session."""

    session: str
    till: str


type BasketEvent = LineAdded | LineRemoved | BasketSuspended | BasketRecalled | BasketPaid | BasketAbandoned
type Handled = BasketEvent | ItemHeld | HoldMoved | SessionOpened | SessionClosed


def _reads(stored: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case LineAdded() | BasketRecalled():
            session = identity_of(stored.stream)
            return (("baskets", (session, event.basket)), ("sessions", (session,)))
        case LineRemoved() | BasketSuspended():
            return (("baskets", (identity_of(stored.stream), event.basket)),)
        case ItemHeld() | HoldMoved():
            return (("baskets", (event.session, event.basket)),)
        case SessionOpened() | BasketPaid() | BasketAbandoned() | SessionClosed():
            return ()


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case ItemHeld() | HoldMoved():
            held = rows.get("baskets", (event.session, event.basket)) or _begun(
                stored, event, event.session, event.till
            )
            return (Put("baskets", replace(held, expires_at=event.expires_at)),)
        case LineAdded() | LineRemoved() | BasketSuspended() | BasketRecalled() | BasketPaid() | BasketAbandoned():
            return _apply_to_basket(stored, event, rows)
        case SessionOpened():
            return (Put("sessions", OpenSessionRow(event.session, event.till)),)
        case SessionClosed():
            return (Remove("sessions", (event.session,)),)


def _apply_to_basket(stored: StoredEvent, event: BasketEvent, rows: Rows) -> Sequence[Change]:
    session = identity_of(stored.stream)
    key = (session, event.basket)
    match event:
        case LineAdded():
            basket = rows.get("baskets", key) or _begun(stored, event, session, _till(session, rows))
            return (Put("baskets", _with_lines(stored, basket, (*basket.lines, event.line))),)
        case LineRemoved():
            basket = required(rows, "baskets", key)
            left = tuple(line for line in basket.lines if line.tag != event.tag)
            return (Put("baskets", _with_lines(stored, basket, left)),)
        case BasketSuspended():
            basket = required(rows, "baskets", key)
            waiting = replace(basket, status="suspended", note=event.note, changed_at=stored.recorded_at)
            return (Put("baskets", waiting),)
        case BasketRecalled():
            begun = _begun(stored, event, session, _till(session, rows))
            recalled = Put("baskets", _with_lines(stored, begun, event.lines))
            if event.from_session == session:
                return (recalled,)
            return (Remove("baskets", (event.from_session, event.basket)), recalled)
        case BasketPaid() | BasketAbandoned():
            return (Remove("baskets", key),)


def _till(session: str, rows: Rows) -> str:
    row: OpenSessionRow = required(rows, "sessions", (session,))
    return row.till


def _begun(
    stored: StoredEvent, event: LineAdded | BasketRecalled | ItemHeld | HoldMoved, session: str, till: str
) -> BasketRow:
    return BasketRow(session, event.basket, event.sale, till, "open", (), 0, stored.recorded_at)


def _with_lines(stored: StoredEvent, basket: BasketRow, lines: tuple[BasketLine, ...]) -> BasketRow:
    total_minor = sum(line.price_minor for line in lines)
    return replace(basket, lines=lines, total_minor=total_minor, changed_at=stored.recorded_at)


BASKETS = Projection(
    name="baskets",
    version=1,
    tables=(
        Table("baskets", BasketRow, key=("session", "basket"), indexes=(("sale",), ("basket",))),
        Table("sessions", OpenSessionRow, key=("session",)),
    ),
    handles=frozenset(
        {
            "session-opened",
            "line-added",
            "item-held",
            "line-removed",
            "basket-suspended",
            "basket-recalled",
            "hold-moved",
            "basket-paid",
            "basket-abandoned",
            "session-closed",
        }
    ),
    reads=_reads,
    apply=_apply,
)
