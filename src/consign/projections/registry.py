"""Every read model there is. The newest version of each stands here; an older one is dropped once nobody asks it."""

from consign.projections.api_keys import API_KEYS
from consign.projections.baskets import BASKETS
from consign.projections.books.projection import BOOKS
from consign.projections.catalogue import CATALOGUE
from consign.projections.conflicts import CONFLICTS
from consign.projections.consignors import CONSIGNORS
from consign.projections.devices import DEVICES
from consign.projections.donations import DONATIONS
from consign.projections.integrators import INTEGRATORS
from consign.projections.items import ITEMS
from consign.projections.manual_lines import MANUAL_LINES
from consign.projections.memberships import MEMBERSHIPS
from consign.projections.participations import PARTICIPATIONS
from consign.projections.payments import PAYMENTS
from consign.projections.payouts import PAYOUTS
from consign.projections.projection import Projection
from consign.projections.public_events import PUBLIC_EVENTS
from consign.projections.receipts import RECEIPTS
from consign.projections.reports.projection import REPORTS
from consign.projections.sales import SALES
from consign.projections.sessions import SESSIONS
from consign.projections.settlements import SETTLEMENTS
from consign.projections.shifts import SHIFTS
from consign.projections.slots import SLOTS
from consign.projections.transfers import TRANSFERS
from consign.projections.vouchers import VOUCHERS
from consign.projections.web import WEB

PROJECTIONS: tuple[Projection, ...] = (
    SALES,
    PARTICIPATIONS,
    CONSIGNORS,
    MEMBERSHIPS,
    DEVICES,
    API_KEYS,
    ITEMS,
    SESSIONS,
    TRANSFERS,
    DONATIONS,
    VOUCHERS,
    PAYMENTS,
    BASKETS,
    RECEIPTS,
    CONFLICTS,
    CATALOGUE,
    MANUAL_LINES,
    BOOKS,
    SETTLEMENTS,
    PAYOUTS,
    SHIFTS,
    REPORTS,
    SLOTS,
    WEB,
    INTEGRATORS,
    PUBLIC_EVENTS,
)


def projection_named(name: str) -> Projection:
    """Return the read model called `name`; raises KeyError."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    raise KeyError(name)
