"""What is asked about things without a readable tag: sold at a till, and matched by an organizer afterwards."""

from msgspec import Struct

from consign.domain.presale import GroupName
from consign.domain.values import (
    AmountMinor,
    Code,
    ConsignorNumber,
    GivenBasketId,
    GivenManualLineId,
    GivenSaleId,
    GivenSessionId,
    Name,
    ParticipationId,
    ReceiptNumber,
    ScannedText,
    TagCode,
    Text,
)


class AddManualLine(Struct, frozen=True, gc=False, tag="add-manual-line"):
    """The till makes the line's id. Whose the thing is stays open until an organizer says so, also with a number.

    As with a scan, the first line opens the basket, for a presale group where one is named.
    """

    session: GivenSessionId
    basket: GivenBasketId
    line: GivenManualLineId
    price_minor: AmountMinor
    description: Name
    category: Code | None = None
    consignor: ConsignorNumber | None = None
    presale_group: GroupName | None = None


class MatchManualLine(Struct, frozen=True, gc=False, tag="match-manual-line"):
    """It was the item with this tag: that is sold now, for what the line cost."""

    sale: GivenSaleId
    line: GivenManualLineId
    tag: ScannedText


class CreditManualLine(Struct, frozen=True, gc=False, tag="credit-manual-line"):
    """It was this consignor's, whatever item it was. The category decides the commission."""

    sale: GivenSaleId
    line: GivenManualLineId
    consignor: ConsignorNumber


class KeepManualLine(Struct, frozen=True, gc=False, tag="keep-manual-line"):
    """Nobody knows whose it was: the organizer keeps what was paid for it."""

    sale: GivenSaleId
    line: GivenManualLineId
    reason: Text


class ManualLineAnswer(Struct, frozen=True, gc=False):
    """Whose the line is now; without either the organizer's."""

    line: TagCode
    receipt: ReceiptNumber
    tag: TagCode | None = None
    participation: ParticipationId | None = None


type ManualLineCommand = AddManualLine | MatchManualLine | CreditManualLine | KeepManualLine
