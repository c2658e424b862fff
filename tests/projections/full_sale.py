"""One sale in which everything happens that a report tells of: no report of it is empty."""

from datetime import date, timedelta

import msgspec

from consign.domain.charity_commands import PayCharity, PledgeProceeds
from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.ledger.commands import CheckInConsignor, ItemRow, ListItems, RefuseItem, WithdrawItems
from consign.domain.ledger.floor_commands import ApplyShelfCount, CollectItems, CountShelf, DonateItems, LoseItems
from consign.domain.ledger.floor_events import CountId
from consign.domain.ledger.item_commands import ChangeWishes
from consign.domain.participation.allowance_commands import BuyLists
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.participation.fee_commands import ReceiveFee
from consign.domain.price_rules import TaxRule
from consign.domain.sale import Category, Phase
from consign.domain.session.commands import (
    CloseSession,
    GivenRefundLine,
    GivenTender,
    Pay,
    RefundReceipt,
    Scan,
    VoidReceipt,
)
from consign.domain.session.events import TenderKind
from consign.domain.session.price_commands import DiscountLine, GivenDiscount
from consign.domain.settlement.commands import (
    ChangePayoutDetails,
    ConcludeFreeze,
    ConfirmPayouts,
    ForfeitPayouts,
    FreezeSettlement,
    PreparePayouts,
    ReturnPayout,
    SendPayoutBatch,
)
from consign.domain.settlement.events import PayoutNumber
from consign.domain.settlement.policy import Debtor, PayoutMethod, SettlementPolicy
from consign.domain.shifts.commands import PlanShift, RecordNoShow, RecordWork, TakeShift
from consign.domain.till_rules import TillRules
from consign.domain.values import AccountId, Actor, Sealed, SessionId
from consign.domain.voucher_commands import CashOutVoucher, GrantVoucher, SellVoucher, TakeVoucherBack
from consign.domain.vouchers import voucher_code
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import (
    SALE,
    SETTINGS,
    Scenario,
    basket_id,
    live_sale,
    move_to,
    open_till,
    participation_id,
    sell,
    tag_of,
)

CONSIGNORS, ITEMS_EACH = 3, 8
OLGA = Actor(AccountId("olga"), "organizer")
COUNT = CountId("01935a33-0000-7000-8000-000000000001")
SOLD_VOUCHER, MISTYPED_VOUCHER, GRANTED_VOUCHER, REFUND_VOUCHER = map(voucher_code, range(4))
HOUR = timedelta(hours=1)
PAYDAY = date(2026, 12, 1)
FULL_SETTINGS = msgspec.structs.replace(
    SETTINGS,
    commission=CommissionSchedule(
        CommissionRule(200_000),
        by_tier={"helper": CommissionRule(100_000)},
        basis=RoundingBasis.CONSIGNOR,
        tax_rate_ppm=200_000,
    ),
    categories=(Category("toys", "Toys"), Category("books", "Books", tax=TaxRule(55_000))),
    till=TillRules(voucher_validity_days=1),
    settlement=SettlementPolicy(
        debtor=Debtor("Bourse du Nord", "DE89370400440532013000", "COBADEFFXXX"),
        forfeit_after_days=1,
        forfeit_to="charity",
        charity="Food bank",
    ),
    extra_list_fee_minor=150,
    fee_covers_lists=1,
)


def full_sale() -> Scenario:
    """Hold the sale from the first registration until payouts are with the bank."""
    scenario = live_sale(settings=FULL_SETTINGS, consignors=CONSIGNORS, items_each=ITEMS_EACH)
    _take_part(scenario)
    till = open_till(scenario, 1, "A")
    scenario.do(ReceiveFee(till, participation_id(2), "cash", "cashier"))
    _come_late(scenario, till)
    _trade(scenario, till)
    _deal_in_vouchers(scenario, till)
    _sort_out(scenario, till)
    _count_the_shelves(scenario)
    _settle(scenario, till)
    return scenario


def _take_part(scenario: Scenario) -> None:
    begins_at = BEGINNING + HOUR
    scenario.do(PlanShift(SALE, "door", "Stand at the door", begins_at, begins_at + HOUR, 3))
    for number in (1, 2, 3):
        scenario.do(TakeShift(SALE, "door", participation_id(number), OLGA))
    scenario.do(BuyLists(participation_id(1), 2, OLGA))
    scenario.do(BuyLists(participation_id(1), 1, OLGA))
    scenario.pass_time(3 * 3600)
    scenario.do(RecordWork(SALE, "door", 1, 55))
    scenario.do(RecordWork(SALE, "door", 3))
    scenario.do(RecordNoShow(SALE, "door", 2))


def _come_late(scenario: Scenario, till: SessionId) -> None:
    number = CONSIGNORS + 1
    scenario.do(RegisterConsignor(SALE, participation_id(number), Sealed(f"subject-{number}", "sealed"), number))
    scenario.do(ListItems(SALE, (ItemRow(0, number, "toys", "Late thing", 350),)))
    scenario.do(CheckInConsignor(SALE, number))
    scenario.do(ReceiveFee(till, participation_id(number), "card", "cashier", fee="late"))


