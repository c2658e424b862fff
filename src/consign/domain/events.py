"""Every event there is: the union that the log's decoder knows."""

from consign.domain.account import AccountEvent
from consign.domain.api_keys import ApiKeyEvent
from consign.domain.auditing import AuditEvent
from consign.domain.device import DeviceEvent
from consign.domain.integrators import IntegratorEvent
from consign.domain.ledger.events import LedgerEvent
from consign.domain.ledger.floor_events import FloorEvent
from consign.domain.ledger.item_events import ItemEvent
from consign.domain.ledger.manual_lines import ManualLineEvent
from consign.domain.ledger.offline_events import OfflineEvent
from consign.domain.members import MembersEvent
from consign.domain.membership import MembershipEvent
from consign.domain.organization import OrganizationEvent
from consign.domain.participation.events import ParticipationEvent
from consign.domain.participation.fee_events import FeeEvent
from consign.domain.payments import PaymentEvent
from consign.domain.places import PlaceEvent
from consign.domain.sale import SaleEvent
from consign.domain.session.drawer_events import DrawerEvent
from consign.domain.session.events import SessionEvent
from consign.domain.session.offline_events import OfflineSessionEvent
from consign.domain.session.paying_events import PayingEvent
from consign.domain.settlement.events import SettlementEvent
from consign.domain.shifts.events import ShiftEvent
from consign.domain.signing_in import SignInEvent
from consign.domain.slots.events import SlotEvent
from consign.domain.vouchers import VoucherEvent
from consign.domain.web import WebEvent

type Event = (
    LedgerEvent
    | ItemEvent
    | FloorEvent
    | ManualLineEvent
    | SessionEvent
    | OfflineEvent
    | OfflineSessionEvent
    | DrawerEvent
    | PayingEvent
    | VoucherEvent
    | PaymentEvent
    | SaleEvent
    | PlaceEvent
    | ShiftEvent
    | SlotEvent
    | ParticipationEvent
    | FeeEvent
    | AccountEvent
    | SignInEvent
    | AuditEvent
    | OrganizationEvent
    | MembersEvent
    | MembershipEvent
    | DeviceEvent
    | ApiKeyEvent
    | SettlementEvent
    | WebEvent
    | IntegratorEvent
)
