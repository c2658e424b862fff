"""The business as the runtime sees it: which actors a command decides over, the decision, the fold, the storage."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from consign.domain import organization, participation, sale, schemas, snapshots
from consign.domain.commands import Command
from consign.domain.decision import Decision, Emitted
from consign.domain.ledger import state as ledger
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    ExpireHolds,
    LedgerCommand,
    ListItems,
    RefuseItem,
    WithdrawItems,
)
from consign.domain.organization import (
    FoundOrganization,
    OrganizationAnswer,
    OrganizationCommand,
    RegisterOrganization,
)
from consign.domain.participation import (
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    ParticipationCommand,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.recorded import StoredEvent, StreamName, aggregate_of
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, PlanSale, SaleCommand
from consign.domain.session import state as session
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    MoveCash,
    OpenSession,
    Pay,
    RecallBasket,
    RefundReceipt,
    RemoveLine,
    Scan,
    SessionCommand,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.turns import (
    basket,
    check_in,
    drawer,
    holding,
    listing,
    paying,
    planning,
    recalling,
    refunding,
    registration,
)
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    organization_stream,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
    session_stream,
)
from consign.domain.values import SaleId

_ENCODE_COMMAND = msgspec.json.Encoder().encode
_COMMANDS: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)

_INITIAL = {
    "organization": organization.INITIAL,
    "sale": sale.INITIAL,
    "participation": participation.INITIAL,
    "ledger": ledger.EMPTY,
    "session": session.INITIAL,
}
_EVOLVE: dict[str, Callable[[Any, Any], Any]] = {
    "ledger": ledger.evolve,
    "session": session.evolve,
    "sale": sale.evolve,
    "participation": participation.evolve,
    "organization": organization.evolve,
}


class Consign:
    """Fulfils the runtime's `Business`: pure, without any state of its own."""

    def needs(self, command: Command, states: States) -> tuple[StreamName, ...]:  # noqa: C901 - a case a command
        """Name the streams to load; called again with what was loaded until it names nothing new."""
        match command:
            case Scan() | Pay() | RemoveLine() | AbandonBasket() | VoidReceipt() | RefundReceipt():
                return _selling(command, states)
            case SuspendBasket() | MoveCash() | CloseSession():
                return _closing(command, states)
            case RecallBasket():
                return _recalling(command, states)
            case OpenSession():
                return (session_stream(command.session), sale_stream(command.sale))
            case PlanSale():
                return (organization_stream(command.organization), sale_stream(command.sale))
            case RegisterOrganization() | FoundOrganization():
                return (organization_stream(command.organization),)
            case RegisterConsignor():
                return (sale_stream(command.sale), participation_stream(command.participation))
            case RegisterConsignors():
                return (sale_stream(command.sale), *(participation_stream(row.participation) for row in command.rows))
            case ChangeConsignorProfile():
                return (participation_stream(command.participation),)
            case ChangeConsignorTerms():
                return _changing_terms(command, states)
            case ExpireHolds():
                return (ledger_stream(command.sale),)
            case (
                ListItems()
                | CheckInItems()
                | CheckInConsignor()
                | RefuseItem()
                | AdmitRefusedItem()
                | WithdrawItems()
                | ChangeSaleSettings()
                | ChangeSalePhase()
            ):
                return (sale_stream(command.sale), ledger_stream(command.sale))

    def decide(self, command: Command, states: States, now: datetime) -> Decision:
        """Decide over the loaded states at `now`, an aware instant in UTC; raises Rejected."""
        match command:
            case (
                Scan()
                | Pay()
                | RemoveLine()
                | AbandonBasket()
                | SuspendBasket()
                | RecallBasket()
                | OpenSession()
                | VoidReceipt()
                | RefundReceipt()
                | MoveCash()
                | CloseSession()
            ):
                return _at_the_till(command, states, now)
            case (
                ExpireHolds()
                | ListItems()
                | CheckInItems()
                | CheckInConsignor()
                | RefuseItem()
                | AdmitRefusedItem()
                | WithdrawItems()
            ):
                return _over_the_ledger(command, states, now)
            case PlanSale() | ChangeSaleSettings() | ChangeSalePhase():
                return _over_the_sale(command, states)
            case RegisterConsignor() | RegisterConsignors() | ChangeConsignorProfile() | ChangeConsignorTerms():
                return _over_participations(command, states)
            case RegisterOrganization() | FoundOrganization():
                return _over_the_organization(command, states)

    def initial(self, stream: StreamName) -> Any:
        """Return the state of a stream without events."""
        return _INITIAL[aggregate_of(stream)]

    def evolve(self, stream: StreamName, state: Any, event: Any) -> Any:
        """Return the state after the event."""
        return _EVOLVE[aggregate_of(stream)](state, event)

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

    def encode_state(self, stream: StreamName, state: Any) -> bytes:  # noqa: ARG002 - a state knows what it is
        """Encode a state for a snapshot."""
        return snapshots.encode_state(state)

    def decode_state(self, stream: StreamName, data: bytes) -> Any:
        """Decode what `encode_state` made."""
        return snapshots.DECODERS[aggregate_of(stream)](data)


