"""What the books say: a row each for a sale, a consignor, a category, an account and a posting."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from consign.domain.commission import CommissionRule, CommissionSchedule, Totals


class ScheduleRow(Struct, frozen=True):
    """What the organizer keeps of a sale, as its settings say now."""

    sale: str
    schedule: CommissionSchedule


class TotalsRow(Struct, frozen=True):
    """The organizer's live totals: `net_minor` is what all consignors together are owed before payouts.

    `given_minor` is what was adjusted, brought forward and borne, less what went to charity. `stated_minor` is the net
    of the statements that stand, `paid_out_minor` what left the consignors' accounts.
    """

    sale: str
    currency: str
    gross_minor: int = 0
    commission_minor: int = 0
    commission_tax_minor: int = 0
    fees_minor: int = 0
    fees_paid_minor: int = 0
    given_minor: int = 0
    net_minor: int = 0
    items_sold: int = 0
    stated_minor: int = 0
    paid_out_minor: int = 0


class ConsignorRow(Struct, frozen=True):
    """A consignor's live totals, what settling now would pay out.

    `net = gross - commission - commission tax - fees + fees paid + adjustments + brought + borne - donated`; fees paid
    are those that did not come off proceeds, donated is what statements leave to charity. `net - stated` is what no
    statement says yet, `net - paid out` what is still owed.
    `sold` holds what is rounded at once, so that the next sale moves the commission exactly.
    """

    participation: str
    sale: str
    number: int
    currency: str
    tier: str | None
    own_rule: CommissionRule | None
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    points_off_ppm: int
    adjustments_minor: int
    brought_minor: int
    borne_minor: int
    donated_minor: int
    net_minor: int
    items_sold: int
    stated_minor: int
    paid_out_minor: int
    sold: Totals


class CategoryRow(Struct, frozen=True):
    """What was sold of a category, or lost and made good like a sale.

    It has no commission of its own: that is rounded over all a consignor sold.
    """

    sale: str
    category: str
    currency: str
    gross_minor: int
    items_sold: int


class PostingRow(Struct, frozen=True):
    """One side of an entry: debits above zero, credits below. Those of one position add up to zero."""

    position: int
    line: int
    sale: str
    account: str
    amount_minor: int
    currency: str
    event: str
    recorded_at: datetime
    event_id: str
    commit_position: int


class BalanceRow(Struct, frozen=True):
    sale: str
    account: str
    balance_minor: int
    currency: str


def trial_balance(balances: Iterable[BalanceRow]) -> Mapping[str, int]:
    """Return each sale's sum over all its accounts: zero, or the books are wrong."""
    sums: dict[str, int] = {}
    for row in balances:
        sums[row.sale] = sums.get(row.sale, 0) + row.balance_minor
    return sums
