"""The accounts of a sale's books. Debits stand above zero, credits below."""

from consign.domain.values import ParticipationId, SessionId

BANK = "bank"
"""Where a drawer's float comes from and what was counted goes to, and where payouts come from."""
CARD = "card"
COMMISSION = "commission"
FEES = "fees"
CASH_ROUNDING = "cash_rounding"
OVER_SHORT = "over_short"
COMPENSATION = "compensation"
"""What the organizer gave or took by hand, and negative balances that it bears."""
CARRIED = "carried"
"""What is owed to (or by) consignors of this sale and waits for a later one."""
CHARITY = "charity"
"""What consignors left to charity, and the organizer still has to hand on."""


def cash_account(session: SessionId) -> str:
    return f"cash/{session}"


def payable_account(participation: ParticipationId) -> str:
    return f"payable/{participation}"
