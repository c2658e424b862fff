"""A sale acted out by numbers: each step is a kind of act and three whole numbers that choose who and what.

The same steps come from Hypothesis, which shrinks them, and from a seed, which replays them.
"""

from collections.abc import Iterable
from itertools import islice
from random import Random
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.business import CONSIGN
from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    ItemRow,
    ListItems,
    RefuseItem,
    WithdrawItems,
)
from consign.domain.ledger.state import Voided, Withdrawn
from consign.domain.participation.commands import ChangeConsignorTerms, RegisterConsignor
from consign.domain.rejection import Rejected
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase
from consign.domain.session import state as sessions
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    GivenRefundLine,
    GivenTender,
    MoveCash,
    OpenSession,
    Pay,
    RecallBasket,
    RefundReceipt,
    RemoveLine,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.events import TenderKind
from consign.domain.session.totals import due
from consign.domain.tag import tag_code
from consign.domain.turns.basket import lines_as_paid
from consign.domain.values import BasketId, ParticipationId, ReceiptNumber, Role, SessionId
from tests.domain.log import MemoryLog
from tests.domain.market import CASHIER, SALE, SALE_NUMBER, SETTINGS, planned, reach
from tests.domain.simulator import describing, drawer, floor, helping, paying, presale, pricing, taking_part
from tests.domain.simulator.invariants import Witness
from tests.support.at_once import at_once

TILLS, CONSIGNORS, ITEMS_EACH, BASKETS = 3, 3, 4, 6
ITEMS = 15
"""How many of the things that are to be had the acts choose from: so few that tills meet at them."""
PRICES_MINOR = (1, 33, 350, 999, 1250)
SCHEDULES = tuple(
    CommissionSchedule(
        CommissionRule(200_000, 3, 5, 400),
        {"toy": CommissionRule(333_333)},
        {
            "volunteer": CommissionRule(100_000),
            "friend": CommissionRule(50_000, 1),
            "broken": CommissionRule(400_000),
        },
        basis,
    )
    for basis in RoundingBasis
)
ACTS = (
    *("scan",) * 8,
    *("pay",) * 5,
    "remove",
    "abandon",
    "suspend",
    "recall",
    "recall",
    "void",
    "refund",
    "refund",
    "cash",
    "close",
    "open",
    "open",
    "wait",
    "timers",
    "refuse",
    "admit",
    "withdraw",
    "check-in",
    "list",
    "terms",
    "settings",
    "phase",
    *describing.ACTS,
    *taking_part.ACTS,
    *pricing.ACTS,
    *helping.ACTS,
    *floor.ACTS,
    *drawer.ACTS,
    *paying.ACTS,
    *presale.ACTS,
)


class Step(NamedTuple):
    act: str
    who: int
    what: int
    how: int


