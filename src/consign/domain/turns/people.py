"""What is asked of people apart from any sale: which actors each command decides over, and the decisions."""

from datetime import datetime

from consign.domain.account import (
    Account,
    AccountAnswer,
    AccountCommand,
    AccountProfileChanged,
    ChangeAccountProfile,
    ForgetConsignor,
    ForgetPerson,
    Forgotten,
    Known,
    PersonForgotten,
    Unknown,
)
from consign.domain.decision import Decision, Emitted
from consign.domain.membership import Membership
from consign.domain.membership import Nobody as Stranger
from consign.domain.participation.events import ConsignorForgotten
from consign.domain.participation.state import Participation
from consign.domain.participation.state import Unknown as Nobody
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import (
    States,
    account_stream,
    membership_stream,
    participation_of,
    participation_stream,
)
from consign.domain.turns.joining import remembered
from consign.domain.turns.ownership import holder
from consign.domain.turns.registration import not_registered
from consign.domain.values import Done, ParticipationId


def needs(command: AccountCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    match command:
        case ChangeAccountProfile():
            return (account_stream(command.account),)
        case ForgetPerson():
            return (account_stream(command.account), membership_stream(command.account))
        case ForgetConsignor():
            return (participation_stream(command.participation),)


def decide(command: AccountCommand, states: States, _: datetime) -> Decision:
    match command:
        case ChangeAccountProfile():
            return change_profile(command, states[account_stream(command.account)])
        case ForgetPerson():
            return forget(command, states[account_stream(command.account)], states[membership_stream(command.account)])
        case ForgetConsignor():
            return forget_consignor(command, participation_of(states, command.participation))


def change_profile(command: ChangeAccountProfile, account: Account) -> Decision:
    """Say who somebody is, once for all sales they take part in."""
    answer = AccountAnswer(command.account)
    known = remembered(command.account, account)
    if known.profile == command.profile:
        return Decision((), answer)
    event = AccountProfileChanged(command.account, command.profile, tuple(sorted(known.participations)))
    return Decision((Emitted(account_stream(command.account), event),), answer)


def forget(command: ForgetPerson, account: Account, membership: Membership) -> Decision:
    """Record that a person was forgotten, in every sale at once; whoever only worked here can be forgotten too."""
    answer = AccountAnswer(command.account)
    match account:
        case Known(participations=participations):
            return _forgotten(command, tuple(sorted(participations)))
        case Unknown() if not isinstance(membership, Stranger):
            return _forgotten(command, ())
        case Forgotten():
            return Decision((), answer)
        case Unknown():
            raise Rejected(Reason.UNKNOWN_ACCOUNT, "Nobody with this account is known here.")


def _forgotten(command: ForgetPerson, participations: tuple[ParticipationId, ...]) -> Decision:
    event = PersonForgotten(command.account, participations)
    return Decision((Emitted(account_stream(command.account), event),), AccountAnswer(command.account))


def forget_consignor(command: ForgetConsignor, known: Participation) -> Decision:
    """Record that a consignor without an account was forgotten."""
    if holder(known) is not None:
        raise Rejected(
            Reason.PROFILE_OF_ACCOUNT,
            "This consignor has an account: forget the person, who may be in other sales too.",
        )
    if isinstance(known, Nobody):
        raise not_registered(known)
    if known.forgotten:
        return Decision((), Done())
    event = ConsignorForgotten(command.participation, known.sale)
    return Decision((Emitted(participation_stream(command.participation), event),), Done())
