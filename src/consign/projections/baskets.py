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
    """Gone once paid or abandoned; the receipt then tells of it. Past `expires_at` its items are free for others."""

    basket: str
    sale: str
    session: str
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


type Handled = (
    SessionOpened
    | LineAdded
    | ItemHeld
    | LineRemoved
    | BasketSuspended
    | BasketRecalled
    | HoldMoved
    | BasketPaid
    | BasketAbandoned
    | SessionClosed
)


def _reads(stored: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case LineAdded() | BasketRecalled():
            return (("baskets", (event.basket,)), ("sessions", (identity_of(stored.stream),)))
        case ItemHeld() | HoldMoved() | LineRemoved() | BasketSuspended():
            return (("baskets", (event.basket,)),)
        case SessionOpened() | BasketPaid() | BasketAbandoned() | SessionClosed():
            return ()


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case SessionOpened():
            return (Put("sessions", OpenSessionRow(event.session, event.till)),)
        case LineAdded():
            basket = rows.get("baskets", (event.basket,)) or _begun(stored, event, _till(stored, rows))
            return (Put("baskets", _with_lines(stored, basket, (*basket.lines, event.line))),)
        case ItemHeld():
            held = rows.get("baskets", (event.basket,)) or _begun_by_hold(stored, event)
            return (Put("baskets", replace(held, expires_at=event.expires_at)),)
        case LineRemoved():
            basket = required(rows, "baskets", (event.basket,))
            left = tuple(line for line in basket.lines if line.tag != event.tag)
            return (Put("baskets", _with_lines(stored, basket, left)),)
        case BasketSuspended():
            basket = required(rows, "baskets", (event.basket,))
            waiting = replace(basket, status="suspended", note=event.note, changed_at=stored.recorded_at)
            return (Put("baskets", waiting),)
        case BasketRecalled():
            basket = required(rows, "baskets", (event.basket,))
            return (Put("baskets", _recalled(stored, basket, event, _till(stored, rows))),)
        case HoldMoved():
            basket = required(rows, "baskets", (event.basket,))
            return (Put("baskets", replace(basket, expires_at=event.expires_at)),)
        case BasketPaid() | BasketAbandoned():
            return (Remove("baskets", (event.basket,)),)
        case SessionClosed():
            return (Remove("sessions", (event.session,)),)


def _till(stored: StoredEvent, rows: Rows) -> str:
    row: OpenSessionRow = required(rows, "sessions", (identity_of(stored.stream),))
    return row.till


def _begun(stored: StoredEvent, event: LineAdded, till: str) -> BasketRow:
    session = identity_of(stored.stream)
    return BasketRow(event.basket, event.sale, session, till, "open", (), 0, stored.recorded_at)


def _begun_by_hold(stored: StoredEvent, event: ItemHeld) -> BasketRow:
    return BasketRow(event.basket, event.sale, event.session, event.till, "open", (), 0, stored.recorded_at)


def _with_lines(stored: StoredEvent, basket: BasketRow, lines: tuple[BasketLine, ...]) -> BasketRow:
    total_minor = sum(line.price_minor for line in lines)
    return replace(basket, lines=lines, total_minor=total_minor, changed_at=stored.recorded_at)


def _recalled(stored: StoredEvent, basket: BasketRow, event: BasketRecalled, till: str) -> BasketRow:
    moved = replace(basket, session=identity_of(stored.stream), till=till, status="open", note="")
    return _with_lines(stored, moved, event.lines)


BASKETS = Projection(
    name="baskets",
    version=1,
    tables=(
        Table("baskets", BasketRow, key=("basket",), indexes=(("sale",), ("session",))),
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
