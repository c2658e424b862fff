"""The words all aggregates share: ids, amounts, texts, and the limits they are held to at the edge.

Plain names (`SaleId`) are what events and states hold: the log is trusted, so reading it validates nothing twice.
`Given…` names are what commands hold: they check what a client sent.
"""

from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

AMOUNT_LIMIT_MINOR = 10**12
"""No amount of money lies further from zero than this, in minor units of its currency."""

ROWS_LIMIT = 500
"""How many rows or tags one command may carry: imports come in chunks, so that one turn stays short."""

OrganizationSlug = NewType("OrganizationSlug", str)
AccountId = NewType("AccountId", str)
SaleId = NewType("SaleId", str)
ParticipationId = NewType("ParticipationId", str)
SessionId = NewType("SessionId", str)
BasketId = NewType("BasketId", str)
TagCode = NewType("TagCode", str)
"""Eleven digits, see `consign.domain.tag`."""
DraftId = NewType("DraftId", str)
"""What a client calls an item it describes before the item has a tag."""
PhotoId = NewType("PhotoId", str)
ReceiptNumber = NewType("ReceiptNumber", str)
"""`<till>-<counter>`, gapless per till; a refund's is `<till>-R<counter>`."""

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_NO_NUL = r"^[^\x00]*$"

GivenSlug = Annotated[OrganizationSlug, Meta(pattern=r"^[a-z0-9-]{2,40}$", max_length=40)]
GivenAccountId = Annotated[AccountId, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$", max_length=64)]
"""Names a stream and stands in paths and subjects: opaque, never an address or a name of somebody."""
GivenSaleId = Annotated[SaleId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenParticipationId = Annotated[ParticipationId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenSessionId = Annotated[SessionId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenBasketId = Annotated[BasketId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenDraftId = Annotated[DraftId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenPhotoId = Annotated[PhotoId, Meta(pattern=UUID_PATTERN, max_length=36)]
GivenManualLineId = Annotated[TagCode, Meta(pattern=UUID_PATTERN, max_length=36)]
"""The id that a till gives a line without a tag: it stands where a tag's code would."""
VoucherCode = NewType("VoucherCode", str)
"""Twelve letters and digits, see `consign.domain.vouchers`."""
GivenVoucherCode = Annotated[VoucherCode, Meta(pattern=r"^[2-9A-HJKMNP-Z]{12}$", max_length=12)]
GivenReceipt = Annotated[ReceiptNumber, Meta(min_length=1, max_length=40, pattern=_NO_NUL)]
ScannedText = Annotated[str, Meta(min_length=1, max_length=64, pattern=_NO_NUL)]
"""What a scanner or a hand typed: the domain says whether it is a tag."""

Minor = Annotated[int, Meta(ge=-AMOUNT_LIMIT_MINOR, le=AMOUNT_LIMIT_MINOR)]
PositiveMinor = Annotated[int, Meta(ge=1, le=AMOUNT_LIMIT_MINOR)]
AmountMinor = Annotated[int, Meta(ge=0, le=AMOUNT_LIMIT_MINOR)]
Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]
"""A rate in parts per million: 20 % is 200000."""

Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=_NO_NUL)]
Text = Annotated[str, Meta(max_length=500, pattern=_NO_NUL)]
Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$", max_length=60)]
"""A short stable key that people choose once: of a category, a tier, a quota group."""
TillName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{1,12}$", max_length=12)]
"""No hyphen: the hyphen divides till and counter in a receipt's number."""
SaleNumber = Annotated[int, Meta(ge=1, le=999)]
ConsignorNumber = Annotated[int, Meta(ge=1, le=9999)]
ItemNumber = Annotated[int, Meta(ge=1, le=999)]
RowNumber = Annotated[int, Meta(ge=0, le=10**9)]

Role = Literal[
    "organizer",
    "cashier",
    "volunteer",
    "consignor",
    "shopper",
    "integrator",
    "auditor",
    "operator",
    "device",
    "guest",
    "system",
]
"""`device`: a till's machine at which nobody is signed in yet. `guest`: signed in and no member, for what anybody may
ask. `system`: the service itself."""


Scope = Literal["all", "own", "own_session"]
"""How far a role reaches: all of an organization, what is the account's own, or the tills at which it stands itself."""


class Actor(Struct, frozen=True, gc=False):
    """Who asks, in which role, and how far that reaches by the policy."""

    account: GivenAccountId
    role: Role
    scope: Scope = "all"

    @property
    def reaches_own_alone(self) -> bool:
        """Whether only what belongs to the account is its business."""
        return self.scope == "own"


SYSTEM = Actor(AccountId("system"), "system")
"""The service itself, for what it decides by its own rules."""


class Sealed(Struct, frozen=True, gc=False):
    """Personal data that only the holder of the subject's key can read; the domain passes it on unread.

    When the subject is forgotten the ciphertext stays and means nothing: nothing here depends on what it says.
    """

    subject: Annotated[str, Meta(max_length=80)]
    ciphertext: Annotated[str, Meta(max_length=20_000)]


class RowError(Struct, frozen=True, gc=False):
    """What is wrong with one row of a batch; the rows without an error took effect.

    `row` is the number the client gave the row (or its index), `pointer` a JSON pointer into the command's body.
    """

    row: int
    pointer: str
    reason: str
    detail: str


class Done(Struct, frozen=True, gc=False):
    """The answer where nothing needs to be said but the position."""
