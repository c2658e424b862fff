"""The refusals on the path from a planned sale to closed tills."""

from msgspec.structs import replace

from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    ListItems,
    RefuseItem,
    WithdrawItems,
)
from consign.domain.organization import FoundOrganization
from consign.domain.participation.commands import ChangeConsignorProfile, ChangeConsignorTerms, RegisterConsignor
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase, PlanSale
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    GivenRefundLine,
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
from consign.domain.tag import tag_code
from consign.domain.till_rules import TillRules
from consign.domain.turns.basket import OPEN_BASKETS_LIMIT
from consign.domain.values import (
    AMOUNT_LIMIT_MINOR,
    BasketId,
    ParticipationId,
    ReceiptNumber,
    SaleId,
    Sealed,
    SessionId,
)
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    BASKET,
    CASHIER,
    COAT,
    DRESS,
    FLOAT_MINOR,
    OLIVE,
    ORGANIZATION,
    OTHER_BASKET,
    OTHER_SESSION,
    SALE,
    SCHEDULE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    card,
    cash,
    checked_in,
    founded,
    live,
    planned,
    reach,
    registered,
    row,
    sold,
)
from tests.domain.refusals.case import Case, after

NOBODY = ParticipationId("01900000-0000-7000-8000-0000000000ff")
NO_SALE = SaleId("01900000-0000-7000-8000-0000000000fe")
NO_SESSION = SessionId("01900000-0000-7000-8000-0000000000fd")
FIRST = ReceiptNumber("1-1")


def sold_skirt() -> MemoryLog:
    log = live()
    sold(log, SKIRT)
    return log


def sold_skirt_for_good() -> MemoryLog:
    log = live(replace(SETTINGS, till=TillRules(returns_within_hours=0)))
    sold(log, SKIRT)
    return log


def line_lost() -> MemoryLog:
    log = after(live, Scan(SESSION, BASKET, SKIRT))()
    log.pass_time(900)
    log.issue(Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))
    return log


def full_till() -> MemoryLog:
    log = live()
    for index in range(OPEN_BASKETS_LIMIT):
        basket = BasketId(f"01900000-0000-7000-8000-0000000007{index:02}")
        log.issue(Scan(SESSION, basket, SKIRT))
        log.issue(RemoveLine(SESSION, basket, SKIRT))
    return log


def refund(tag: str = SKIRT, amount_minor: int | None = None, receipt: ReceiptNumber = FIRST) -> RefundReceipt:
    line = GivenRefundLine(tag, amount_minor)
    return RefundReceipt(SESSION, receipt, TenderKind.CASH, "torn", "cashier", (line,))


