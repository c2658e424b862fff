"""The tier that promised or done work gives, and what all that was sold comes to by its rules."""

from consign.domain.commission import NOTHING_SOLD, Change, Totals, after
from consign.domain.decision import Emitted
from consign.domain.ledger.state import Ledger
from consign.domain.participation.state import Registered
from consign.domain.sale import Planned
from consign.domain.settlement.statements import sold_items_of
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.shifts.state import Roster, earned
from consign.domain.turns.actors import participation_stream


def tier_moved(known: Registered, sale: Planned, roster: Roster, ledger: Ledger) -> tuple[Emitted, ...]:
    """Return the event that says which tier counts by this roster, where it is another one than so far."""
    work = earned(sale.settings.shifts, roster.work_of(known.number))
    tier = known.agreed_tier if work.tier is None else work.tier
    if tier == known.tier:
        return ()
    event = ConsignorTierEarned(
        known.participation,
        known.sale,
        known.number,
        tier,
        work.promised_minutes,
        work.counted_minutes,
        work.broken,
        totals_by(tier, known, sale, ledger),
    )
    return (Emitted(participation_stream(known.participation), event),)


def totals_by(tier: str | None, known: Registered, sale: Planned, ledger: Ledger) -> Totals:
    """Return what the ledger says the consignor sold, and its commission by the rules of the tier."""
    sold = sold_items_of(ledger, known.number)
    changes = [Change(item.category, None, item.gross_minor, item.list_number) for item in sold]
    return after(NOTHING_SOLD, sale.settings.commission, known.own_rule, tier, changes, known.points_off_ppm)
