"""Invitations: a place, and perhaps a number and a tier, kept for whoever shows the code in time. Each works once."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from consign.domain.account import Account
from consign.domain.decision import Decision, Emitted
from consign.domain.participation.events import ConsignorInvited, EndReason, ParticipationEnded
from consign.domain.participation.place_commands import (
    AcceptInvitation,
    ExpireInvitation,
    InvitationAnswer,
    InviteConsignor,
    RevokeInvitation,
)
from consign.domain.participation.state import Ended, Invited, Participation, Registered, Unknown, Waiting
from consign.domain.places import InvitationClosed, InvitationOpened
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import LISTING, participation_stream, require_phase, sale_stream
from consign.domain.turns.deadlines import early, fill_timer, invitation_timer
from consign.domain.turns.joining import Room, place, require_tier, shown_profile, told
from consign.domain.turns.registration import answer, not_registered, require_terms
from consign.domain.values import Done

INVITATIONS_LIMIT = 2_000
"""How many invitations of one sale may be open at once."""

LONGEST = timedelta(days=366)


def invite(command: InviteConsignor, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Keep a place for somebody; the same said again changes nothing."""
    asked = (command.number, command.tier, command.own_rule, command.fee_minor)
    match known:
        case Invited(code_digest=code_digest, expires_at=expires_at, asked=has):
            if asked == (has.number, has.tier, has.own_rule, has.fee_minor) and code_digest == command.code_digest:
                return Decision((), InvitationAnswer(command.participation, has.number, expires_at))
            raise Rejected(Reason.PARTICIPATION_EXISTS, "This id is an invitation already, in other words.")
        case Registered() | Waiting() | Ended():
            raise Rejected(Reason.PARTICIPATION_EXISTS, "This id was used before. Invite with a new one.")
        case Unknown():
            pass
    require_phase(sale, LISTING, "Inviting")
    _require_room(command, sale, now)
    invited = ConsignorInvited(
        command.participation, sale.sale, command.code_digest, command.expires_at, command.address, *asked
    )
    opened = InvitationOpened(sale.sale, command.participation, command.code_digest, command.number)
    return Decision(
        (
            Emitted(sale_stream(sale.sale), opened),
            Emitted(participation_stream(command.participation), invited),
        ),
        InvitationAnswer(command.participation, command.number, command.expires_at),
        (invitation_timer(command.participation, command.expires_at, now),),
    )


def _require_room(command: InviteConsignor, sale: Planned, now: datetime) -> None:
    require_tier(command.tier, sale)
    if command.number is not None:
        Room(sale).require_number(command.number, command.participation)
    if not now < command.expires_at <= now + LONGEST:
        raise Rejected(Reason.INVITATION_INVALID, "An invitation lasts from now for a year at most.")
    if command.code_digest in sale.places.invited:
        raise Rejected(Reason.INVITATION_INVALID, "This code invites somebody else already.")
    if len(sale.places.invited) >= INVITATIONS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"{INVITATIONS_LIMIT} invitations are open at most.")
    if sale.places.free(sale.settings.participation.consignors_limit) == 0:
        raise Rejected(Reason.SALE_FULL, "No place is free to be kept for somebody. Raise the limit first.")


def accept(command: AcceptInvitation, known: Participation, person: Account, sale: Planned, now: datetime) -> Decision:
    """Register whoever shows the code, under the number and tier that were kept."""
    match known:
        case Invited() if known.expires_at > now:
            pass
        case Invited() | Registered() | Waiting() | Ended() | Unknown():
            raise invalid()
    require_phase(sale, LISTING, "Registering consignors")
    require_terms(sale, command.terms_version)
    asked = replace(
        known.asked,
        profile=command.profile,
        account=command.account,
        terms_version=command.terms_version,
        terms_accepted_at=now if command.terms_version else None,
    )
    room = Room(sale)
    learnt = told(room, known.participation, asked, person)
    placed = place(room, known.participation, asked, shown_profile(asked, person), now)
    events = (*learnt, _closed(known), *placed.events)
    return Decision(events, answer(sale, known.participation, placed), placed.timers)


def invalid() -> Rejected:
    """Return the refusal that tells nothing of codes that others hold."""
    return Rejected(
        Reason.INVITATION_INVALID, "This invitation is not, or no longer, valid. Ask the organizer for another one."
    )


def revoke(_: RevokeInvitation, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Take an invitation back that nobody accepted."""
    match known:
        case Invited():
            return _ended(known, sale, "invitation_revoked", now)
        case Ended():
            return Decision((), Done())
        case Registered():
            raise Rejected(Reason.PARTICIPATION_EXISTS, "This invitation was accepted.")
        case Waiting() | Unknown():
            raise not_registered(known)


def expire(command: ExpireInvitation, known: Participation, sale: Planned, now: datetime) -> Decision:
    """End an invitation that nobody accepted in time."""
    match known:
        case Invited(expires_at=expires_at):
            again = early(expires_at, now)
            if again is not None:
                return Decision((), Done(), (invitation_timer(command.participation, again, now),))
            return _ended(known, sale, "invitation_expired", now)
        case Registered() | Waiting() | Ended() | Unknown():
            return Decision((), Done())


def _ended(known: Invited, sale: Planned, because: EndReason, now: datetime) -> Decision:
    ended = ParticipationEnded(known.participation, known.sale, because)
    events = (_closed(known), Emitted(participation_stream(known.participation), ended))
    return Decision(events, Done(), (fill_timer(sale.sale, now),))


def _closed(known: Invited) -> Emitted:
    closed = InvitationClosed(known.sale, known.participation, known.code_digest, known.asked.number)
    return Emitted(sale_stream(known.sale), closed)