PAY = Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))
SCAN = Scan(SESSION, BASKET, SKIRT)
VOID = VoidReceipt(SESSION, FIRST, "wrong")
CHEAPER = replace(SETTINGS, commission=replace(SCHEDULE, by_tier={}))
WRONG_BANDS = replace(SETTINGS, price_minimum_minor=20_000)

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_ORGANIZATION: [(MemoryLog, PlanSale(ORGANIZATION, SALE, "Autumn", SETTINGS))],
    Reason.UNKNOWN_SALE: [
        (founded, ChangeSalePhase(SALE, Phase.REGISTRATION)),
        (founded, OpenSession(SESSION, NO_SALE, TILL, CASHIER)),
    ],
    Reason.UNKNOWN_PARTICIPATION: [
        (registered, ChangeConsignorTerms(NOBODY)),
        (registered, ChangeConsignorProfile(NOBODY, Sealed("s", "c"))),
    ],
    Reason.UNKNOWN_CONSIGNOR: [(checked_in, CheckInConsignor(SALE, 77))],
    Reason.UNKNOWN_SESSION: [
        (live, Scan(NO_SESSION, BASKET, SKIRT)),
        (live, SuspendBasket(NO_SESSION, BASKET)),
        (live, RecallBasket(NO_SESSION, BASKET)),
    ],
    Reason.UNKNOWN_BASKET: [
        (live, PAY),
        (live, AbandonBasket(SESSION, BASKET)),
        (live, RecallBasket(SESSION, BASKET)),
        (live, RecallBasket(SESSION, BASKET, NO_SESSION)),
    ],
    Reason.UNKNOWN_RECEIPT: [(live, VOID), (live, refund())],
    Reason.UNKNOWN_TAG: [(live, Scan(SESSION, BASKET, tag_code(7, 1, 99)))],
    Reason.WRONG_PHASE: [
        (planned, RegisterConsignor(SALE, ANNA)),
        (planned, ListItems(SALE, (row(0, 1, "toy", 500),))),
        (registered, CheckInItems(SALE, (SKIRT,))),
        (checked_in, OpenSession(SESSION, SALE, TILL, CASHIER)),
        (after(live, ChangeSalePhase(SALE, Phase.PICK_UP)), SCAN),
        (sold_skirt, ChangeSalePhase(SALE, Phase.CANCELLED)),
        (live, ChangeSalePhase(SALE, Phase.DROP_OFF)),
        (sold_skirt, ChangeSalePhase(SALE, Phase.DROP_OFF)),
    ],
    Reason.WRONG_CURRENCY: [
        (after(live, SCAN), replace(PAY, currency="USD")),
        (registered, ListItems(SALE, (row(0, 1, "toy", 500),), "USD")),
    ],
    Reason.UNKNOWN_CURRENCY: [(MemoryLog, FoundOrganization(ORGANIZATION, OLIVE, "ALPE", "XXX"))],
    Reason.LIMIT_EXCEEDED: [
        (full_till, Scan(SESSION, BASKET, SKIRT)),
        (live, MoveCash(SESSION, AMOUNT_LIMIT_MINOR, "a very rich uncle")),
    ],
    Reason.ORGANIZATION_EXISTS: [(founded, FoundOrganization(ORGANIZATION, OLIVE, "ALPE", "CHF"))],
    Reason.SALE_EXISTS: [(planned, PlanSale(ORGANIZATION, SALE, "Another name", SETTINGS))],
    Reason.SALE_NUMBER_TAKEN: [(planned, PlanSale(ORGANIZATION, NO_SALE, "Spring", SETTINGS, 7))],
    Reason.SETTINGS_INVALID: [(founded, PlanSale(ORGANIZATION, SALE, "Autumn", WRONG_BANDS))],
    Reason.COMMISSION_IN_USE: [
        (sold_skirt, ChangeSaleSettings(SALE, CHEAPER)),
        (sold_skirt, ChangeConsignorTerms(ANNA, "volunteer")),
    ],
    Reason.CONSIGNOR_NUMBER_TAKEN: [(registered, RegisterConsignor(SALE, NOBODY, number=1))],
    Reason.PARTICIPATION_EXISTS: [(registered, RegisterConsignor(SALE, ANNA, number=5))],
    Reason.UNKNOWN_TIER: [(registered, RegisterConsignor(SALE, NOBODY, tier="friend"))],
    Reason.TAG_INVALID: [
        (live, Scan(SESSION, BASKET, "007-0001-001-0")),
        (after(live, SCAN), RemoveLine(SESSION, BASKET, "x")),
    ],
    Reason.WRONG_SALE: [(live, Scan(SESSION, BASKET, tag_code(8, 1, 1)))],
    Reason.ITEM_REFUSED: [(after(live, RefuseItem(SALE, SKIRT, "stained")), SCAN)],
    Reason.ITEM_WITHDRAWN: [(after(live, WithdrawItems(SALE, (SKIRT,))), SCAN)],
    Reason.ITEM_RETURNED: [
        (after(sold_skirt, replace(refund(), returned_to="consignor")), Scan(SESSION, OTHER_BASKET, SKIRT))
    ],
    Reason.ITEM_NOT_REFUSED: [
        (lambda: reach(registered_listed(), Phase.DROP_OFF), AdmitRefusedItem(SALE, SKIRT)),
    ],
    Reason.HELD_ELSEWHERE: [
        (after(live, SCAN), Scan(OTHER_SESSION, OTHER_BASKET, SKIRT)),
        (after(live, SCAN), RefuseItem(SALE, SKIRT, "stained")),
    ],
    Reason.ALREADY_SOLD: [(sold_skirt, Scan(OTHER_SESSION, OTHER_BASKET, SKIRT))],
    Reason.ALREADY_IN_BASKET: [(after(live, SCAN), SCAN)],
    Reason.SESSION_EXISTS: [(live, OpenSession(SESSION, SALE, "9", CASHIER))],
    Reason.SESSION_CLOSED: [
        (after(live, CloseSession(SESSION, FLOAT_MINOR)), SCAN),
        (after(live, CloseSession(SESSION, FLOAT_MINOR)), CloseSession(SESSION, FLOAT_MINOR)),
        (after(live, CloseSession(SESSION, FLOAT_MINOR)), OpenSession(SESSION, SALE, TILL, CASHIER)),
    ],
    Reason.TILL_IN_USE: [(live, OpenSession(NO_SESSION, SALE, TILL, CASHIER))],
    Reason.BASKETS_OPEN: [(after(live, SCAN), CloseSession(SESSION, FLOAT_MINOR))],
    Reason.BASKET_SUSPENDED: [
        (after(live, SCAN, SuspendBasket(SESSION, BASKET)), Scan(SESSION, BASKET, DRESS)),
        (after(live, SCAN, SuspendBasket(SESSION, BASKET)), PAY),
    ],
    Reason.BASKET_FINISHED: [
        (sold_skirt, Scan(SESSION, BASKET, DRESS)),
        (sold_skirt, PAY),
        (sold_skirt, RecallBasket(SESSION, BASKET)),
        (sold_skirt, RecallBasket(OTHER_SESSION, BASKET, SESSION)),
    ],
    Reason.BASKET_EMPTY: [(after(live, SCAN, RemoveLine(SESSION, BASKET, SKIRT)), PAY)],
    Reason.BASKET_ELSEWHERE: [
        (after(live, SCAN), Scan(OTHER_SESSION, BASKET, DRESS)),
        (after(live, SCAN), RecallBasket(OTHER_SESSION, BASKET)),
    ],
    Reason.LINE_LOST: [(line_lost, PAY)],
    Reason.TOTAL_CHANGED: [(after(live, SCAN), replace(PAY, shown_minor=SKIRT_MINOR - 1))],
    Reason.UNKNOWN_LINE: [(after(live, SCAN), RemoveLine(SESSION, BASKET, COAT)), (sold_skirt, refund(COAT))],
    Reason.TENDERS_TOO_LOW: [(after(live, SCAN), Pay(SESSION, BASKET, (cash(SKIRT_MINOR - 5),)))],
    Reason.CARD_EXCEEDS_TOTAL: [(after(live, SCAN), Pay(SESSION, BASKET, (card(SKIRT_MINOR + 1),)))],
    Reason.RECEIPT_VOIDED: [(after(sold_skirt, VOID), refund())],
    Reason.RECEIPT_REFUNDED: [(after(sold_skirt, refund()), VOID)],
    Reason.REFUND_TOO_HIGH: [
        (sold_skirt, refund(amount_minor=SKIRT_MINOR + 1)),
        (sold_skirt, replace(refund(), lines=(GivenRefundLine(SKIRT, 1), GivenRefundLine(SKIRT, 1)))),
    ],
    Reason.RETURN_NEEDS_ROLE: [(sold_skirt_for_good, refund())],
    Reason.TENDER_NEEDS_ROLE: [(sold_skirt, replace(refund(), tender=TenderKind.CARD))],
    Reason.REASON_NEEDED: [
        (sold_skirt, replace(refund(), reason=" ")),
        (sold_skirt, replace(VOID, reason="")),
        (live, MoveCash(SESSION, 1, "")),
        (live, CloseSession(SESSION, FLOAT_MINOR - 1)),
    ],
    Reason.CASH_TOO_LOW: [
        (live, MoveCash(SESSION, -FLOAT_MINOR - 1, "to the safe")),
        (after(sold_skirt, MoveCash(SESSION, -FLOAT_MINOR - SKIRT_MINOR, "to the safe")), VOID),
    ],
}


def registered_listed() -> MemoryLog:
    log = registered()
    log.issue(ListItems(SALE, (row(0, 1, "skirt", SKIRT_MINOR),)))
    return log
