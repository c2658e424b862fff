"""Every event there is: the union that the log's decoder knows."""

from consign.domain.ledger.events import LedgerEvent
from consign.domain.organization import OrganizationEvent
from consign.domain.participation.events import ParticipationEvent
from consign.domain.sale import SaleEvent
from consign.domain.session.events import SessionEvent

type Event = LedgerEvent | SessionEvent | SaleEvent | ParticipationEvent | OrganizationEvent
