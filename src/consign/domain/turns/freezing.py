"""Freezing a sale's settlement: every consignor gets a statement, chunk by chunk; and supplements to them later.

While it lasts nothing may move a consignor's figures (`standing_still`); `concluding` ends it.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.manual_lines import Unmatched
from consign.domain.ledger.offline_events import ConflictId
from consign.domain.ledger.offline_state import open_conflicts
from consign.domain.ledger.state import Ledger
from consign.domain.participation.state import Registered
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.settlement.commands import (
    LINES_LIMIT,
    STATEMENTS_LIMIT,
    FreezeAnswer,
    FreezeSettlement,
    GiveUpFreeze,
    IssueSupplements,
    SupplementsAnswer,
)
from consign.domain.settlement.events import (
    Obstacle,
    SettlementBegun,
    SettlementEvent,
    StatementIssued,
)
from consign.domain.settlement.folding import evolve
from consign.domain.settlement.state import Settlement, Stage
from consign.domain.turns.actors import phases, require_phase, settlement_stream
from consign.domain.turns.stating import Books, state_one
from consign.domain.values import ParticipationId, SaleId

FREEZE_LIMIT = timedelta(minutes=2)
"""How long after its last statement a freeze that nobody goes on with is given up."""

_ERRORS_LIMIT = 500

SETTLING = phases(Phase.SETTLEMENT, Phase.SETTLEMENT)
SETTLED = phases(Phase.SETTLEMENT, Phase.CLOSED)


def obstacles(sale: Planned, ledger: Ledger) -> tuple[Obstacle, ...]:
    """Return what is unfinished and may still move money, kind by kind in the order of names."""
    open_tills = sorted(name for name, till in sale.tills.items() if till.session is not None)
    unsynced_tills = sorted(name for name, till in sale.tills.items() if till.unsynced != 0)
    unmatched = sorted(
        tag
        for tag, line in ledger.manual_lines.items()
        if isinstance(line.outcome, Unmatched) and ConflictId(tag) not in ledger.conflicts
    )
    conflicts = sorted(open_conflicts(ledger.conflicts, ledger.manual_lines))
    payments = sorted(name for name, known in ledger.payments.items() if known.waits or known.owed_minor)
    unread = sorted(name for name, kept in ledger.quarantine.items() if kept.waits)
    return (
        *(Obstacle("open_till", name) for name in open_tills),
        *(Obstacle("unsynced_till", name) for name in unsynced_tills),
        *(Obstacle("unmatched_line", tag) for tag in unmatched),
        *(Obstacle("open_conflict", conflict) for conflict in conflicts),
        *(Obstacle("quarantined_sale", name) for name in unread),
        *(Obstacle("open_payment", name) for name in payments),
        *(Obstacle("unrecorded_shift", shift) for shift in sale.roster.unrecorded()),
    )


def freeze_chunk(sale: Planned, ledger: Ledger, settlement: Settlement) -> list[ParticipationId]:
    """Return the consignors whose statements come next, by their numbers."""
    match settlement.stage:
        case Stage.OPEN | Stage.FREEZING:
            return _chunk(sale, ledger, settlement.last_consignor)
        case Stage.FROZEN | Stage.REOPENING:
            return []


def supplement_chunk(command: IssueSupplements, sale: Planned, ledger: Ledger) -> list[ParticipationId]:
    """Return the consignors to look at: those named, or the next ones."""
    if command.consignors:
        return [sale.consignors[number] for number in sorted(set(command.consignors)) if number in sale.consignors]
    return _chunk(sale, ledger, command.after)


def _chunk(sale: Planned, ledger: Ledger, after: int) -> list[ParticipationId]:
    chosen: list[ParticipationId] = []
    lines = 0
    for number in sorted(number for number in sale.consignors if number > after)[:STATEMENTS_LIMIT]:
        theirs = ledger.consignors.get(number)
        lines += 0 if theirs is None else len(theirs.tags)
        if chosen and lines > LINES_LIMIT:
            break
        chosen.append(sale.consignors[number])
    return chosen


def freeze(
    command: FreezeSettlement,
    sale: Planned,
    ledger: Ledger,
    settlement: Settlement,
    consignors: list[Registered],
    now: datetime,
) -> Decision:
    """Issue the next statements; when nobody is left, the freeze is concluded. Frozen already: nothing happens."""
    if settlement.stage is Stage.FROZEN:
        return Decision((), _freeze_answer(sale, settlement, 0))
    require_phase(sale, SETTLING, "Freezing the settlement")
    if settlement.stage is Stage.REOPENING:
        raise Rejected(
            Reason.SETTLEMENT_BLOCKED, "The settlement is being reopened. Repeat reopening it until it is done."
        )
    _require_clear(command, obstacles(sale, ledger), settlement)
    events: list[SettlementEvent] = []
    timers: tuple[Timer, ...] = ()
    if settlement.stage is Stage.OPEN:
        begun = SettlementBegun(sale.sale, settlement.round + 1, command.accepted, command.reason)
        events.append(begun)
        settlement = evolve(settlement, begun)
        timers = (give_up_timer(sale.sale, settlement.round, now + FREEZE_LIMIT, now),)
    for consignor in consignors:
        settlement, issued = state_one(Books(sale, ledger, settlement), consignor, "statement", "", now)
        events += issued
    return Decision(_emitted(sale, events), _freeze_answer(sale, settlement, len(consignors)), timers)


def give_up_timer(sale: SaleId, round_number: int, due_at: datetime, now: datetime) -> Timer:
    """Return the timer that looks whether anybody goes on with the freeze."""
    timer_id = uuid5(UUID(sale), f"freeze {round_number} {due_at.isoformat()} {now.isoformat()}")
    return Timer(timer_id, due_at, GiveUpFreeze(sale, round_number))


def _require_clear(command: FreezeSettlement, found: tuple[Obstacle, ...], settlement: Settlement) -> None:
    accepted = {*command.accepted, *settlement.accepted}
    left = [each for each in found if each not in accepted]
    if left:
        errors = tuple(
            {"pointer": "/accepted", "reason": Reason.SETTLEMENT_BLOCKED.value, "detail": each.name, "kind": each.kind}
            for each in left[:_ERRORS_LIMIT]
        )
        named = ", ".join(f"{each.kind.replace('_', ' ')} {each.name}" for each in left[:10])
        raise Rejected(
            Reason.SETTLEMENT_BLOCKED,
            f"{len(left)} things may still move money: {named}. Finish them, or name them as accepted with a reason.",
            errors,
        )
    if command.accepted and not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the settlement is frozen with these things unfinished.")


def remaining(sale: Planned, settlement: Settlement) -> int:
    """Return how many consignors have no statement in this round."""
    return sum(number > settlement.last_consignor for number in sale.consignors)


def _freeze_answer(sale: Planned, settlement: Settlement, issued: int) -> FreezeAnswer:
    left = 0 if settlement.stage is Stage.FROZEN else remaining(sale, settlement)
    return FreezeAnswer(
        sale.sale,
        settlement.round,
        issued,
        left,
        settlement.issued,
        settlement.figures,
        settlement.figures.net_minor,
        sale.currency,
        settlement.seal,
    )


def issue_supplements(
    command: IssueSupplements,
    sale: Planned,
    ledger: Ledger,
    settlement: Settlement,
    consignors: list[Registered],
    now: datetime,
) -> Decision:
    """Tell each consignor whose figures moved since their last statement what changed."""
    require_phase(sale, SETTLED, "Issuing supplements")
    require_frozen(settlement, "Supplements follow")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why figures changed after the settlement.")
    events: list[SettlementEvent] = []
    for consignor in consignors:
        settlement, issued = state_one(Books(sale, ledger, settlement), consignor, "supplement", command.reason, now)
        events += issued
    supplements = [event for event in events if isinstance(event, StatementIssued)]
    last = max((consignor.number for consignor in consignors), default=0)
    more = not command.consignors and any(number > last for number in sale.consignors) and bool(consignors)
    answer = SupplementsAnswer(
        sale.sale,
        len(supplements),
        sum(event.figures.net_minor for event in supplements),
        sale.currency,
        last if more else None,
    )
    return Decision(_emitted(sale, events), answer)


def require_frozen(settlement: Settlement, what: str) -> None:
    """Raise Rejected with `settlement_not_frozen` unless every consignor has a statement that stands."""
    if settlement.stage is not Stage.FROZEN:
        raise Rejected(Reason.SETTLEMENT_NOT_FROZEN, f"{what} a frozen settlement; this one is {settlement.stage}.")


def _emitted(sale: Planned, events: list[SettlementEvent]) -> tuple[Emitted, ...]:
    stream = settlement_stream(sale.sale)
    return tuple(Emitted(stream, event) for event in events)
