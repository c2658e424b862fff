"""What a sale's settings say of its tills."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import AmountMinor, PositiveMinor, Role


class TillRules(Struct, frozen=True):
    """Vouchers end `voucher_validity_days` after they were issued; without that, never.

    `voucher_cash_out_limits_minor` says up to which rest of a voucher a role may pay it out in cash; an organizer any,
    whoever is not named none. `hand_over_counted`: cash is counted whenever another cashier takes over. Stored whole,
    defaults too.
    """

    voucher_validity_days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    voucher_maximum_minor: PositiveMinor | None = None
    hand_over_counted: bool = False
    voucher_cash_out_limits_minor: Annotated[dict[Role, AmountMinor], Meta(max_length=10)] = {}

    def may_cash_out(self, role: Role, amount_minor: int) -> bool:
        """Say whether this role may pay out so much that is left of a voucher."""
        return role == "organizer" or amount_minor <= self.voucher_cash_out_limits_minor.get(role, 0)


NO_RULES = TillRules()
