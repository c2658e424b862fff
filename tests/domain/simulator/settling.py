"""The simulator's sale, walked on until it is settled, paid out and settled again."""

from datetime import date
from functools import reduce
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.accounts import payable_account
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase
from consign.domain.session.events import CashPaidOut
from consign.domain.settlement.commands import (
    AdjustConsignor,
    CarryPayout,
    ChangePayoutDetails,
    ConcludeFreeze,
    ConfirmPayouts,
    DropPayoutBatch,
    ForfeitPayouts,
    FreezeSettlement,
    IssueSupplements,
    LeavePayoutUncollected,
    PayOutInCash,
    PreparePayouts,
    ReissuePayout,
    ReopenSettlement,
    ReturnPayout,
    SendPayoutBatch,
)
from consign.domain.settlement.events import (
    BatchNumber,
    PayoutNumber,
    PayoutReturned,
    PayoutsPaid,
    SettlementFrozen,
    StatementIssued,
    StatementsCancelled,
)
from consign.domain.settlement.figures import NOTHING, Figures, change, total
from consign.domain.settlement.policy import Debtor, PayoutMethod, SettlementPolicy
from consign.domain.settlement.seal import statement_seal
from consign.domain.settlement.state import REPLACED, UNFINISHED, PayoutStatus, Settlement, Stage
from consign.domain.turns.freezing import obstacles
from consign.domain.values import ParticipationId, Sealed
from tests.domain.freezing import round_of
from tests.domain.log import MemoryLog
from tests.domain.market import SALE
from tests.domain.simulator import charity, floor, paying
from tests.domain.simulator.helping import BOOKING, PROMISING
from tests.domain.simulator.reckoning import Reckoning
from tests.domain.simulator.taking_part import MOVING
from tests.domain.simulator.world import ACTS, CONSIGNORS, SCHEDULES, Step, World, participation_of

SETTLING_ACTS = (
    *("freeze",) * 5,
    *("conclude",) * 2,
    *("supplement",) * 3,
    *("prepare",) * 3,
    *("send",) * 2,
    *("confirm",) * 2,
    "cash-out",
    "cash-out",
    "reopen",
    "drop",
    "return",
    "leave",
    "reissue",
    "carry",
    "forfeit",
    "adjust",
    "details",
    "policy",
    *charity.ACTS,
    "years",
    "on",
    "back",
)
BEFORE_ACTS = tuple(act for act in ACTS if act not in MOVING and act not in BOOKING)
_STAYING = ("phase", "settings", *PROMISING, *floor.WITHOUT_MONEY, *paying.AT_TILLS)
TRADING_ACTS = tuple(act for act in BEFORE_ACTS if act not in _STAYING)
ALL_ACTS = (*TRADING_ACTS, *SETTLING_ACTS)

_DEBTOR = Debtor("ALPE e.V.", "DE89370400440532013000")
_POLICIES = (
    SettlementPolicy(debtor=_DEBTOR, charity="Food bank"),
    SettlementPolicy(minimum_minor=300, negative="bear", forfeit_after_days=30, debtor=_DEBTOR, charity="Food bank"),
    SettlementPolicy(
        minimum_minor=900,
        below_minimum="charity",
        fees_minor={PayoutMethod.SEPA: 35, PayoutMethod.CASH: 10},
        reissue_fee_minor=250,
        forfeit_after_days=30,
        forfeit_to="charity",
        debtor=_DEBTOR,
    ),
)
_FITTING = {
    "prepare": frozenset((PayoutStatus.DUE,)),
    "confirm": frozenset((PayoutStatus.SENT,)),
    "cash-out": frozenset((PayoutStatus.DUE,)),
    "return": frozenset((PayoutStatus.SENT, PayoutStatus.PAID)),
    "leave": frozenset((PayoutStatus.DUE, PayoutStatus.SENT)),
    "reissue": frozenset((PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED)),
    "carry": frozenset((PayoutStatus.DUE, PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED)),
}
_PHASES = (Phase.LIVE, Phase.PICK_UP, Phase.SETTLEMENT, Phase.CLOSED)


