"""The business as the runtime sees it: which actors a command decides over, the decision, the fold, the storage."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeAliasType, get_args

import msgspec
from msgspec.structs import replace

from consign.domain import folds, schemas, snapshots
from consign.domain.account import AccountCommand
from consign.domain.api_keys import ApiKeyCommand
from consign.domain.auditing import AuditCommand
from consign.domain.charity_commands import CharityCommand
from consign.domain.commands import Command
from consign.domain.decision import Decision
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
from consign.domain.recorded import StoredEvent, StreamName, aggregate_of
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
from consign.domain.turns import (
    allowing,
    at_drawer,
    at_payment,
    belonging,
    booking,
    clearing,
    describing,
    door,
    equipping,
    fee_desk,
    floor,
    founding,
    giving,
    helping,
    integrating,
    key_making,
    matching,
    people,
    pinning,
    placing,
    pricing,
    reaching,
    recording_access,
    recording_sign_ins,
    rows,
    settling,
    standing_still,
    steering,
    syncing,
    taking_part,
    till,
    voucher_desk,
)
from consign.domain.turns.actors import States
from consign.domain.values import SYSTEM, Actor
from consign.domain.voucher_commands import VoucherCommand
from consign.domain.web import WebCommand

_ENCODE_COMMAND = msgspec.json.Encoder().encode
_COMMANDS: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


class Group(NamedTuple):
    """Commands that are alike: `needs` and `decide` match all members of the union, which mypy checks."""

    commands: TypeAliasType
    needs: Callable[[Any, States], tuple[StreamName, ...]]
    decide: Callable[[Any, States, datetime], Decision]


GROUPS = (
    Group(SessionCommand, till.needs, till.decide),
    Group(PriceCommand, pricing.needs, pricing.decide),
    Group(DrawerCommand, at_drawer.needs, at_drawer.decide),
    Group(PayingCommand, at_payment.needs, at_payment.decide),
    Group(VoucherCommand, voucher_desk.needs, voucher_desk.decide),
    Group(ManualLineCommand, matching.needs, matching.decide),
    Group(OfflineCommand, syncing.needs, syncing.decide),
    Group(LedgerCommand, floor.needs, floor.decide),
    Group(ItemCommand, describing.needs, describing.decide),
    Group(FloorCommand, clearing.needs, clearing.decide),
    Group(SaleCommand, steering.needs, steering.decide),
    Group(ParticipationCommand, taking_part.needs, taking_part.decide),
    Group(FeeCommand, fee_desk.needs, fee_desk.decide),
    Group(PlaceCommand, door.needs, door.decide),
    Group(AllowanceCommand, allowing.needs, allowing.decide),
    Group(ShiftCommand, helping.needs, helping.decide),
    Group(SlotCommand, booking.needs, booking.decide),
    Group(RowsCommand, rows.needs, rows.decide),
    Group(AccountCommand, people.needs, people.decide),
    Group(SignInCommand, recording_sign_ins.needs, recording_sign_ins.decide),
    Group(AuditCommand, recording_access.needs, recording_access.decide),
    Group(OrganizationCommand, founding.needs, founding.decide),
    Group(MembershipCommand, belonging.needs, belonging.decide),
    Group(DeviceCommand, equipping.needs, equipping.decide),
    Group(PinCommand, pinning.needs, pinning.decide),
    Group(ApiKeyCommand, key_making.needs, key_making.decide),
    Group(SettlementCommand, settling.needs, settling.decide),
    Group(CharityCommand, giving.needs, giving.decide),
    Group(IntegratorCommand, integrating.needs, integrating.decide),
    Group(WebCommand, placing.needs, placing.decide),
)
_GROUP_OF: dict[type, Group] = {command: group for group in GROUPS for command in get_args(group.commands.__value__)}


class Consign:
    """Fulfils the runtime's `Business`: pure, without any state of its own."""

    def needs(self, command: Command, states: States) -> tuple[StreamName, ...]:
        """Name the streams to load; called again with what was loaded until it names nothing new."""
        streams = _GROUP_OF[type(command)].needs(command, states)
        return (*streams, *standing_still.settlements_of(streams, states))

    def decide(self, command: Command, states: States, now: datetime, actor: Actor = SYSTEM) -> Decision:
        """Decide over the loaded states at `now`, an aware instant in UTC; raises Rejected.

        An organizer who acts at the till of somebody else acts on their behalf, and the decision says so.
        """
        reaching.require_reach(command, states, actor)
        decision = _GROUP_OF[type(command)].decide(command, states, now)
        decision = standing_still.held_still(command, decision, states, now)
        acted_for = reaching.acted_for(command, states, actor)
        return decision if acted_for is None else replace(decision, on_behalf_of=acted_for)

    def initial(self, stream: StreamName) -> Any:
        """Return the state of a stream without events."""
        return folds.initial(stream)

    def evolve(self, stream: StreamName, state: Any, event: Any) -> Any:
        """Return the state after the event."""
        return folds.evolve(stream, state, event)

    def encode_event(self, event: Any) -> tuple[str, int, bytes]:
        """Return type, schema and stored bytes."""
        return schemas.encode_event(event)

    def decode_event(self, stored: StoredEvent) -> Any:
        """Return the event, upcast to its newest schema."""
        return schemas.decode_event(stored)

    def encode_command(self, command: Any) -> bytes:
        """Encode a command for a timer or for forwarding."""
        return _ENCODE_COMMAND(command)

    def decode_command(self, data: bytes) -> Any:
        """Decode what `encode_command` made; raises msgspec.ValidationError."""
        return _COMMANDS.decode(data)

    def fold_version(self, stream: StreamName) -> int:
        """Return the version of the aggregate's fold."""
        return snapshots.FOLD_VERSIONS[aggregate_of(stream)]

    def encode_state(self, stream: StreamName, state: Any) -> snapshots.Encoding:  # noqa: ARG002 - a state knows it
        """Encode a state for a snapshot, slice by slice."""
        return snapshots.encode_state(state)

    def decode_state(self, stream: StreamName, data: bytes) -> snapshots.Decoding:
        """Decode what `encode_state` made, slice by slice."""
        return snapshots.DECODERS[aggregate_of(stream)](data)


CONSIGN = Consign()
"""The one instance: it has no state, every process and test may share it."""
