"""The life of a participation's fees: due, then paid, waived or refunded.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from consign.domain.values import ParticipationId, SaleId, SessionId


class FeeMeans(StrEnum):
    """How a fee is paid or given back: at a till in cash or by card, or by what somebody else keeps record of."""

    CASH = "cash"
    CARD = "card"
    BANK = "bank"
    PROVIDER = "provider"


type FeeKind = Literal["participation", "late"]
"""What a fee is for: taking part, or bringing things late."""


class FeePaid(Struct, frozen=True, gc=False, tag="fee-paid"):
    """`amount_minor + rounding_minor` was received; the rounding is that of cash. `session` and `till` took it."""

    participation: ParticipationId
    sale: SaleId
    number: int
    amount_minor: int
    means: FeeMeans
    paid_at: datetime
    rounding_minor: int = 0
    reference: str = ""
    session: SessionId | None = None
    till: str = ""
    fee: FeeKind = "participation"


class FeeWaived(Struct, frozen=True, gc=False, tag="fee-waived"):
    """`uncharged_minor` of the fee is no longer owed; what was paid of it stays the consignor's."""

    participation: ParticipationId
    sale: SaleId
    number: int
    uncharged_minor: int
    reason: str


class FeeRefunded(Struct, frozen=True, gc=False, tag="fee-refunded"):
    """`amount_minor + rounding_minor` was given back, and `uncharged_minor` of the fee is no longer owed."""

    participation: ParticipationId
    sale: SaleId
    number: int
    amount_minor: int
    uncharged_minor: int
    means: FeeMeans
    reason: str
    refunded_at: datetime
    rounding_minor: int = 0
    reference: str = ""
    session: SessionId | None = None
    till: str = ""
    fee: FeeKind = "participation"


type FeeEvent = FeePaid | FeeWaived | FeeRefunded
