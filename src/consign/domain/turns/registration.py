"""Registering consignors for a sale: a number for each, never given twice."""

from itertools import chain

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.state import Ledger
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    ConsignorAnswer,
    ConsignorRow,
    ConsignorRowDone,
    ConsignorsAnswer,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.participation.events import ConsignorProfileChanged, ConsignorRegistered, ConsignorTermsChanged
from consign.domain.participation.state import Participation, Registered, Unknown
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import ConsignorNumberTaken, Planned
from consign.domain.turns.actors import (
    LISTING,
    States,
    participation_of,
    participation_stream,
    require_phase,
    sale_stream,
)
from consign.domain.values import Done, ParticipationId, RowError

_LAST_CONSIGNOR_NUMBER = 9999


def register(command: RegisterConsignor, sale: Planned, participation: Participation) -> Decision:
    """Register one consignor; the same said again changes nothing."""
    match participation:
        case Registered():
            return _registered_before(command, sale, participation)
        case Unknown():
            pass
    require_phase(sale, LISTING, "Registering consignors")
    number = _number(command.number, sale, {})
    _require_tier(command.tier, sale)
    fee_minor = sale.settings.fee_minor if command.fee_minor is None else command.fee_minor
    registered = ConsignorRegistered(
        command.participation,
        command.sale,
        number,
        fee_minor,
        command.profile,
        command.tier,
        command.own_rule,
        command.terms_version or sale.settings.terms_version,
        command.account,
    )
    return Decision(_events(sale, registered), ConsignorAnswer(command.participation, number, fee_minor, sale.currency))


def _events(sale: Planned, registered: ConsignorRegistered) -> tuple[Emitted, Emitted]:
    taken = ConsignorNumberTaken(sale.sale, registered.participation, registered.number)
    return (
        Emitted(sale_stream(sale.sale), taken),
        Emitted(participation_stream(registered.participation), registered),
    )


def _registered_before(command: RegisterConsignor, sale: Planned, known: Registered) -> Decision:
    same = known.sale == command.sale and known.tier == command.tier and known.own_rule == command.own_rule
    if same and command.number in (None, known.number) and command.fee_minor in (None, known.fee_minor):
        return Decision((), ConsignorAnswer(known.participation, known.number, known.fee_minor, sale.currency))
    raise Rejected(
        Reason.PARTICIPATION_EXISTS, f"This participation is registered as number {known.number}, on other terms."
    )


def _number(given: int | None, sale: Planned, taken_now: dict[int, ParticipationId]) -> int:
    if given is not None:
        if given in sale.consignors or given in taken_now:
            raise Rejected(Reason.CONSIGNOR_NUMBER_TAKEN, f"Consignor number {given} is taken. Numbers are not reused.")
        return given
    after_last: int = max(sale.last_consignor, *taken_now) + 1 if taken_now else sale.last_consignor + 1
    for number in chain(range(after_last, _LAST_CONSIGNOR_NUMBER + 1), range(1, after_last)):
        if number not in sale.consignors and number not in taken_now:
            return number
    raise Rejected(Reason.LIMIT_EXCEEDED, f"All {_LAST_CONSIGNOR_NUMBER} consignor numbers of the sale are taken.")


def _require_tier(tier: str | None, sale: Planned) -> None:
    if tier is not None and tier not in sale.settings.commission.by_tier:
        raise Rejected(Reason.UNKNOWN_TIER, f"The sale's commission schedule knows no tier {tier}.")


def register_many(command: RegisterConsignors, sale: Planned, states: States) -> Decision:
    """Register the good rows of a chunk and name what is wrong with each of the others."""
    require_phase(sale, LISTING, "Registering consignors")
    events: list[Emitted] = []
    done: list[ConsignorRowDone] = []
    errors: list[RowError] = []
    taken: dict[int, ParticipationId] = {}
    seen: set[ParticipationId] = set()
    for index, row in enumerate(command.rows):
        try:
            registered = _row(row, command, sale, participation_of(states, row.participation), taken, seen)
        except Rejected as rejected:
            errors.append(RowError(row.row, f"/rows/{index}", rejected.reason.value, rejected.detail))
            continue
        seen.add(row.participation)
        done.append(ConsignorRowDone(row.row, row.participation, registered.number))
        taken[registered.number] = row.participation
        events.extend(_events(sale, registered))
    return Decision(tuple(events), ConsignorsAnswer(tuple(done), tuple(errors)))


def _row(
    row: ConsignorRow,
    command: RegisterConsignors,
    sale: Planned,
    known: Participation,
    taken: dict[int, ParticipationId],
    seen: set[ParticipationId],
) -> ConsignorRegistered:
    if row.participation in seen or isinstance(known, Registered):
        raise Rejected(Reason.PARTICIPATION_EXISTS, "This participation is registered already.")
    _require_tier(row.tier, sale)
    return ConsignorRegistered(
        row.participation,
        sale.sale,
        _number(row.number, sale, taken),
        sale.settings.fee_minor if row.fee_minor is None else row.fee_minor,
        row.profile,
        row.tier,
        row.own_rule,
        command.terms_version or sale.settings.terms_version,
    )


def registered(participation: Participation) -> Registered:
    """Return the participation; raises Rejected with `unknown_participation`."""
    match participation:
        case Registered():
            return participation
        case Unknown():
            raise Rejected(Reason.UNKNOWN_PARTICIPATION, "There is no participation with this id.")


def change_profile(command: ChangeConsignorProfile, known: Registered) -> Decision:
    """Replace the sealed profile."""
    if command.profile == known.profile:
        return Decision((), Done())
    event = ConsignorProfileChanged(known.participation, known.sale, command.profile)
    return Decision((Emitted(participation_stream(known.participation), event),), Done())


def change_terms(command: ChangeConsignorTerms, known: Registered, sale: Planned, ledger: Ledger) -> Decision:
    """Change tier and own rule while the consignor has sold nothing."""
    if (command.tier, command.own_rule) == (known.tier, known.own_rule):
        return Decision((), Done())
    _require_tier(command.tier, sale)
    theirs = ledger.consignors.get(known.number)
    if theirs is not None and theirs.sold:
        raise Rejected(
            Reason.COMMISSION_IN_USE, f"{theirs.sold} items of this consignor are sold on the terms as they are."
        )
    event = ConsignorTermsChanged(known.participation, known.sale, command.tier, command.own_rule)
    return Decision((Emitted(participation_stream(known.participation), event),), Done())