def _trade(scenario: Scenario, till: SessionId) -> None:
    scenario.do(Scan(till, basket_id(1), tag_of(scenario, 1, 0)))
    scenario.do(Scan(till, basket_id(1), tag_of(scenario, 2, 1)))
    off = GivenDiscount(rate_ppm=100_000)
    scenario.do(DiscountLine(till, basket_id(1), tag_of(scenario, 1, 0), "organizer", OLGA.account, off, "stained"))
    scenario.do(Pay(till, basket_id(1), (GivenTender(TenderKind.CASH, 5_000),)))
    kept = sell(scenario, till, 2, tag_of(scenario, 1, 1), tag_of(scenario, 2, 2), card_minor=300)
    part = (GivenRefundLine(tag_of(scenario, 1, 1), amount_minor=50),)
    scenario.do(RefundReceipt(till, kept.receipt, TenderKind.CASH, "torn", "cashier", lines=part))
    wrong = sell(scenario, till, 3, tag_of(scenario, 3, 0), tag_of(scenario, 3, 1))
    scenario.do(VoidReceipt(till, wrong.receipt, "wrong basket"))


def _deal_in_vouchers(scenario: Scenario, till: SessionId) -> None:
    for code in (SOLD_VOUCHER, MISTYPED_VOUCHER):
        scenario.do(SellVoucher(till, code, 400, (GivenTender(TenderKind.CASH, 400),)))
    scenario.do(TakeVoucherBack(till, MISTYPED_VOUCHER, "mistyped"))
    scenario.do(GrantVoucher(SALE, GRANTED_VOUCHER, 250, OLGA.account, "the zip was broken"))
    tag = tag_of(scenario, 3, 2)
    total_minor = scenario.do(Scan(till, basket_id(4), tag)).total_minor
    by_voucher = GivenTender(TenderKind.VOUCHER, 200, SOLD_VOUCHER)
    paid = scenario.do(Pay(till, basket_id(4), (by_voucher, GivenTender(TenderKind.CARD, total_minor - 200))))
    back = (GivenRefundLine(tag, amount_minor=20),)
    scenario.do(
        RefundReceipt(till, paid.receipt, TenderKind.VOUCHER, "torn", "organizer", lines=back, reference=SOLD_VOUCHER)
    )
    other = sell(scenario, till, 5, tag_of(scenario, 3, 3))
    scenario.do(RefundReceipt(till, other.receipt, TenderKind.VOUCHER, "torn", "organizer", new_voucher=REFUND_VOUCHER))
    scenario.pass_time(2 * 86_400)
    scenario.fire_due_timers()
    scenario.do(GrantVoucher(SALE, voucher_code(4), 120, OLGA.account, "a long queue"))
    scenario.do(GrantVoucher(SALE, voucher_code(5), 40, OLGA.account, "a long queue"))
    scenario.do(CashOutVoucher(till, voucher_code(5), "organizer"))


def _sort_out(scenario: Scenario, till: SessionId) -> None:
    """Things are refused, withdrawn and lost, and one that was brought back goes home with its consignor."""
    scenario.do(ListItems(SALE, (ItemRow(0, 2, "toys", "Broken thing", 300), ItemRow(1, 2, "toys", "Late thing", 350))))
    scenario.do(RefuseItem(SALE, tag_of(scenario, 2, ITEMS_EACH), "broken"))
    scenario.do(WithdrawItems(SALE, (tag_of(scenario, 2, 7),)))
    scenario.do(LoseItems(SALE, (tag_of(scenario, 1, 6),)))
    sold = sell(scenario, till, 6, tag_of(scenario, 1, 2))
    scenario.do(RefundReceipt(till, sold.receipt, TenderKind.CASH, "torn", "cashier", returned_to="consignor"))


def _count_the_shelves(scenario: Scenario) -> None:
    gone = tag_of(scenario, 1, 7)
    seen = tuple(tag for tag in sorted(scenario.ledger.items) if tag != gone)
    scenario.do(CountShelf(SALE, COUNT, "rack 1", (*seen, "123")))
    while scenario.do(ApplyShelfCount(SALE, COUNT)).remaining:
        pass


def _settle(scenario: Scenario, till: SessionId) -> None:
    scenario.do(ChangeWishes(SALE, (tag_of(scenario, 1, 5), tag_of(scenario, 2, 5)), donate=True))
    scenario.do(CloseSession(till, scenario.states[f"session-{till}"].cash_minor))
    move_to(scenario, Phase.PICK_UP)
    scenario.fire_due_timers()
    scenario.do(DonateItems(SALE, (tag_of(scenario, 2, 5), tag_of(scenario, 2, 6))))
    scenario.do(CollectItems(SALE, (tag_of(scenario, 3, 5),)))
    move_to(scenario, Phase.SETTLEMENT)
    scenario.do(PledgeProceeds(participation_id(2), 250_000, OLGA))
    while scenario.do(FreezeSettlement(SALE)).remaining:
        pass
    payable = [row.balance_minor for row in scenario.rows("books", "balances") if row.account.startswith("payable/")]
    scenario.do(ConcludeFreeze(SALE, scenario.states[f"settlement-{SALE}"].round, -sum(payable)))
    for number in range(1, CONSIGNORS + 1):
        scenario.do(ChangePayoutDetails(SALE, participation_id(number), Sealed(f"subject-{number}", "sealed"), True))
    batch = scenario.do(PreparePayouts(SALE, PayoutMethod.SEPA, execute_on=PAYDAY)).batch
    scenario.do(SendPayoutBatch(SALE, batch))
    scenario.do(ReturnPayout(SALE, PayoutNumber("P1"), "account closed"))
    scenario.do(ConfirmPayouts(SALE, batch))
    scenario.pass_time(2 * 86_400)
    scenario.do(ForfeitPayouts(SALE))
    scenario.do(PayCharity(SALE, "transfer 2026-119", 100))
