"""What a session records of a basket that is being paid: its total stands, and tenders are taken one by one.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime

from msgspec import Struct

from consign.domain.session.events import BasketLine, Tender
from consign.domain.values import AccountId, BasketId, SaleId, SessionId


class PayingBegun(Struct, frozen=True, tag="paying-begun"):
    """The basket comes to `total_minor`, line by line as they stand here, until it is paid or paying is cancelled."""

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    lines: tuple[BasketLine, ...]
    total_minor: int
    begun_at: datetime
    cashier: AccountId


class TendersTaken(Struct, frozen=True, tag="tenders-taken"):
    """Money came in for a basket that is not paid up yet; each tender has an id of its own."""

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    tenders: tuple[Tender, ...]
    taken_at: datetime
    cashier: AccountId


class PayingCancelled(Struct, frozen=True, tag="paying-cancelled"):
    """The basket is open again; `tenders` were given back. What a provider took is owed, see `payments-owed`."""

    sale: SaleId
    session: SessionId
    till: str
    basket: BasketId
    tenders: tuple[Tender, ...]
    reason: str
    cancelled_at: datetime
    cashier: AccountId


type PayingEvent = PayingBegun | TendersTaken | PayingCancelled
"""What a session records of paying."""