class Auditor:
    """Watches what consignors are told and paid, and judges after each command."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._seen = 0
        self._reckoning = Reckoning()
        self._pledges = charity.Pledges()
        self._stated: dict[ParticipationId, Figures] = {}
        self._told: set[tuple[int, ParticipationId]] = set()
        self._statements = 0
        self._seal = ""
        self._paid: dict[str, int] = {}

    def check(self, payable_minor: Any) -> None:
        """Raise AssertionError for the first rule that does not hold; `payable_minor` tells a consignor's account."""
        for emitted in self._log.events[self._seen :]:
            self._reckoning.watch(emitted.event)
            self._pledges.watch(emitted.event)
            self._watch(emitted.event)
        self._seen = len(self._log.events)
        settlement: Settlement = self._log.state(f"settlement-{SALE}")
        for participation, standing in settlement.standings.items():
            stated = self._stated.get(participation, NOTHING)
            assert standing.stated == stated, "the state does not know what was stated"
            answered = [
                settlement.payouts[number].amount_minor
                for number in standing.payouts
                if settlement.payouts[number].status not in REPLACED
            ]
            assert sum(answered) == standing.answered_minor == stated.net_minor, "payouts do not stand for statements"
            self._check_account(participation, settlement, payable_minor(participation))
            if settlement.stage is Stage.FREEZING and standing.statements:
                beside_minor = standing.stated.borne_minor - standing.stated.donated_minor
                reckoned_minor = self._reckoning.net_minor(participation) + beside_minor
                assert reckoned_minor == stated.net_minor, "figures moved after they were stated, during a freeze"

    def _check_account(self, participation: ParticipationId, settlement: Settlement, payable_minor: int) -> None:
        standing = settlement.standing(participation)
        open_minor = sum(
            payout.amount_minor
            for number in standing.payouts
            if (payout := settlement.payouts[number]).status in UNFINISHED
        )
        beside_minor = standing.stated.borne_minor - standing.stated.donated_minor
        reckoned_minor = self._reckoning.net_minor(participation) + beside_minor
        unstated_minor = reckoned_minor - standing.stated.net_minor
        assert payable_minor == -(open_minor + unstated_minor), "the account is not what is open and unstated"

    def _watch(self, event: Any) -> None:
        match event:
            case StatementIssued():
                self._issued(event)
            case StatementsCancelled(cancelled=cancelled):
                for gone in cancelled:
                    assert self._stated.pop(gone.participation) == gone.figures
            case SettlementFrozen(figures=figures, statements=statements):
                assert statements == len(self._stated)
                assert figures == reduce(total, self._stated.values(), NOTHING)
            case PayoutsPaid(payouts=payouts):
                for each in payouts:
                    self._pay(each.payout)
            case CashPaidOut(payout=payout):
                self._pay(payout)
            case PayoutReturned(payout=payout, was_paid=True):
                self._paid[payout] -= 1
            case _:
                pass

    def _issued(self, event: StatementIssued) -> None:
        assert event.counter == self._statements + 1, "statement numbers have a gap"
        assert event.statement == f"S{event.counter}"
        self._statements = event.counter
        assert event.seal == statement_seal(event, self._seal), "the seal is broken"
        self._seal = event.seal
        before = self._stated.get(event.participation, NOTHING)
        if event.kind == "statement":
            assert (event.round, event.participation) not in self._told, "two statements in one round"
            assert before == NOTHING
            self._told.add((event.round, event.participation))
        stated = total(before, event.figures)
        assert change(stated, before) == event.figures
        beside_minor = stated.borne_minor - stated.donated_minor
        assert stated.net_minor == self._reckoning.net_minor(event.participation) + beside_minor
        assert stated.donated_minor == self._pledges.donation_minor(event.participation, self._reckoning)
        assert sum(line.gross_minor for line in event.lines) == event.figures.gross_minor
        self._stated[event.participation] = stated

    def _pay(self, payout: str) -> None:
        self._paid[payout] = self._paid.get(payout, 0) + 1
        assert self._paid[payout] == 1, f"{payout} is paid twice"