class World:
    """A live sale with three tills; every step is followed by the witness's judgement.

    One that begins `early` sells to presale groups, until the act "phase" opens the doors for everybody.
    """

    def __init__(self, basis: int = 0, *, early: bool = False) -> None:
        self.log = self._stage(basis, early=early)
        self.witness = Witness(self.log)
        self.accepted = 0
        self._opened = 0
        self._sessions: list[SessionId] = []
        for till in range(TILLS):
            self._issue(self._open(till))
        self.witness.check()

    @staticmethod
    def _stage(basis: int, *, early: bool) -> MemoryLog:
        settings = replace(
            SETTINGS,
            commission=SCHEDULES[basis % len(SCHEDULES)],
            participation=taking_part.RULES[basis % len(taking_part.RULES)],
            shifts=helping.RULES[basis % len(helping.RULES)],
            terms_version=taking_part.TERMS,
            price_step_minor=1,
            price_minimum_minor=0,
            hold_duration_s=60,
            floor=floor.RULES[basis % len(floor.RULES)],
            fee_covers_lists=9,
            extra_list_fee_minor=45,
            presale_groups=presale.GROUPS,
        )
        settings = pricing.priced(settings, basis % len(SCHEDULES))
        log = reach(planned(settings), Phase.REGISTRATION)
        for number in range(1, CONSIGNORS + 1):
            log.issue(RegisterConsignor(SALE, participation_of(number), number=number))
            log.issue(ListItems(SALE, tuple(_row(number, row) for row in range(ITEMS_EACH))))
        helping.plan(log, SALE)
        reach(log, Phase.DROP_OFF if early else Phase.LIVE)
        log.issue(CheckInItems(SALE, tuple(tag_code(SALE_NUMBER, 1, number + 1) for number in range(ITEMS_EACH))))
        log.issue(CheckInConsignor(SALE, 2))
        return log

    def run(self, steps: Iterable[Step]) -> None:
        """Act out the steps; a refusal is an answer like any other, anything else raised is a fault."""
        for number, step in enumerate(steps):
            try:
                self._act(step)
                self.judge()
            except Exception as fault:
                fault.add_note(f"at step {number}: {step}")
                raise

    def judge(self) -> None:
        """Raise AssertionError where a promise is broken."""
        self.witness.check()

    def check_replay(self) -> None:
        """Fold the log anew: the states must be what they are, and snapshots must give them back."""
        folded: dict[str, object] = {}
        for emitted in self.log.events:
            before = folded.get(emitted.stream, CONSIGN.initial(emitted.stream))
            folded[emitted.stream] = CONSIGN.evolve(emitted.stream, before, emitted.event)
        for stream, state in self.log.states.items():
            assert folded.get(stream, CONSIGN.initial(stream)) == state
            assert at_once(CONSIGN.decode_state(stream, at_once(CONSIGN.encode_state(stream, state)))) == state

    def _issue(self, command: Struct) -> None:
        try:
            self.log.issue(command)
        except Rejected:
            return
        self.accepted += 1

    def _act(self, step: Step) -> None:
        match step.act:
            case "wait":
                self.log.pass_time(step.how % 90)
            case "timers":
                self.log.fire_due_timers()
            case "days":
                self.log.pass_time(step.how % 3 * 43_200)
            case _:
                self._issue(self._command(step))

    def _command(self, step: Step) -> Struct:
        if step.act in ("scan", "pay", "remove", "abandon", "suspend", "recall", *presale.ACTS):
            return self._with_basket(step)
        if step.act in ("void", "refund", "cash", "close", "open"):
            return self._with_money(step)
        if step.act in pricing.ACTS:
            basket = _basket(step.who * 2 + step.how % 2)
            return pricing.asked(step.act, SALE, self._session(step.who), basket, self._tag(step.what), step.how)
        if step.act in describing.ACTS:
            consignor = step.who % CONSIGNORS + 1
            return describing.described(step.act, SALE, "toy", self._tag(step.what), consignor, step.how)
        if step.act in helping.ACTS:
            number = step.who % CONSIGNORS + 1
            return helping.did(step.act, self.log, SALE, number, participation_of(number), step.how)
        if step.act in taking_part.ACTS:
            return taking_part.did(step.act, self.log, SALE, self._session(step.who), step.who, step.how)
        if step.act in drawer.ACTS:
            session, other = self._session(step.who), self._session(step.who + 1 + step.how % 2)
            return drawer.asked(step.act, self.log.state, SALE, session, other, step.what, step.how)
        if step.act in paying.ACTS:
            session, basket = self._session(step.who), _basket(step.who * 2 + step.how % 2)
            return paying.asked(step.act, self.log.state, SALE, session, basket, step.how)
        if step.act in floor.ACTS:
            tags = (self._tag(step.what), self._tag(step.how))
            everything = tuple(self.log.state(f"ledger-{SALE}").items)
            return floor.did(step.act, SALE, tags, everything, step.who % CONSIGNORS + 1, step.how)
        return self._with_items(step)

    def _with_basket(self, step: Step) -> Struct:
        session = self._session(step.who)
        # Mostly each till has baskets of its own; sometimes a basket strays to another one.
        basket = _basket(step.who * 2 + step.what if step.how % 7 else step.how)
        match step.act:
            case "scan":
                return Scan(session, _basket(step.who * 2 + step.how % 2), self._tag(step.what))
            case "presale":
                filled = _basket(step.who * 2 + step.how % 2)
                return presale.asked(session, filled, self._tag(step.what), step.what + step.how)
            case "pay":
                return Pay(session, basket, self._tenders(session, basket, step.how))
            case "remove":
                return RemoveLine(session, basket, self._tag(step.how))
            case "abandon":
                return AbandonBasket(session, basket)
            case "suspend":
                return SuspendBasket(session, basket)
            case _:
                return RecallBasket(session, _basket(step.what), self._session(step.how) if step.how % 2 else None)

    def _with_money(self, step: Step) -> Struct:
        session = self._session(step.who)
        receipt = ReceiptNumber(f"{step.what % TILLS}-{step.how % 5 + 1}")
        role: Role = "organizer" if step.how % 2 else "cashier"
        match step.act:
            case "void":
                return VoidReceipt(session, self._own_receipt(session, step.how, receipt), "why not")
            case "refund":
                kind = (TenderKind.CARD, TenderKind.CASH, TenderKind.PROVIDER)[step.how % 3]
                line = self._tag(step.how)
                if step.who % 3 == 0:
                    line, receipt = self._typed_in(step.how, receipt)
                part = GivenRefundLine(line, step.how % 40 + 1 if step.how % 2 else None)
                returned_to: Literal["floor", "consignor"] = "consignor" if step.how % 11 == 0 else "floor"
                return RefundReceipt(
                    session, receipt, kind, "torn", role, (part,) if step.what % 2 else (), returned_to
                )
            case "cash":
                return MoveCash(session, step.how % 2001 - 1000, "change")
            case "close":
                return CloseSession(session, step.how % 10_000, "counted")
            case _:
                return self._open(step.who)

    def _with_items(self, step: Step) -> Struct:
        tag = self._tag(step.what)
        match step.act:
            case "refuse":
                return RefuseItem(SALE, tag, "stained")
            case "admit":
                return AdmitRefusedItem(SALE, tag)
            case "withdraw":
                return WithdrawItems(SALE, (tag,))
            case "check-in":
                return CheckInItems(SALE, (tag, self._tag(step.how)))
            case "list":
                return ListItems(SALE, (ItemRow(0, step.who % CONSIGNORS + 1, "toy", "more", _price(step.how)),))
            case "terms":
                tier = "volunteer" if step.how % 2 else None
                return ChangeConsignorTerms(participation_of(step.who % CONSIGNORS + 1), tier)
            case "settings":
                settings = self.log.state(f"sale-{SALE}").settings
                return ChangeSaleSettings(SALE, replace(settings, commission=SCHEDULES[step.how % len(SCHEDULES)]))
            case _:
                is_over = self.log.state(f"sale-{SALE}").phase is Phase.LIVE and step.how % 3 == 0
                phase = Phase.PICK_UP if is_over else Phase.LIVE
                return ChangeSalePhase(SALE, phase)

    def _open(self, till: int) -> OpenSession:
        self._opened += 1
        session = SessionId(f"01900000-0000-7000-8000-{self._opened:012}")
        self._sessions.append(session)
        return OpenSession(session, SALE, str(till % TILLS), CASHIER, 700)

    def _tag(self, index: int) -> str:
        """Mostly something that is still to be had, so that a sale does not end where all is withdrawn or retagged."""
        ledger = self.log.state(f"ledger-{SALE}")
        tags = (tag for number in range(1, CONSIGNORS + 1) for tag in ledger.consignors[number].tags)
        had = list(islice((tag for tag in tags if not isinstance(ledger.items[tag].status, Withdrawn | Voided)), ITEMS))
        return str(had[index % len(had)]) if had and index % 9 else _first_tag(index)

    def _session(self, till: int) -> SessionId:
        till_state = self.log.state(f"sale-{SALE}").tills.get(str(till % TILLS))
        open_session: SessionId | None = None if till_state is None else till_state.session
        return open_session or self._sessions[till % len(self._sessions)]

    def _own_receipt(self, session: SessionId, how: int, receipt: ReceiptNumber) -> ReceiptNumber:
        """Return, mostly, a receipt that the session paid."""
        state = self.log.state(f"session-{session}")
        known = sorted(state.receipts) if isinstance(state, sessions.Open) and how % 5 else []
        return known[how % len(known)] if known else receipt

    def _typed_in(self, how: int, receipt: ReceiptNumber) -> tuple[str, ReceiptNumber]:
        """Return a line without a tag and its receipt, if there is any."""
        lines = self.log.state(f"ledger-{SALE}").manual_lines
        known = sorted(lines)
        if not known:
            return self._tag(how), receipt
        line = known[how % len(known)]
        return line, lines[line].receipt

    def _tenders(self, session: SessionId, basket: BasketId, how: int) -> tuple[GivenTender, ...]:
        state = self.log.state(f"session-{session}")
        known = state.baskets.get(basket) if isinstance(state, sessions.Open) else None
        sale = self.log.state(f"sale-{SALE}")
        total_minor = 100 if known is None else due(lines_as_paid(known, sale)).total_minor
        card_minor = total_minor * (how % 4) // 3
        cash_minor = max(total_minor - card_minor + how % 13 - 1, 0)
        tenders = (GivenTender(TenderKind.CARD, card_minor), GivenTender(TenderKind.CASH, cash_minor))
        return tuple(tender for tender in tenders if tender.amount_minor)


def participation_of(number: int) -> ParticipationId:
    return ParticipationId(f"01900000-0000-7000-8000-0000000000{number:02}")


def _basket(index: int) -> BasketId:
    return BasketId(f"01900000-0000-7000-8000-0000000001{index % BASKETS:02}")


def _row(consignor: int, row: int) -> ItemRow:
    price_minor = _price(consignor * ITEMS_EACH + row)
    return ItemRow(row, consignor, "coat" if row % 2 and price_minor >= 300 else "toy", "thing", price_minor, row + 1)


def _price(index: int) -> int:
    return PRICES_MINOR[index % len(PRICES_MINOR)]


def _first_tag(index: int) -> str:
    consignor, item = divmod(index % (CONSIGNORS * (ITEMS_EACH + 1)), ITEMS_EACH + 1)
    return tag_code(SALE_NUMBER, consignor + 1, item + 1)


def steps_of(seed: int, count: int, acts: tuple[str, ...] = ACTS) -> list[Step]:
    """Return the steps that this seed stands for."""
    random = Random(seed)
    return [Step(random.choice(acts), *(random.randrange(1000) for _ in range(3))) for _ in range(count)]
