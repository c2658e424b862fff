"""What tills upload when they are back, and what organizers make of it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from consign.domain.ledger.offline_events import AnomalyKind, ConflictId, QuarantineId
from consign.domain.presale import GroupName
from consign.domain.session.commands import TENDERS_LIMIT, GivenTender
from consign.domain.values import (
    ROWS_LIMIT,
    AmountMinor,
    BasketId,
    GivenAccountId,
    GivenBasketId,
    GivenManualLineId,
    GivenSaleId,
    GivenSessionId,
    Minor,
    Name,
    Ppm,
    ReceiptNumber,
    SaleId,
    ScannedText,
    SessionId,
    Text,
    TillName,
)

UPLOAD_LIMIT = 50
"""How many sales one upload may carry."""

SALE_BYTES_LIMIT = 128 * 1024
"""How many bytes a sale may have that is taken in. A larger one is kept as it is, like one that cannot be read."""

BODY_BYTES_LIMIT = 512 * 1024
"""How many bytes an upload may have that cannot be read at all."""

SEALED_LIMIT = 8 * 1024 * 1024
"""How long the ciphertext of anything may be that is kept: more than an upload can have in bytes."""

BODIES_LIMIT = 1_000
"""How many such uploads may wait in one sale."""

TillTime = Annotated[datetime, Meta(tz=True)]

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
GivenConflictId = Annotated[ConflictId, Meta(pattern=_UUID, max_length=36)]
GivenQuarantineId = Annotated[QuarantineId, Meta(pattern=_UUID, max_length=36)]
UnsyncedCount = Annotated[int, Meta(ge=0, le=1_000_000)]


class OfflineDiscount(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One discount as the till gave it; an override says by which cached PIN verifier it was let through.

    `approved_by` is who entered their PIN, where that is somebody else than who stood at the till.
    """

    kind: Literal["window", "line", "basket", "override"]
    amount_minor: AmountMinor
    borne_by: Literal["consignor", "organizer"]
    name: Text = ""
    reason: Text = ""
    authorized_by: GivenAccountId | None = None
    verifier: Text = ""
    approved_by: GivenAccountId | None = None


class OfflineLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line as the till sold it: by its `tag`, or by the id of a manual `line`.

    `asked_minor` is what the till took for the printed price; without one it is `price_minor`. The other parts are
    those of every line, see `consign.domain.amounts`.
    """

    price_minor: AmountMinor
    tag: ScannedText | None = None
    line: GivenManualLineId | None = None
    asked_minor: AmountMinor | None = None
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    tax_rate_ppm: Ppm = 0
    tax_included: bool = False
    surcharge_minor: AmountMinor = 0
    discounts: Annotated[tuple[OfflineDiscount, ...], Meta(max_length=10)] = ()
    consignor: Annotated[int, Meta(ge=0, le=9999)] = 0
    category: Annotated[str, Meta(max_length=60)] = ""
    description: Text = ""


class OfflineVoid(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    reason: Name


class OfflineSale(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt that a till made by itself; `counter` is the number it printed behind the till's name.

    `voided`: the till undid the whole receipt before it was uploaded. `cashier` is who sold, where the till says it;
    otherwise it was whoever stands at the till when the sale arrives. `presale_group` is kept as it is told.
    """

    sale_id: GivenBasketId
    counter: Annotated[int, Meta(ge=1, le=10**9)]
    lines: Annotated[tuple[OfflineLine, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    tenders: Annotated[tuple[GivenTender, ...], Meta(max_length=TENDERS_LIMIT)]
    total_minor: AmountMinor
    occurred_at: TillTime
    rounding_minor: Minor = 0
    change_minor: AmountMinor = 0
    voided: OfflineVoid | None = None
    cashier: GivenAccountId | None = None
    presale_group: GroupName | None = None


class KeptBytes(Struct, frozen=True, gc=False):
    """What was sent, as only the organizer can read it: `data` is sealed under `key`, which is destroyed after a while.

    The name tells the same bytes again, and nobody can tell from it what they are.
    """

    quarantine: GivenQuarantineId
    key: Annotated[str, Meta(pattern=_UUID, max_length=36)]
    data: Annotated[str, Meta(max_length=SEALED_LIMIT)]


class UploadOfflineSales(Struct, frozen=True, tag="upload-offline-sales"):
    """Sales of one session, in the order they were made; repeated until answered, each is taken in once.

    Each of `sales` is an `OfflineSale`; one that cannot be read holds up none of the others. `kept` are the same sales,
    for the quarantine. `sent_at` is by the till's clock. A session that the till opened by itself is opened here with
    `float_minor`. `unsynced` says how many sales the till holds beside these.
    """

    sale: GivenSaleId
    session: GivenSessionId
    till: TillName
    cashier: GivenAccountId
    sent_at: TillTime
    sales: Annotated[tuple[Raw, ...], Meta(min_length=1, max_length=UPLOAD_LIMIT)]
    kept: Annotated[tuple[KeptBytes, ...], Meta(min_length=1, max_length=UPLOAD_LIMIT)]
    opened_at: TillTime | None = None
    float_minor: AmountMinor = 0
    unsynced: UnsyncedCount | None = None


class QuarantineUpload(Struct, frozen=True, gc=False, tag="quarantine-upload"):
    """An upload of which nothing can be read, not even of which till it is."""

    sale: GivenSaleId
    uploaded_by: GivenAccountId
    error: Text
    kept: KeptBytes


class ReportUnsynced(Struct, frozen=True, gc=False, tag="report-unsynced"):
    """How many sales the till holds that it has not uploaded."""

    session: GivenSessionId
    unsynced: UnsyncedCount


class AcceptConflict(Struct, frozen=True, gc=False, tag="accept-conflict"):
    """Takes note of a conflict that holds no money back. The others are resolved by what becomes of their line."""

    sale: GivenSaleId
    conflict: GivenConflictId
    accepted_by: GivenAccountId
    reason: Text


class RepairQuarantined(Struct, frozen=True, tag="repair-quarantined"):
    """Takes in what could not be read, after somebody mended it.

    `session` and `till` mend where it was sold; without them they are as they were sent.
    """

    sale: GivenSaleId
    quarantine: GivenQuarantineId
    ended_by: GivenAccountId
    repaired: OfflineSale
    session: GivenSessionId | None = None
    till: TillName | None = None
    reason: Text = ""


class DiscardQuarantined(Struct, frozen=True, gc=False, tag="discard-quarantined"):
    """Nothing was sold by it, or it is here otherwise. Its bytes stay until their key is destroyed."""

    sale: GivenSaleId
    quarantine: GivenQuarantineId
    ended_by: GivenAccountId
    reason: Text


class UploadedSale(Struct, frozen=True, omit_defaults=True):
    """What became of one sale of an upload: `received` now, `known` from before, or `quarantined` for its `error`.

    The till may forget it in each case. `printed` differs from `receipt` only where a number was used twice.
    """

    outcome: Literal["received", "known", "quarantined"]
    sale_id: BasketId | None = None
    receipt: ReceiptNumber | None = None
    conflicts: tuple[ConflictId, ...] = ()
    anomalies: tuple[AnomalyKind, ...] = ()
    quarantine: QuarantineId | None = None
    error: str | None = None


class UploadAnswer(Struct, frozen=True):
    """Sale by sale in the order they were sent. `next_receipt` is the number the till goes on with.

    An upload that cannot be read at all is one thing in quarantine, and neither session nor number are known.
    """

    session: SessionId | None
    sales: tuple[UploadedSale, ...]
    next_receipt: ReceiptNumber | None


class UnsyncedAnswer(Struct, frozen=True, gc=False):
    session: SessionId
    unsynced: int


class ConflictAnswer(Struct, frozen=True, gc=False):
    sale: SaleId
    conflict: ConflictId


class QuarantineAnswer(Struct, frozen=True):
    """`received` says what became of a sale that was repaired."""

    quarantine: QuarantineId
    received: UploadedSale | None = None


type OfflineCommand = (
    UploadOfflineSales | QuarantineUpload | ReportUnsynced | AcceptConflict | RepairQuarantined | DiscardQuarantined
)
