"""A crowd at a few tills: commands drawn at random, most of them sensible, some of them refused."""

from collections.abc import Callable
from random import Random
from typing import Literal

from consign.domain.account import ChangeAccountProfile
from consign.domain.ledger.commands import AdmitRefusedItem, CheckInItems, ItemRow, ListItems, RefuseItem, WithdrawItems
from consign.domain.manual_commands import (
    AddManualLine,
    CreditManualLine,
    KeepManualLine,
    ManualLineCommand,
    MatchManualLine,
)
from consign.domain.participation.commands import (
    AcceptTerms,
    ChangeConsignorTerms,
    RegisterConsignor,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.fee_commands import (
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
)
from consign.domain.participation.fee_events import FeeKind
from consign.domain.rejection import Rejected
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
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from consign.domain.session.state import Open
from consign.domain.session.totals import due
from consign.domain.turns.basket import lines_as_paid
from consign.domain.values import (
    AccountId,
    Actor,
    BasketId,
    ParticipationId,
    ReceiptNumber,
    Role,
    Sealed,
    SessionId,
    TagCode,
)
from tests.domain.simulator import describing, drawer, paying
from tests.projections.scenario import CATEGORIES, SALE, SETTINGS, Scenario, basket_id, participation_id, session_id

TILLS = ("A", "B", "C")
ROLES: tuple[Role, ...] = ("organizer", "cashier")
CASEY = AccountId("casey")


class Crowd:
    """Acts on a live sale; the same seed acts the same."""

    def __init__(self, scenario: Scenario, seed: int, consignors: int) -> None:
        self.scenario = scenario
        self.accepted = 0
        self._random = Random(seed)
        self._consignors = consignors
        self._sessions_opened = 0
        self._newcomers = 0
        self._baskets_begun = 0
        self._lines_typed = 0
        self._tills: dict[str, SessionId] = {}
        for till in TILLS:
            self._open(till)
        self._acts: list[tuple[Callable[[], None], int]] = [
            (self._scan, 30),
            (self._pay, 12),
            (self._remove, 3),
            (self._discount, 3),
            (self._discount_basket, 2),
            (self._type_in, 3),
            (self._find_out, 4),
            (self._abandon, 2),
            (self._suspend, 4),
            (self._recall, 5),
            (self._void, 3),
            (self._refund, 5),
            (self._move_cash, 2),
            (self._at_drawer, 14),
            (self._at_payment, 12),
            (self._close_and_open, 2),
            (self._list, 4),
            (self._check_in, 2),
            (self._refuse, 2),
            (self._admit, 1),
            (self._withdraw, 1),
            (self._change_terms, 1),
            (self._describe, 8),
            (self._wait, 4),
            (self._receive_fee, 2),
            (self._give_fee_back, 1),
            (self._record_fee, 2),
            (self._waive_fee, 1),
            (self._come_late, 2),
            (self._withdraw_from_sale, 2),
            (self._reopen, 1),
            (self._accept_terms, 2),
            (self._change_profile, 1),
        ]

    def act(self) -> None:
        """Do one thing; a refusal is an answer too."""
        acts, weights = zip(*self._acts, strict=True)
        (act,) = self._random.choices(acts, weights)
        try:
            act()
        except Rejected:
            return
        self.accepted += 1

    def _session(self) -> SessionId:
        return self._tills[self._random.choice(TILLS)]

    def _state(self, session: SessionId) -> Open:
        state: Open = self.scenario.states[f"session-{session}"]
        return state

    def _new_basket(self) -> BasketId:
        self._baskets_begun += 1
        return basket_id(self._baskets_begun)

    def _tag(self) -> TagCode:
        return self._random.choice(sorted(self.scenario.ledger.items))

    def _receipt(self) -> ReceiptNumber:
        receipts = sorted(self.scenario.ledger.receipts)
        return self._random.choice(receipts) if receipts else ReceiptNumber("A-1")

    def _tender(self) -> TenderKind:
        return self._random.choice(list(TenderKind))

    def _own_basket(self, session: SessionId) -> BasketId:
        own = sorted(self._state(session).baskets)
        return self._random.choice(own) if own else self._new_basket()

    def _open(self, till: str) -> None:
        self._sessions_opened += 1
        session = session_id(self._sessions_opened)
        self.scenario.do(OpenSession(session, SALE, till, CASEY, 20_000))
        self._tills[till] = session

    def _scan(self) -> None:
        session = self._session()
        own = sorted(self._state(session).baskets)
        basket = self._random.choice(own) if own and self._random.random() < 0.7 else self._new_basket()
        self.scenario.do(Scan(session, basket, self._tag()))

    def _pay(self) -> None:
        session = self._session()
        basket = self._own_basket(session)
        content = self._state(session).baskets.get(basket)
        sale = self.scenario.states[f"sale-{SALE}"]
        total_minor = due(lines_as_paid(content, sale)).total_minor if content else 100
        card_minor = self._random.choice([0, 0, total_minor // 2, total_minor])
        tenders = [GivenTender(TenderKind.CARD, card_minor)] if card_minor else []
        if card_minor < total_minor:
            over_minor = self._random.choice([5, 0, 1_000])
            tenders.append(GivenTender(TenderKind.CASH, max(total_minor - card_minor + over_minor, 1)))
        self.scenario.do(Pay(session, basket, tuple(tenders)))

    def _remove(self) -> None:
        session = self._session()
        basket = self._own_basket(session)
        content = self._state(session).baskets.get(basket)
        tag = self._random.choice(content.lines).tag if content and content.lines else self._tag()
        self.scenario.do(RemoveLine(session, basket, tag))

    def _discount(self) -> None:
        session = self._session()
        basket = self._own_basket(session)
        content = self._state(session).baskets.get(basket)
        tag = self._random.choice(content.lines).tag if content and content.lines else self._tag()
        given = GivenDiscount(self._random.randint(0, 200), self._random.choice([0, 0, 100_000]))
        role = self._random.choice(ROLES)
        if self._random.random() < 0.5:
            self.scenario.do(DiscountLine(session, basket, tag, role, CASEY, given, "a stain"))
        else:
            self.scenario.do(OverridePrice(session, basket, tag, role, CASEY, given.amount_minor, "the last one"))

    def _discount_basket(self) -> None:
        session = self._session()
        given = GivenDiscount(*self._random.choice([(0, 0), (77, 0), (0, 50_000)]))
        role = self._random.choice(ROLES)
        self.scenario.do(DiscountBasket(session, self._own_basket(session), role, CASEY, given, "a regular"))

    def _type_in(self) -> None:
        session = self._session()
        basket = self._own_basket(session) if self._random.random() < 0.5 else self._new_basket()
        self._lines_typed += 1
        line = TagCode(f"01935a33-0000-7000-8000-{self._lines_typed:012d}")
        category = self._random.choice([None, *CATEGORIES])
        consignor = self._random.choice([None, self._random.randint(1, self._consignors)])
        price_minor = self._random.randint(0, 2_000)
        self.scenario.do(AddManualLine(session, basket, line, price_minor, "No tag", category, consignor))

    def _find_out(self) -> None:
        lines = sorted(self.scenario.ledger.manual_lines)
        if not lines:
            return
        line = self._random.choice(lines)
        commands: list[ManualLineCommand] = [
            MatchManualLine(SALE, line, self._tag()),
            CreditManualLine(SALE, line, self._random.randint(1, self._consignors)),
            KeepManualLine(SALE, line, "nobody missed it"),
        ]
        self.scenario.do(self._random.choice(commands))

    def _abandon(self) -> None:
        session = self._session()
        basket = self._own_basket(session)
        self.scenario.do(AbandonBasket(session, basket))

    def _suspend(self) -> None:
        session = self._session()
        self.scenario.do(SuspendBasket(session, self._own_basket(session), "back soon"))

    def _recall(self) -> None:
        owner = self._session()
        self.scenario.do(RecallBasket(self._session(), self._own_basket(owner), owner))

    def _void(self) -> None:
        session = self._session()
        receipts = sorted(self._state(session).receipts)
        receipt = self._random.choice(receipts) if receipts else self._receipt()
        self.scenario.do(VoidReceipt(session, receipt, "wrong basket"))

    def _refund(self) -> None:
        receipt = self._receipt()
        known = self.scenario.ledger.receipts.get(receipt)
        lines: tuple[GivenRefundLine, ...] = ()
        if known is not None and self._random.random() < 0.7:
            amount_minor = self._random.choice([None, 1, 50])
            lines = (GivenRefundLine(self._random.choice((*known.tags, *known.manual)), amount_minor),)
        role = self._random.choice(["organizer", "cashier"])
        to = self._random.choice(["floor", "consignor"])
        refund = RefundReceipt(self._session(), receipt, self._tender(), "torn", role, lines, to)  # type: ignore[arg-type]
        self.scenario.do(refund)

    def _move_cash(self) -> None:
        kind = self._random.choice(["movement", "float_correction"])
        amount_minor = self._random.choice([-500, 500, 1_234])
        self.scenario.do(MoveCash(self._session(), amount_minor, "coins", kind))  # type: ignore[arg-type]

    def _at_drawer(self) -> None:
        act, till = self._random.choice(drawer.ACTS), self._random.choice(TILLS)
        session = self._tills[till]
        what, how = self._random.randrange(100), self._random.randrange(200)
        states = self.scenario.states
        self.scenario.do(drawer.asked(act, states.__getitem__, SALE, session, self._session(), what, how))  # type: ignore[arg-type]
        if act == "carry-over":
            self._open(till)

    def _at_payment(self) -> None:
        act, session = self._random.choice(paying.ACTS), self._session()
        basket, how = self._own_basket(session), self._random.randrange(200)
        self.scenario.do(paying.asked(act, self.scenario.states.__getitem__, SALE, session, basket, how))  # type: ignore[arg-type]

    def _close_and_open(self) -> None:
        till = self._random.choice(TILLS)
        session = self._tills[till]
        counted_minor = max(self._state(session).cash_minor + self._random.choice([0, 0, -20, 5]), 0)
        self.scenario.do(CloseSession(session, counted_minor, "counted twice"))
        self._open(till)

    def _list(self) -> None:
        consignor = self._random.randint(1, self._consignors)
        category, list_number = self._random.choice(CATEGORIES), self._random.randint(1, 2)
        price_minor = self._random.randint(1, 3_000)
        row = ItemRow(0, consignor, category, "Latecomer", price_minor, list_number=list_number)
        self.scenario.do(ListItems(SALE, (row,)))

    def _check_in(self) -> None:
        self.scenario.do(CheckInItems(SALE, (self._tag(), self._tag())))

    def _refuse(self) -> None:
        self.scenario.do(RefuseItem(SALE, self._tag(), "broken"))

    def _admit(self) -> None:
        refused = [row.tag for row in self.scenario.rows("items") if row.status == "refused"]
        self.scenario.do(AdmitRefusedItem(SALE, self._random.choice(refused) if refused else self._tag()))

    def _withdraw(self) -> None:
        self.scenario.do(WithdrawItems(SALE, (self._tag(),), "changed my mind"))

    def _change_terms(self) -> None:
        participation = participation_id(self._random.randint(1, self._consignors))
        self.scenario.do(ChangeConsignorTerms(participation, tier=self._random.choice([None, "helper"])))

    def _describe(self) -> None:
        act, consignor = self._random.choice(describing.ACTS), self._random.randint(1, self._consignors)
        category, how = self._random.choice(CATEGORIES), self._random.randrange(200)
        self.scenario.do(describing.described(act, SALE, category, self._tag(), consignor, how))  # type: ignore[arg-type]

    def _participation(self) -> ParticipationId:
        return participation_id(self._random.randint(1, self._consignors + self._newcomers))

    def _receive_fee(self) -> None:
        means: Literal["cash", "card"] = self._random.choice(["cash", "card"])
        self.scenario.do(
            ReceiveFee(self._session(), self._participation(), means, "organizer", reopen=True, fee=self._fee())
        )

    def _give_fee_back(self) -> None:
        means: Literal["cash", "card"] = self._random.choice(["cash", "card"])
        self.scenario.do(GiveFeeBack(self._session(), self._participation(), means, "ill", fee=self._fee()))

    def _record_fee(self) -> None:
        if self._random.random() < 0.7:
            self.scenario.do(RecordFeePayment(self._participation(), "transfer 12", fee=self._fee()))
        else:
            self.scenario.do(RecordFeeRefund(self._participation(), "transfer 13", "ill", fee=self._fee()))

    def _fee(self) -> FeeKind:
        kinds: list[FeeKind] = ["participation", "late"]
        return self._random.choice(kinds)

    def _waive_fee(self) -> None:
        self.scenario.do(WaiveFee(self._participation(), "helps"))

    def _come_late(self) -> None:
        participation = participation_id(self._consignors + self._newcomers + 1)
        account = AccountId(f"late-{self._random.randint(1, 3)}")
        self.scenario.do(RegisterConsignor(SALE, participation, account=account))
        self._newcomers += 1

    def _withdraw_from_sale(self) -> None:
        self.scenario.do(WithdrawParticipation(self._participation(), Actor(AccountId("olga"), "organizer")))

    def _reopen(self) -> None:
        self.scenario.do(ReopenParticipation(self._participation()))

    def _accept_terms(self) -> None:
        actor = Actor(AccountId("olga"), "organizer")
        self.scenario.do(AcceptTerms(self._participation(), SETTINGS.terms_version, actor))

    def _change_profile(self) -> None:
        profile = Sealed("subject", f"sealed {self._random.random()}")
        self.scenario.do(ChangeAccountProfile(AccountId(f"late-{self._random.randint(1, 3)}"), profile))

    def _wait(self) -> None:
        self.scenario.pass_time(self._random.choice([30, 600, 1_000]))
        if self._random.random() < 0.5:
            self.scenario.fire_due_timers()
