"""The rules of a sale that change what a shopper pays: discount windows, tax, the buyer's surcharge."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.money import PARTS_PER_MILLION, RoundingMode, divide
from consign.domain.values import AmountMinor, Code, Name, Ppm

type WallTime = Annotated[datetime, Meta(tz=False)]
"""A date and time as the clocks at the sale show it, such as 2026-11-21T16:00:00."""


class DiscountWindow(Struct, frozen=True, gc=False, omit_defaults=True):
    """Hours in which prices are lower: `[begins, ends)` in the sale's zone, for all categories unless some are named.

    It reduces what its consignor marked `reduce`, who then bears it; where it is for `everyone`, also the rest, which
    the organizer bears. `begins_at` and `ends_at` are the same hours as instants: the service fills them in.
    """

    name: Name
    rate_ppm: Annotated[int, Meta(ge=1, le=1_000_000)]
    begins: WallTime
    ends: WallTime
    categories: Annotated[tuple[Code, ...], Meta(max_length=500)] = ()
    everyone: bool = False
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the window is open at an instant."""
        return self.begins_at is not None and self.ends_at is not None and self.begins_at <= now < self.ends_at

    def reduces(self, category: str, *, opted_in: bool) -> bool:
        """Whether the window is for a thing of this category."""
        return (opted_in or self.everyone) and (not self.categories or category in self.categories)


def reduced_minor(price_minor: int, rate_ppm: int, step_minor: int) -> int:
    """Return a price less a rate, rounded to a step (halves up), and never above the price it was."""
    steps = divide(price_minor * (PARTS_PER_MILLION - rate_ppm), PARTS_PER_MILLION * step_minor, RoundingMode.HALF_UP)
    return min(price_minor, steps * step_minor)


class Surcharge(Struct, frozen=True, gc=False, omit_defaults=True):
    """What shoppers pay the organizer on top of each receipt: a rate of the goods, plus a fixed amount.

    It touches no commission. `refundable` says whether a refund gives it back.
    """

    rate_ppm: Ppm = 0
    fixed_minor: AmountMinor = 0
    refundable: bool = True


NO_SURCHARGE = Surcharge()


class TaxRule(Struct, frozen=True, gc=False, omit_defaults=True):
    """How much tax is in a price (`included`) or comes on top of it. A sales tax of 8.875 % is 88750."""

    rate_ppm: Ppm = 0
    included: bool = True


NO_TAX = TaxRule()
