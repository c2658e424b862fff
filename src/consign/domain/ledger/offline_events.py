"""What is recorded of sales that a till made without the server, and of what they contradict.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
A receipt that was made offline is a receipt like any other: `basket-paid` and `items-sold` tell of it as well.
"""

from datetime import datetime
from typing import Literal, NewType

from msgspec import Struct

from consign.domain.values import AccountId, BasketId, ReceiptNumber, SaleId, SessionId, TagCode

ConflictId = NewType("ConflictId", str)
"""That of the manual line which holds its money, where there is one."""
QuarantineId = NewType("QuarantineId", str)
"""Made of the bytes: what is sent again is kept once."""

type ConflictKind = Literal[
    "sold_twice",
    "not_for_sale",
    "wrong_sale",
    "unknown_tag",
    "price_differs",
    "session_closed",
    "sale_closed",
]

type AnomalyKind = Literal[
    "receipt_gap",
    "receipt_out_of_order",
    "receipt_reused",
    "clock_skewed",
    "clock_out_of_bounds",
    "override_unverified",
    "till_in_use",
]


class Anomaly(Struct, frozen=True, gc=False):
    """Something that should not be and was recorded all the same."""

    kind: AnomalyKind
    detail: str


class Override(Struct, frozen=True, gc=False):
    """Somebody lowered a price offline; `verifier` names the cached PIN verifier that let them.

    `approved_by` is whose PIN the till says it was: claimed, for nobody here has seen it.
    """

    line: TagCode
    authorized_by: AccountId | None
    verifier: str
    approved_by: AccountId | None = None


class Difference(Struct, frozen=True, gc=False):
    """A figure of a line, counted from 0 as its till sent it, that the sale's rules make another one.

    `discount`: what the organizer bears, against the discounts that are named. `window`, `window_of_organizer`: what a
    discount window took off, by who bears it. `tax_on_top`: tax that is right, but in the price or not.
    """

    line: int
    part: Literal["discount", "window", "window_of_organizer", "tax", "tax_on_top", "surcharge"]
    told_minor: int
    computed_minor: int


class OfflineSaleReceived(Struct, frozen=True, tag="offline-sale-received"):
    """A sale made offline is in the log. `upload` is the id its till gave it, `printed` the number on the receipt.

    `occurred_at` and `sent_at` are by the till's clock, `received_at` by the server's; `sold_at` is what counts.
    `digest` tells a repetition from another sale under the same id.
    """

    sale: SaleId
    upload: BasketId
    session: SessionId
    till: str
    receipt: ReceiptNumber
    printed: ReceiptNumber
    counter: int
    occurred_at: datetime
    sent_at: datetime
    received_at: datetime
    sold_at: datetime
    digest: str
    anomalies: tuple[Anomaly, ...] = ()
    overrides: tuple[Override, ...] = ()
    conflicts: tuple[ConflictId, ...] = ()


class ConflictFound(Struct, frozen=True, tag="conflict-found"):
    """What happened offline contradicts what is known here.

    `scanned` is the tag as it was sold. `line` is the manual line that holds what was paid, until an organizer says
    whose it is; without one nothing is held back. `other_receipt` sold the same item before. `differences` is what the
    till computed otherwise.
    """

    sale: SaleId
    conflict: ConflictId
    kind: ConflictKind
    receipt: ReceiptNumber
    session: SessionId
    till: str
    found_at: datetime
    detail: str
    scanned: str = ""
    line: TagCode | None = None
    amount_minor: int = 0
    other_receipt: ReceiptNumber | None = None
    other_till: str | None = None
    differences: tuple[Difference, ...] = ()


class ConflictAccepted(Struct, frozen=True, gc=False, tag="conflict-accepted"):
    """An organizer took note of a conflict that holds no money back."""

    sale: SaleId
    conflict: ConflictId
    reason: str
    accepted_by: AccountId


class SaleQuarantined(Struct, frozen=True, gc=False, tag="sale-quarantined"):
    """An uploaded sale could not be read. `data` are its bytes, sealed under `key`, `error` says what is wrong.

    Without a `session` it is a whole upload, of nobody knows which till; `cashier` is who sent it.
    """

    sale: SaleId
    quarantine: QuarantineId
    session: SessionId | None
    till: str
    cashier: AccountId
    sent_at: datetime
    received_at: datetime
    error: str
    key: str
    data: str


class QuarantineEnded(Struct, frozen=True, gc=False, tag="quarantine-ended"):
    """The sale was repaired and is received as `upload`, or an organizer discarded it."""

    sale: SaleId
    quarantine: QuarantineId
    outcome: Literal["repaired", "discarded"]
    ended_by: AccountId
    reason: str = ""
    upload: BasketId | None = None


type OfflineEvent = OfflineSaleReceived | ConflictFound | ConflictAccepted | SaleQuarantined | QuarantineEnded
"""What the ledger records."""
