"""What a sale's settings say of its tills."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import PositiveMinor


class TillRules(Struct, frozen=True, gc=False):
    """Vouchers end `voucher_validity_days` after they were issued; without that, never.

    `hand_over_counted`: cash is counted whenever another cashier takes over. Stored whole, defaults too.
    """

    voucher_validity_days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    voucher_maximum_minor: PositiveMinor | None = None
    hand_over_counted: bool = False


NO_RULES = TillRules()
