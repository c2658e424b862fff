"""What the organizer keeps of each sale: rules, what they round, and totals that can be kept up line by line."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.money import RoundingMode
from consign.domain.values import AmountMinor, Code, Ppm


class RoundingBasis(StrEnum):
    """What a commission is rounded over: each item, each list, or all that a consignor sold (per rule)."""

    ITEM = "item"
    LIST = "list"
    CONSIGNOR = "consignor"


class CommissionRule(Struct, frozen=True, gc=False, omit_defaults=True):
    """A rate, plus a fixed amount an item, kept between a minimum and a maximum.

    Minimum and maximum bound what is rounded at once: an item, a list or all of a consignor under this rule.
    """

    rate_ppm: Ppm
    fixed_minor: AmountMinor = 0
    minimum_minor: AmountMinor | None = None
    maximum_minor: AmountMinor | None = None


class CommissionSchedule(Struct, frozen=True, omit_defaults=True):
    """The rules of a sale; the first that matches counts: the consignor's own, the tier's, the category's, the default."""

    default: CommissionRule
    by_category: Annotated[dict[Code, CommissionRule], Meta(max_length=500)] = {}
    by_tier: Annotated[dict[Code, CommissionRule], Meta(max_length=100)] = {}
    basis: RoundingBasis = RoundingBasis.CONSIGNOR
    mode: RoundingMode = RoundingMode.HALF_UP
