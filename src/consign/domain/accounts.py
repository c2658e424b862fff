"""The accounts of a sale's books. Debits stand above zero, credits below."""

from consign.domain.values import ParticipationId, SessionId

BANK = "bank"
"""Where a drawer's float comes from and what was counted goes to, and where payouts come from."""
CARD = "card"
PROVIDER = "provider"
"""What providers collected, online and from cards at tills, and hand on."""
COMMISSION = "commission"
FEES = "fees"
SURCHARGE = "surcharge"
"""What shoppers paid the organizer on top of prices."""
TAX = "tax"
"""What is owed to the tax office: on what was sold, and on commission."""
DISCOUNT = "discount"
"""What the organizer took off prices and bears."""
VOUCHER = "voucher"
"""What vouchers are still good for: owed to whoever brings them."""
TRANSIT = "transit"
"""Cash on its way from till to till."""
EXPENSES = "expenses"
"""What was bought out of a drawer."""
SUSPENSE = "suspense"
"""What was sold and nobody knows whose it is yet; what was taken for baskets that are not paid up yet; and what
providers took and are to give back."""
CASH_ROUNDING = "cash_rounding"
OVER_SHORT = "over_short"
COMPENSATION = "compensation"
"""What the organizer gave or took by hand, negative balances that it bears, and sales that nobody could be owed for."""
CARRIED = "carried"
"""What is owed to (or by) consignors of this sale and waits for a later one."""
CHARITY = "charity"
"""What consignors left to charity, and the organizer still has to hand on."""


def cash_account(session: SessionId) -> str:
    return f"cash/{session}"


def payable_account(participation: ParticipationId) -> str:
    return f"payable/{participation}"
