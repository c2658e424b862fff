"""What is asked of participations: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.participation.commands import (
    AcceptTerms,
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    EndUnpaidParticipation,
    GrantReferralReward,
    ParticipationCommand,
    RegisterConsignor,
    RegisterConsignors,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.state import Ended, Invited, Participation, Registered, Unknown, Waiting
from consign.domain.recorded import StreamName
from consign.domain.turns import leaving, referring, registration
from consign.domain.turns.actors import (
    States,
    account_stream,
    ledger_of,
    participation_of,
    participation_stream,
    planned,
    sale_stream,
)
from consign.domain.turns.ownership import require_own
from consign.domain.values import Done, SaleId


def needs(command: ParticipationCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case RegisterConsignor():
            accounts = () if command.account is None else (account_stream(command.account),)
            return (sale_stream(command.sale), participation_stream(command.participation), *accounts)
        case RegisterConsignors():
            return _of_rows(command)
        case ChangeConsignorProfile():
            return (participation_stream(command.participation),)
        case AcceptTerms() | ReopenParticipation():
            return with_sale(command.participation, states)
        case ChangeConsignorTerms() | WithdrawParticipation() | EndUnpaidParticipation():
            return with_ledger(command.participation, states)
        case GrantReferralReward():
            return _rewarding(command, states)


def decide(command: ParticipationCommand, states: States, now: datetime) -> Decision:
    match command:
        case RegisterConsignor():
            return registration.register(command, planned(states, command.sale), states, now)
        case RegisterConsignors():
            return registration.register_many(command, planned(states, command.sale), states, now)
        case ChangeConsignorProfile() | ChangeConsignorTerms() | AcceptTerms():
            return _change(command, states, now)
        case WithdrawParticipation() | EndUnpaidParticipation() | ReopenParticipation():
            return _end(command, states, now)
        case GrantReferralReward():
            return _reward(command, states)


def _change(
    command: ChangeConsignorProfile | ChangeConsignorTerms | AcceptTerms, states: States, now: datetime
) -> Decision:
    known = participation_of(states, command.participation)
    match command:
        case ChangeConsignorProfile():
            return registration.change_profile(command, known)
        case ChangeConsignorTerms():
            theirs = registration.registered(known)
            return registration.change_terms(
                command, theirs, planned(states, theirs.sale), ledger_of(states, theirs.sale)
            )
        case AcceptTerms():
            require_own(command.actor, known)
            theirs = registration.registered(known)
            return registration.accept_terms(command, theirs, planned(states, theirs.sale), now)


def _end(
    command: WithdrawParticipation | EndUnpaidParticipation | ReopenParticipation, states: States, now: datetime
) -> Decision:
    known = participation_of(states, command.participation)
    sale_id = sale_of(known)
    match command:
        case WithdrawParticipation():
            require_own(command.actor, known)
            if sale_id is None:
                raise registration.unknown()
            return leaving.withdraw(command, known, planned(states, sale_id), ledger_of(states, sale_id), now)
        case EndUnpaidParticipation():
            if sale_id is None:
                return Decision((), Done())
            return leaving.end_unpaid(command, known, planned(states, sale_id), ledger_of(states, sale_id), now)
        case ReopenParticipation():
            if sale_id is None:
                raise registration.unknown()
            return leaving.reopen(command, known, planned(states, sale_id), now)


def _reward(command: GrantReferralReward, states: States) -> Decision:
    match participation_of(states, command.participation):
        case Registered(sale=sale_id, referred_by=by) as referred if by is not None:
            over = (planned(states, sale_id), ledger_of(states, sale_id))
            return referring.grant(command, referred, participation_of(states, by), *over)
        case _:
            return Decision((), Done())


def sale_of(known: Participation) -> SaleId | None:
    """Return the sale a participation belongs to; None where there is no such participation."""
    match known:
        case Registered(sale=sale_id) | Waiting(sale=sale_id) | Invited(sale=sale_id) | Ended(sale=sale_id):
            return sale_id
        case Unknown():
            return None


def with_sale(participation: str, states: States) -> tuple[StreamName, ...]:
    """Name a participation's stream, and that of its sale once it is known."""
    stream = f"participation-{participation}"
    known: Participation | None = states.get(stream)
    sale_id = None if known is None else sale_of(known)
    return (stream,) if sale_id is None else (stream, sale_stream(sale_id))


def with_ledger(participation: str, states: States) -> tuple[StreamName, ...]:
    """Name the ledger's stream too."""
    streams = with_sale(participation, states)
    return streams if len(streams) == 1 else (*streams, streams[1].replace("sale-", "ledger-", 1))


def _of_rows(command: RegisterConsignors) -> tuple[StreamName, ...]:
    accounts = {row.account: None for row in command.rows if row.account is not None}
    return (
        sale_stream(command.sale),
        *(participation_stream(row.participation) for row in command.rows),
        *map(account_stream, accounts),
    )


def _rewarding(command: GrantReferralReward, states: States) -> tuple[StreamName, ...]:
    streams = with_ledger(command.participation, states)
    match states.get(streams[0]):
        case Registered(referred_by=by) if by is not None:
            return (*streams, participation_stream(by))
        case _:
            return streams
