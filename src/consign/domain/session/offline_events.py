"""What a session records of working without the server.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime

from msgspec import Struct

from consign.domain.values import ReceiptNumber, SaleId, SessionId


class SessionRecordedOffline(Struct, frozen=True, gc=False, tag="session-recorded-offline"):
    """The till opened this session without the server, at `opened_at` by its clock."""

    sale: SaleId
    session: SessionId
    till: str
    opened_at: datetime


class UnsyncedReported(Struct, frozen=True, gc=False, tag="unsynced-reported"):
    """How many sales the till holds that it has not uploaded."""

    sale: SaleId
    session: SessionId
    till: str
    unsynced: int
    reported_at: datetime


class ReceiptCounterRaised(Struct, frozen=True, gc=False, tag="receipt-counter-raised"):
    """Another session of the till used numbers up to this one: this session goes on after it."""

    sale: SaleId
    session: SessionId
    till: str
    receipt_counter: int


class SessionSupplemented(Struct, frozen=True, gc=False, tag="session-supplemented"):
    """Sales of a session that was closed before: a supplement to its Z report, counted from 1.

    `cash_minor` was in the drawer when it was counted: so much less was over, or so much more was short.
    `grand_total_minor` is what the till sold in all its sessions, with these sales.
    """

    sale: SaleId
    session: SessionId
    till: str
    supplement: int
    receipts: tuple[ReceiptNumber, ...]
    total_minor: int
    cash_minor: int
    card_minor: int
    grand_total_minor: int = 0


type OfflineSessionEvent = SessionRecordedOffline | UnsyncedReported | ReceiptCounterRaised | SessionSupplemented
"""What a session records."""
