"""How much of a consignor's proceeds goes to charity by their pledge."""

from collections.abc import Sequence

from consign.domain.commission import CommissionSchedule
from consign.domain.money import PARTS_PER_MILLION, RoundingMode, divide
from consign.domain.participation.pledge import Pledge
from consign.domain.settlement.statements import SoldItem, Statement, Terms, statement


def donation_minor(
    schedule: CommissionSchedule, terms: Terms, pledge: Pledge | None, items: Sequence[SoldItem], settled: Statement
) -> int:
    """Return what goes to charity of what settling comes to, half up: at most what there is to pay out.

    `terms` are those of `settled` and hold no donation yet. What an earlier sale left over is no proceeds of this one.
    """
    if pledge is None:
        return 0
    wanted_minor = divide(
        max(_proceeds_minor(schedule, terms, pledge, items, settled), 0) * pledge.share_ppm,
        PARTS_PER_MILLION,
        RoundingMode.HALF_UP,
    )
    return min(wanted_minor, max(settled.net_minor, 0))


def _proceeds_minor(
    schedule: CommissionSchedule, terms: Terms, pledge: Pledge, items: Sequence[SoldItem], settled: Statement
) -> int:
    match pledge.of:
        case "everything":
            return settled.net_minor - terms.brought_minor
        case "flagged":
            # What the flagged things add to the net: parts of the commission are rounded over all that is sold.
            others = statement(schedule, terms, [item for item in items if not item.flagged])
            return settled.net_minor - others.net_minor
