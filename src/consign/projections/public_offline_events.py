"""The published form of what tills brought in that had sold without the service, and of what contradicted."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ConflictRecorded(Struct, frozen=True):
    """A receipt that a till made by itself contradicts what was known: the receipt stands, an organizer decides.

    `amount_minor` of its money waits for that; it may be none. `tag` is what was scanned, where that is a tag code;
    `other_receipt` had sold the same item.
    """

    sale: str
    conflict: str
    kind: Literal[
        "sold_twice", "not_for_sale", "wrong_sale", "unknown_tag", "price_differs", "session_closed", "sale_closed"
    ]
    receipt: str
    till: str
    tag: str | None
    amount_minor: int
    currency: str
    other_receipt: str | None
    recorded_at: datetime


class ConflictResolved(Struct, frozen=True):
    """What became of a conflict: noted (`accepted`), or what became of the money that waited."""

    sale: str
    conflict: str
    outcome: Literal["accepted", "matched", "credited", "kept", "given_back", "voided"]


class UploadQuarantined(Struct, frozen=True):
    """A till sent something that could not be read: one sale, or a whole upload of which not even the till is known.

    It is kept, and nothing of it counts as sold yet.
    """

    sale: str
    quarantine: str
    till: str | None
    received_at: datetime


class QuarantineEnded(Struct, frozen=True):
    """What could not be read was mended and is taken in as a receipt, or nothing was sold by it."""

    sale: str
    quarantine: str
    outcome: Literal["repaired", "discarded"]


type OfflineData = ConflictRecorded | ConflictResolved | UploadQuarantined | QuarantineEnded
"""What integrators are told of tills that were away; what they sold is told as any other receipt."""
