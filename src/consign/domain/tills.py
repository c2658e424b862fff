"""The tills of a sale: which session is open at each, how far its counters are, and baskets that outlived a session.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.session.events import BasketDiscount, BasketLine
from consign.domain.values import BasketId, SaleId, SessionId


class TillOpened(Struct, frozen=True, gc=False, tag="till-opened"):
    sale: SaleId
    till: str
    session: SessionId


class TillClosed(Struct, frozen=True, gc=False, tag="till-closed"):
    """The counters are the last ones used: the till's next session goes on from them, the Z reports too."""

    sale: SaleId
    till: str
    session: SessionId
    receipt_counter: int
    refund_counter: int
    z_number: int = 0
    grand_total_minor: int = 0


class BasketCarriedOver(Struct, frozen=True, tag="basket-carried-over"):
    """Its session was closed; the basket waits to be recalled at any till of the sale."""

    sale: SaleId
    basket: BasketId
    session: SessionId
    till: str
    lines: tuple[BasketLine, ...]
    discount: BasketDiscount | None = None
    note: str = ""
    presale_group: str | None = None


class CarriedBasketRecalled(Struct, frozen=True, gc=False, tag="carried-basket-recalled"):
    sale: SaleId
    basket: BasketId
    to_session: SessionId


class TillCounted(Struct, frozen=True, gc=False, tag="till-counted"):
    """The till used receipt numbers up to this one in a session that is closed, or beside its open one.

    It sold for `total_minor` more there than its last Z report knows of.
    """

    sale: SaleId
    till: str
    receipt_counter: int
    total_minor: int = 0


class TillUnsyncedReported(Struct, frozen=True, gc=False, tag="till-unsynced-reported"):
    """How many sales the till still held when its session was closed, or after that; null: nobody knew."""

    sale: SaleId
    till: str
    session: SessionId
    unsynced: int | None
    reported_at: datetime


class Till(Struct, frozen=True, gc=False):
    """The counters are the last used ones; while a session is open it counts on by itself.

    `others` are open, too: the till opened them offline, and the server knew nothing of it. `unsynced` is how many
    sales it still holds of sessions that are closed; null: nobody knows.
    """

    session: SessionId | None
    receipt_counter: int = 0
    refund_counter: int = 0
    others: tuple[SessionId, ...] = ()
    z_counter: int = 0
    grand_total_minor: int = 0
    unsynced: int | None = 0


class CarriedBasket(Struct, frozen=True):
    """A basket that outlived its session."""

    session: SessionId
    lines: tuple[BasketLine, ...]
    discount: BasketDiscount | None = None
    presale_group: str | None = None


type TillEvent = TillOpened | TillClosed | TillCounted | TillUnsyncedReported


def evolve(tills: HashTrieMap[str, Till], event: TillEvent) -> HashTrieMap[str, Till]:
    """Return the tills, by their names, after the event."""
    known = tills.get(event.till) or Till(None)
    match event:
        case TillOpened(till=till, session=session):
            return tills.insert(till, _joined(known, session))
        case TillClosed(till=till):
            return tills.insert(till, _left(known, event))
        case TillCounted(till=till, receipt_counter=receipts, total_minor=total_minor):
            counted = replace(
                known,
                receipt_counter=max(known.receipt_counter, receipts),
                grand_total_minor=known.grand_total_minor + total_minor,
            )
            return tills.insert(till, counted)
        case TillUnsyncedReported(till=till, unsynced=unsynced):
            return tills.insert(till, replace(known, unsynced=unsynced))


def _joined(till: Till, session: SessionId) -> Till:
    if till.session is None:
        return replace(till, session=session)
    return replace(till, others=(*till.others, session))


def _left(till: Till, closed: TillClosed) -> Till:
    still_open = [each for each in (till.session, *till.others) if each not in (None, closed.session)]
    return Till(
        still_open[0] if still_open else None,
        max(till.receipt_counter, closed.receipt_counter),
        max(till.refund_counter, closed.refund_counter),
        tuple(each for each in still_open[1:] if each is not None),
        closed.z_number,
        closed.grand_total_minor,
        till.unsynced,
    )
