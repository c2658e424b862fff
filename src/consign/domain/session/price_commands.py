"""What is asked about the prices in a basket. The organizer bears what is taken off by hand."""

from msgspec import Struct

from consign.domain.pins import PinVersion
from consign.domain.values import (
    AmountMinor,
    GivenAccountId,
    GivenBasketId,
    GivenSessionId,
    Ppm,
    Role,
    ScannedText,
    Text,
)


class Approval(Struct, frozen=True, gc=False):
    """An organizer has entered this PIN of theirs beside somebody else's command; which digits it has, nobody kept."""

    by: GivenAccountId
    pin_version: PinVersion


class GivenDiscount(Struct, frozen=True, gc=False):
    """An amount or a rate; neither takes an earlier discount back."""

    amount_minor: AmountMinor = 0
    rate_ppm: Ppm = 0


class DiscountLine(Struct, frozen=True, gc=False, tag="discount-line"):
    """How much a role may take off is a setting of the sale. `tag` names the line, a manual one by its id."""

    session: GivenSessionId
    basket: GivenBasketId
    tag: ScannedText
    role: Role
    authorized_by: GivenAccountId
    discount: GivenDiscount
    reason: Text = ""
    approval: Approval | None = None


class OverridePrice(Struct, frozen=True, gc=False, tag="override-price"):
    """Sells a line for less; it takes an organizer, or one's approval."""

    session: GivenSessionId
    basket: GivenBasketId
    tag: ScannedText
    role: Role
    authorized_by: GivenAccountId
    price_minor: AmountMinor
    reason: Text
    approval: Approval | None = None


class DiscountBasket(Struct, frozen=True, gc=False, tag="discount-basket"):
    """Counts for all that is in the basket when it is paid, whatever is scanned or removed until then."""

    session: GivenSessionId
    basket: GivenBasketId
    role: Role
    authorized_by: GivenAccountId
    discount: GivenDiscount
    reason: Text = ""
    approval: Approval | None = None


type PriceCommand = DiscountLine | OverridePrice | DiscountBasket
