"""Registering consignors for a sale, and changing what was said of them."""

from datetime import datetime

from consign.domain.account import INITIAL as NO_ACCOUNT
from consign.domain.account import Account
from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.state import Ledger
from consign.domain.participation.commands import (
    AcceptTerms,
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    ConsignorAnswer,
    ConsignorRow,
    ConsignorRowDone,
    ConsignorsAnswer,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.participation.events import ConsignorProfileChanged, ConsignorTermsChanged
from consign.domain.participation.state import (
    Asked,
    Ended,
    Invited,
    Participation,
    Registered,
    Unknown,
    Waiting,
    evolve,
)
from consign.domain.places import TermsAccepted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import (
    LISTING,
    States,
    account_stream,
    participation_of,
    participation_stream,
    require_phase,
    sale_stream,
)
from consign.domain.turns.joining import Joined, Room, fee_of, join, require_tier
from consign.domain.turns.referring import referral_code, referrer
from consign.domain.turns.work_tiers import tier_moved
from consign.domain.values import AccountId, Done, ParticipationId, RowError

ALREADY_REGISTERED = "This participation is registered already."


def register(command: RegisterConsignor, sale: Planned, states: States, now: datetime) -> Decision:
    """Register one consignor, or put them on the waiting list; the same said again changes nothing."""
    known = participation_of(states, command.participation)
    match known:
        case Registered() | Waiting():
            return _said_before(command, sale, known)
        case Invited() | Ended():
            raise Rejected(Reason.PARTICIPATION_EXISTS, "This id was used before. Register with a new one.")
        case Unknown():
            pass
    require_phase(sale, LISTING, "Registering consignors")
    asked = _asked(command, command.terms_version, sale, now)
    require_terms(sale, command.terms_version)
    joined = join(Room(sale), command.participation, asked, _person(states, command.account), now)
    return Decision(joined.events, answer(sale, command.participation, joined), joined.timers)


def _said_before(command: RegisterConsignor, sale: Planned, known: Registered | Waiting) -> Decision:
    has = standing(known, sale)
    asked = known if isinstance(known, Registered) else known.asked
    tier = known.agreed_tier if isinstance(known, Registered) else known.asked.tier
    same = (known.sale, tier, asked.own_rule, asked.account) == (
        command.sale,
        command.tier,
        command.own_rule,
        command.account,
    )
    if same and command.number in (None, asked.number) and command.fee_minor in (None, has.fee_minor):
        return Decision((), answer(sale, command.participation, has))
    raise Rejected(Reason.PARTICIPATION_EXISTS, ALREADY_REGISTERED)


def standing(known: Registered | Waiting, sale: Planned) -> Joined:
    """Return what joining came to, for saying it again."""
    match known:
        case Registered(number=number, fee=fee):
            return Joined((), (), number, fee.agreed_minor)
        case Waiting(asked=asked):
            return Joined((), (), None, fee_of(asked, sale))


def answer(sale: Planned, participation: ParticipationId, joined: Joined) -> ConsignorAnswer:
    """Say what joining came to."""
    rewarded = sale.settings.participation.referral is not None and joined.number is not None
    return ConsignorAnswer(
        participation,
        joined.number,
        joined.fee_minor,
        sale.currency,
        "waiting" if joined.number is None else "registered",
        referral_code(joined.number, participation) if rewarded and joined.number is not None else None,
    )


def register_many(command: RegisterConsignors, sale: Planned, states: States, now: datetime) -> Decision:
    """Register the good rows of a chunk and name what is wrong with each of the others."""
    require_phase(sale, LISTING, "Registering consignors")
    events: list[Emitted] = []
    timers: list[Timer] = []
    done: list[ConsignorRowDone] = []
    errors: list[RowError] = []
    room = Room(sale)
    seen: set[ParticipationId] = set()
    for index, row in enumerate(command.rows):
        try:
            already = _row_said_before(row, sale, participation_of(states, row.participation), seen)
            if already is not None:
                done.append(already)
                seen.add(row.participation)
                continue
            asked = _asked(row, row.terms_version or command.terms_version, sale, now)
            joined = join(room, row.participation, asked, _person(states, row.account), now)
        except Rejected as rejected:
            errors.append(RowError(row.row, f"/rows/{index}", rejected.reason.value, rejected.detail))
            continue
        seen.add(row.participation)
        status = answer(sale, row.participation, joined).status
        done.append(ConsignorRowDone(row.row, row.participation, joined.number, status))
        events.extend(joined.events)
        timers.extend(joined.timers)
    return Decision(tuple(events), ConsignorsAnswer(tuple(done), tuple(errors)), tuple(timers))


def _row_said_before(
    row: ConsignorRow, sale: Planned, known: Participation, seen: set[ParticipationId]
) -> ConsignorRowDone | None:
    """Return what is done where the row was registered before; an import may be repeated, and mended in between."""
    if row.participation in seen:
        raise Rejected(Reason.PARTICIPATION_EXISTS, "Another row of this import says the same consignor.")
    match known:
        case Registered(number=number) if known.sale == sale.sale and row.number in (None, number):
            return ConsignorRowDone(row.row, row.participation, number, "registered", already=True)
        case Waiting() if known.sale == sale.sale and row.number == known.asked.number:
            return ConsignorRowDone(row.row, row.participation, None, "waiting", already=True)
        case Registered() | Waiting():
            raise Rejected(Reason.PARTICIPATION_EXISTS, ALREADY_REGISTERED)
        case Invited() | Ended():
            raise Rejected(Reason.PARTICIPATION_EXISTS, "This id was used before. Register with a new one.")
        case Unknown():
            return None


def _asked(given: RegisterConsignor | ConsignorRow, terms_version: str, sale: Planned, now: datetime) -> Asked:
    return Asked(
        given.profile,
        given.number,
        given.tier,
        given.own_rule,
        given.fee_minor,
        terms_version,
        given.account,
        now if terms_version else None,
        referrer(given.referral_code, given.account, sale),
    )


def _person(states: States, account: AccountId | None) -> Account:
    person: Account = NO_ACCOUNT if account is None else states[account_stream(account)]
    return person


def require_terms(sale: Planned, version: str) -> None:
    """Raise Rejected with `terms_not_accepted` where the sale demands it and another version, or none, is accepted."""
    settings = sale.settings
    if settings.participation.terms_required and version != settings.terms_version:
        raise Rejected(
            Reason.TERMS_NOT_ACCEPTED, f"Accept the terms of this sale first, version “{settings.terms_version}”."
        )


def registered(participation: Participation) -> Registered:
    """Return the participation; raises Rejected with `unknown_participation`, `not_registered` or `…_ended`."""
    match participation:
        case Registered():
            return participation
        case Waiting() | Invited() | Ended() | Unknown():
            raise not_registered(participation)


def not_registered(participation: Waiting | Invited | Ended | Unknown) -> Rejected:
    """Return the refusal that says how the participation stands instead."""
    match participation:
        case Waiting():
            return Rejected(Reason.NOT_REGISTERED, "This consignor waits for a place.")
        case Invited():
            return Rejected(Reason.NOT_REGISTERED, "This invitation was not accepted yet.")
        case Ended(because=because):
            why = because.replace("_", " ")
            return Rejected(
                Reason.PARTICIPATION_ENDED, f"This participation ended ({why}). An organizer may reopen it."
            )
        case Unknown():
            return unknown()


def unknown() -> Rejected:
    return Rejected(Reason.UNKNOWN_PARTICIPATION, "There is no participation with this id.")


def change_profile(command: ChangeConsignorProfile, known: Participation) -> Decision:
    """Replace the sealed profile of a consignor without an account, whether registered or waiting."""
    theirs = known if isinstance(known, Waiting) else registered(known)
    has = theirs.asked if isinstance(theirs, Waiting) else theirs
    if has.account is not None:
        raise Rejected(
            Reason.PROFILE_OF_ACCOUNT, "This consignor has an account, whose profile is said once for all: change that."
        )
    if command.profile == has.profile:
        return Decision((), Done())
    event = ConsignorProfileChanged(command.participation, theirs.sale, command.profile)
    return Decision((Emitted(participation_stream(command.participation), event),), Done())


def change_terms(command: ChangeConsignorTerms, known: Registered, sale: Planned, ledger: Ledger) -> Decision:
    """Change tier and own rule while the consignor has sold nothing."""
    if (command.tier, command.own_rule) == (known.agreed_tier, known.own_rule):
        return Decision((), Done())
    require_tier(command.tier, sale)
    theirs = ledger.consignors.get(known.number)
    if theirs is not None and theirs.sold:
        raise Rejected(
            Reason.COMMISSION_IN_USE, f"{theirs.sold} items of this consignor are sold on the terms as they are."
        )
    event = ConsignorTermsChanged(known.participation, known.sale, command.tier, command.own_rule)
    agreed = evolve(known, event)
    assert isinstance(agreed, Registered)
    earned = tier_moved(agreed, sale, sale.roster, ledger)
    return Decision((Emitted(participation_stream(known.participation), event), *earned), Done())


def accept_terms(command: AcceptTerms, known: Registered, sale: Planned, now: datetime) -> Decision:
    """Record which version was accepted, and when."""
    if command.version != sale.settings.terms_version:
        raise Rejected(
            Reason.TERMS_NOT_ACCEPTED, f"The present terms of this sale are version “{sale.settings.terms_version}”."
        )
    if sale.places.standing[known.number].terms_version == command.version:
        return Decision((), Done())
    event = TermsAccepted(sale.sale, known.participation, known.number, command.version, now)
    return Decision((Emitted(sale_stream(sale.sale), event),), Done())