class SettlingWorld(World):
    """A sale that also goes on to settlement and back, and pays out."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.auditor = Auditor(self.log)
        settings = self.log.state(f"sale-{SALE}").settings
        policy = _POLICIES[seed // len(SCHEDULES) % len(_POLICIES)]
        self._issue(ChangeSaleSettings(SALE, replace(settings, settlement=policy)))

    def judge(self) -> None:
        super().judge()
        self.auditor.check(lambda participation: self.witness.books.balance(SALE, payable_account(participation)))

    def _freeze_whole(self, step: Step) -> None:
        """Freeze in one go, as a request does; otherwise other acts come between the chunks."""
        for _ in range(CONSIGNORS):
            super()._act(step)
            self.judge()
        self._act(step._replace(act="conclude"))

    def _owed_minor(self) -> int:
        """What the books say is owed to all consignors together."""
        known = (self.witness.books.balance(SALE, payable_account(each)) for each in self._consignors())
        return -sum(known)

    def _consignors(self) -> list[ParticipationId]:
        return list(self.log.state(f"sale-{SALE}").consignors.values())

    def _act(self, step: Step) -> None:
        if step.act == "conclude" and step.how % 40:
            before: Settlement = self.log.state(f"settlement-{SALE}")
            super()._act(step)
            after: Settlement = self.log.state(f"settlement-{SALE}")
            assert after.stage in (before.stage, Stage.FROZEN), "books and statements disagree at the end of a freeze"
        elif step.act == "freeze" and step.how % 4:
            self._freeze_whole(step)
        elif step.act == "years":
            self.log.pass_time(step.how * 86_400)
            self.log.fire_due_timers()
        else:
            super()._act(step)

    def _command(self, step: Step) -> Struct:  # noqa: C901 - a case an act
        if step.act not in SETTLING_ACTS:
            return super()._command(step)
        if step.act in ("prepare", "send", "confirm", "drop", "cash-out", "return", "leave", "reissue", "carry"):
            return self._with_payout(step)
        participation = participation_of(step.who % CONSIGNORS + 1)
        if step.act in charity.ACTS:
            return charity.command(step.act, SALE, participation, step.how)
        match step.act:
            case "freeze":
                accepted = (
                    obstacles(self.log.state(f"sale-{SALE}"), self.log.state(f"ledger-{SALE}")) if step.how % 2 else ()
                )
                return FreezeSettlement(SALE, accepted, "counted later")
            case "conclude":
                wrong_minor = step.how % 40 == 0
                return ConcludeFreeze(SALE, round_of(self.log, SALE), self._owed_minor() + wrong_minor)
            case "supplement":
                named = (step.who % CONSIGNORS + 1,) if step.how % 3 == 0 else ()
                return IssueSupplements(SALE, "figures moved", step.what % 3, named)
            case "reopen":
                return ReopenSettlement(SALE, "a till was forgotten")
            case "forfeit":
                return ForfeitPayouts(SALE)
            case "adjust":
                return AdjustConsignor(SALE, participation, step.how * 7 - 700, "by hand")
            case "details":
                return ChangePayoutDetails(SALE, participation, Sealed(participation, "c2VhbGVk"), bool(step.how % 4))
            case "policy":
                settings = self.log.state(f"sale-{SALE}").settings
                policy = _POLICIES[step.how % len(_POLICIES)]
                return ChangeSaleSettings(SALE, replace(settings, settlement=policy))
            case _:
                phase = self.log.state(f"sale-{SALE}").phase
                step_on = 1 if step.act == "on" else -1
                at = min(max(_PHASES.index(phase) + step_on, 0), len(_PHASES) - 1)
                return ChangeSalePhase(SALE, _PHASES[at])

    def _payout(self, step: Step, settlement: Settlement) -> PayoutNumber:
        """Mostly one that the act can take, sometimes any."""
        fitting = _FITTING.get(step.act, frozenset()) if step.how % 6 else frozenset(PayoutStatus)
        numbers = sorted(number for number, payout in settlement.payouts.items() if payout.status in fitting)
        return numbers[step.what % len(numbers)] if numbers else PayoutNumber(f"P{step.how + 1}")

    def _with_payout(self, step: Step) -> Struct:
        settlement: Settlement = self.log.state(f"settlement-{SALE}")
        payout = self._payout(step, settlement)
        batch = BatchNumber(f"B{max(settlement.batch_counter - step.how % 2, 1)}")
        match step.act:
            case "prepare":
                method = (PayoutMethod.SEPA, PayoutMethod.CHEQUE, PayoutMethod.LIST)[step.what % 3]
                named = (payout,) if step.how % 5 == 0 else ()
                return PreparePayouts(SALE, method, named, date(2026, 10, 1), 1 + step.how)
            case "send":
                return SendPayoutBatch(SALE, batch)
            case "confirm":
                return ConfirmPayouts(SALE, batch, (payout,) if step.how % 3 == 0 else ())
            case "drop":
                return DropPayoutBatch(SALE, batch, "wrong day")
            case "cash-out":
                return PayOutInCash(self._session(step.who), payout)
            case "return":
                return ReturnPayout(SALE, payout, "account closed")
            case "leave":
                return LeavePayoutUncollected(SALE, payout)
            case "reissue":
                return ReissuePayout(SALE, payout)
            case _:
                return CarryPayout(SALE, payout, "until next time")
