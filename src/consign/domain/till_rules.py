"""What a sale's settings say of its tills."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import AmountMinor, PositiveMinor, Role


class TillRules(Struct, frozen=True):
    """Vouchers end `voucher_validity_days` after they were issued; without that, never.

    `voucher_cash_out_limits_minor` says up to which rest of a voucher a role may pay it out in cash; an organizer any,
    whoever is not named none. `hand_over_counted`: cash is counted whenever another cashier takes over.
    `returns_within_hours`: so long after it was paid everybody at a till gives money back on a receipt, with 0 never;
    later an organizer does. Without it, at any time. Stored whole, defaults too.
    """

    voucher_validity_days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    voucher_maximum_minor: PositiveMinor | None = None
    hand_over_counted: bool = False
    voucher_cash_out_limits_minor: Annotated[dict[Role, AmountMinor], Meta(max_length=10)] = {}

    returns_within_hours: Annotated[int, Meta(ge=0, le=8_784)] | None = None

    def takes_back(self, role: Role, sold_at: datetime, now: datetime) -> bool:
        """Say whether this role may still give money back on what was sold then."""
        if role == "organizer" or self.returns_within_hours is None:
            return True
        return now < sold_at + timedelta(hours=self.returns_within_hours)

    def may_cash_out(self, role: Role, amount_minor: int) -> bool:
        """Say whether this role may pay out so much that is left of a voucher."""
        return role == "organizer" or amount_minor <= self.voucher_cash_out_limits_minor.get(role, 0)


NO_RULES = TillRules()
