"""Every command there is: the union that timers and forwarding know."""

from consign.domain.account import AccountCommand
from consign.domain.api_keys import ApiKeyCommand
from consign.domain.auditing import AuditCommand
from consign.domain.charity_commands import CharityCommand
from consign.domain.device import DeviceCommand
from consign.domain.integrators import IntegratorCommand
from consign.domain.ledger.commands import LedgerCommand
from consign.domain.ledger.floor_commands import FloorCommand
from consign.domain.ledger.item_commands import ItemCommand
from consign.domain.manual_commands import ManualLineCommand
from consign.domain.membership import MembershipCommand
from consign.domain.offline_commands import OfflineCommand
from consign.domain.organization import OrganizationCommand
from consign.domain.participation.allowance_commands import AllowanceCommand
from consign.domain.participation.commands import ParticipationCommand
from consign.domain.participation.fee_commands import FeeCommand
from consign.domain.participation.place_commands import PlaceCommand
from consign.domain.pins import PinCommand
from consign.domain.row_commands import RowsCommand
from consign.domain.sale import SaleCommand
from consign.domain.session.commands import SessionCommand
from consign.domain.session.drawer_commands import DrawerCommand
from consign.domain.session.paying_commands import PayingCommand
from consign.domain.session.price_commands import PriceCommand
from consign.domain.settlement.commands import SettlementCommand
from consign.domain.shifts.commands import ShiftCommand
from consign.domain.signing_in import SignInCommand
from consign.domain.slots.commands import SlotCommand
from consign.domain.voucher_commands import VoucherCommand
from consign.domain.web import WebCommand

type Command = (
    SessionCommand
    | PriceCommand
    | DrawerCommand
    | PayingCommand
    | VoucherCommand
    | ManualLineCommand
    | OfflineCommand
    | LedgerCommand
    | ItemCommand
    | FloorCommand
    | SaleCommand
    | ParticipationCommand
    | FeeCommand
    | PlaceCommand
    | AllowanceCommand
    | ShiftCommand
    | SlotCommand
    | RowsCommand
    | AccountCommand
    | SignInCommand
    | AuditCommand
    | OrganizationCommand
    | MembershipCommand
    | DeviceCommand
    | PinCommand
    | ApiKeyCommand
    | SettlementCommand
    | CharityCommand
    | WebCommand
    | IntegratorCommand
)
