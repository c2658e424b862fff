"""What is asked about a till's drawer: who stands at it, and cash that is carried to another till."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.session.drawer_events import TransferId
from consign.domain.values import (
    AccountId,
    AmountMinor,
    GivenAccountId,
    GivenSessionId,
    PositiveMinor,
    SessionId,
    Text,
)

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
GivenTransferId = Annotated[TransferId, Meta(pattern=_UUID, max_length=36)]


class HandOverSession(Struct, frozen=True, gc=False, tag="hand-over-session"):
    """Another cashier takes over the till as it stands. Whether cash is counted first is a setting of the sale."""

    session: GivenSessionId
    to_cashier: GivenAccountId
    counted_minor: AmountMinor | None = None
    reason: Text = ""


class SendCash(Struct, frozen=True, gc=False, tag="send-cash"):
    """The client makes the transfer's id. The cash is on its way until it is received or taken back."""

    session: GivenSessionId
    transfer: GivenTransferId
    to_session: GivenSessionId
    amount_minor: PositiveMinor
    reason: Text = ""


class ReceiveCash(Struct, frozen=True, gc=False, tag="receive-cash"):
    """`counted_minor` is what arrived; a difference needs a reason."""

    session: GivenSessionId
    transfer: GivenTransferId
    from_session: GivenSessionId
    counted_minor: AmountMinor
    reason: Text = ""


class TakeCashBack(Struct, frozen=True, gc=False, tag="take-cash-back"):
    """Puts back into the drawer what was sent and did not arrive."""

    session: GivenSessionId
    transfer: GivenTransferId
    reason: Text


class HandedOverAnswer(Struct, frozen=True, gc=False):
    session: SessionId
    cashier: AccountId
    expected_minor: int
    difference_minor: int
    currency: str


class TransferAnswer(Struct, frozen=True, gc=False):
    """`expected_minor` is what should be in this session's drawer now."""

    session: SessionId
    transfer: TransferId
    amount_minor: int
    difference_minor: int
    expected_minor: int
    currency: str


type DrawerCommand = HandOverSession | SendCash | ReceiveCash | TakeCashBack