def _selling(
    command: Scan | Pay | RemoveLine | AbandonBasket | VoidReceipt | RefundReceipt, states: Mapping[StreamName, Any]
) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale_id):
            return (stream, ledger_stream(sale_id), sale_stream(sale_id))
        case _:
            return (stream,)


def _closing(command: SuspendBasket | MoveCash | CloseSession, states: States) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream), command:
        case session.Open(sale=sale_id), CloseSession():
            return (stream, sale_stream(sale_id))
        case _:
            return (stream,)


def _recalling(command: RecallBasket, states: States) -> tuple[StreamName, ...]:
    stream = session_stream(command.session)
    match states.get(stream):
        case session.Open(sale=sale_id) as here:
            streams = (stream, ledger_stream(sale_id), sale_stream(sale_id))
            if streams[1] not in states:
                return streams
            owner = recalling.owner_of(command, here, ledger_of(states, sale_id))
            return streams if owner in (None, here.session) else (*streams, session_stream(owner))
        case _:
            return (stream,)


def _changing_terms(command: ChangeConsignorTerms, states: States) -> tuple[StreamName, ...]:
    stream = participation_stream(command.participation)
    match states.get(stream):
        case participation.Registered(sale=sale_id):
            return (stream, sale_stream(sale_id), ledger_stream(sale_id))
        case _:
            return (stream,)


def _at_the_till(command: SessionCommand, states: States, now: datetime) -> Decision:  # noqa: C901 - a case a command
    match command:
        case Scan():
            here = opened(states, command.session)
            return basket.scan(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case Pay():
            here = opened(states, command.session)
            return paying.pay(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case RemoveLine():
            here = opened(states, command.session)
            return basket.remove_line(command, here, ledger_of(states, here.sale))
        case AbandonBasket():
            here = opened(states, command.session)
            return basket.abandon(command, here, ledger_of(states, here.sale))
        case SuspendBasket():
            return basket.suspend(command, opened(states, command.session))
        case RecallBasket():
            here = opened(states, command.session)
            over = (ledger_of(states, here.sale), planned(states, here.sale))
            return recalling.recall(command, here, *over, states, now)
        case OpenSession():
            return drawer.open_session(command, planned(states, command.sale), states[session_stream(command.session)])
        case VoidReceipt():
            here = opened(states, command.session)
            return paying.void(command, here, ledger_of(states, here.sale))
        case RefundReceipt():
            here = opened(states, command.session)
            return refunding.refund(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case MoveCash():
            return drawer.move_cash(command, opened(states, command.session))
        case CloseSession():
            return drawer.close_session(command, opened(states, command.session))


def _over_the_ledger(command: LedgerCommand, states: States, now: datetime) -> Decision:
    sale_id = SaleId(command.sale)
    over = ledger_of(states, sale_id)
    match command:
        case ExpireHolds():
            return holding.expire(command, over, now)
        case ListItems():
            return listing.list_items(command, planned(states, sale_id), over)
        case CheckInItems():
            return check_in.check_in(command, planned(states, sale_id), over)
        case CheckInConsignor():
            return check_in.check_in_consignor(command, planned(states, sale_id), over)
        case RefuseItem():
            return check_in.refuse(command, planned(states, sale_id), over)
        case AdmitRefusedItem():
            return check_in.admit(command, planned(states, sale_id), over)
        case WithdrawItems():
            return check_in.withdraw(command, planned(states, sale_id), over)


def _over_the_sale(command: SaleCommand, states: States) -> Decision:
    match command:
        case PlanSale():
            return planning.plan(
                command, states[organization_stream(command.organization)], states[sale_stream(command.sale)]
            )
        case ChangeSaleSettings():
            return planning.change_settings(command, planned(states, command.sale), ledger_of(states, command.sale))
        case ChangeSalePhase():
            return planning.change_phase(command, planned(states, command.sale), ledger_of(states, command.sale))


def _over_participations(command: ParticipationCommand, states: States) -> Decision:
    match command:
        case RegisterConsignor():
            known = participation_of(states, command.participation)
            return registration.register(command, planned(states, command.sale), known)
        case RegisterConsignors():
            return registration.register_many(command, planned(states, command.sale), states)
        case ChangeConsignorProfile():
            return registration.change_profile(
                command, registration.registered(participation_of(states, command.participation))
            )
        case ChangeConsignorTerms():
            theirs = registration.registered(participation_of(states, command.participation))
            return registration.change_terms(
                command, theirs, planned(states, theirs.sale), ledger_of(states, theirs.sale)
            )


def _over_the_organization(command: OrganizationCommand, states: States) -> Decision:
    stream = organization_stream(command.organization)
    state: organization.Organization = states[stream]
    match command:
        case RegisterOrganization():
            registered = organization.decide_registration(command, state)
            return _on(stream, registered, OrganizationAnswer(command.organization))
        case FoundOrganization():
            founded = organization.decide_founding(command, state)
            return _on(stream, founded, OrganizationAnswer(command.organization, command.currency))


def _on(stream: StreamName, events: Sequence[organization.OrganizationEvent], answer: OrganizationAnswer) -> Decision:
    return Decision(tuple(Emitted(stream, event) for event in events), answer)


CONSIGN = Consign()
"""The one instance: it has no state, every process and test may share it."""
