"""The refusals around drawers and vouchers."""

from msgspec.structs import replace

from consign.domain.rejection import Reason
from consign.domain.session.commands import CloseSession, GivenDenomination, Pay, RefundReceipt, Scan
from consign.domain.session.drawer_commands import HandOverSession, ReceiveCash, SendCash, TakeCashBack
from consign.domain.session.drawer_events import TransferId
from consign.domain.session.events import TenderKind
from consign.domain.till_rules import TillRules
from consign.domain.values import AccountId, ReceiptNumber, VoucherCode
from consign.domain.voucher_commands import (
    BlockVoucher,
    CashOutVoucher,
    GrantVoucher,
    SellVoucher,
    TakeVoucherBack,
    UnblockVoucher,
)
from consign.domain.vouchers import voucher_code
from tests.domain.log import MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    FLOAT_MINOR,
    OTHER_SESSION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    cash,
    live,
    sold,
)
from tests.domain.refusals.case import Case, after
from tests.domain.test_vouchers import by_voucher

CODE = voucher_code(7)
SELL = SellVoucher(SESSION, CODE, 2000, (cash(2000),))
GRANT = GrantVoucher(SALE, CODE, 100, CASHIER, "the zip was broken")
BACK = TakeVoucherBack(SESSION, CODE, "mistyped")
CASH_OUT = CashOutVoucher(SESSION, CODE, "cashier")
BLOCK = BlockVoucher(SALE, CODE, CASHIER, "lost on the way home")
TRANSFER = TransferId("01900000-0000-7000-8000-0000000000f1")
SEND = SendCash(SESSION, TRANSFER, OTHER_SESSION, 1000)
RECEIVE = ReceiveCash(OTHER_SESSION, TRANSFER, SESSION, 1000)
TAKE = TakeCashBack(SESSION, TRANSFER, "they had closed")
CLOSE = CloseSession(SESSION, FLOAT_MINOR)
REFUND = RefundReceipt(SESSION, ReceiptNumber("1-1"), TenderKind.VOUCHER, "torn", "organizer")


def scanned() -> MemoryLog:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    return log


def bought() -> MemoryLog:
    log = live()
    sold(log, SKIRT)
    return log


def ended() -> MemoryLog:
    log = live(replace(SETTINGS, till=TillRules(voucher_validity_days=1)))
    log.issue(SELL)
    log.pass_time(86_400)
    log.issue(Scan(SESSION, BASKET, SKIRT))
    return log


def limited() -> MemoryLog:
    return live(replace(SETTINGS, till=TillRules(voucher_maximum_minor=100, hand_over_counted=True)))


def small_rests() -> MemoryLog:
    return live(replace(SETTINGS, till=TillRules(voucher_cash_out_limits_minor={"cashier": 99})))


def pay(code: str = CODE, amount_minor: int = SKIRT_MINOR) -> Pay:
    return Pay(SESSION, BASKET, (by_voucher(amount_minor, code),))


CASES: dict[Reason, list[Case]] = {
    Reason.VOUCHER_INVALID: [
        (scanned, pay("nonsense")),
        (scanned, pay(VoucherCode(CODE[::-1]))),
        (after(scanned, SELL), Pay(SESSION, BASKET, (by_voucher(100), by_voucher(250)))),
        (live, replace(SELL, tenders=(by_voucher(2000),))),
        (bought, REFUND),
    ],
    Reason.UNKNOWN_VOUCHER: [(scanned, pay()), (live, BACK), (bought, replace(REFUND, reference=CODE))],
    Reason.VOUCHER_EXISTS: [(after(live, SELL), SELL), (after(live, SELL), GRANT)],
    Reason.VOUCHER_EXPIRED: [(ended, pay()), (ended, CASH_OUT)],
    Reason.VOUCHER_BLOCKED: [
        (after(scanned, SELL, BLOCK), pay()),
        (after(scanned, SELL, BLOCK), CASH_OUT),
        (after(scanned, SELL, BLOCK), BACK),
        (after(bought, SELL, BLOCK), replace(REFUND, reference=CODE)),
    ],
    Reason.VOUCHER_NEEDS_ROLE: [(after(small_rests, GRANT), CASH_OUT), (after(live, GRANT), CASH_OUT)],
    Reason.VOUCHER_TOO_LOW: [(after(scanned, GRANT), pay())],
    Reason.VOUCHER_USED: [
        (after(live, GRANT), BACK),
        (after(live, SELL, BACK), BACK),
        (after(scanned, SELL, pay()), BACK),
        (after(live, GRANT, replace(CASH_OUT, role="organizer")), CASH_OUT),
    ],
    Reason.VOUCHER_EXCEEDS_TOTAL: [(after(scanned, SELL), pay(amount_minor=SKIRT_MINOR + 1))],
    Reason.LIMIT_EXCEEDED: [(limited, SELL), (limited, replace(GRANT, amount_minor=101))],
    Reason.REASON_NEEDED: [
        (live, replace(GRANT, reason=" ")),
        (after(live, GRANT), replace(BLOCK, reason=" ")),
        (after(live, GRANT, BLOCK), UnblockVoucher(SALE, CODE, CASHIER, "")),
        (after(live, SELL), replace(BACK, reason="")),
        (live, HandOverSession(SESSION, AccountId("robin"), FLOAT_MINOR + 1)),
        (after(live, SEND), replace(RECEIVE, counted_minor=1001)),
        (after(live, SEND), replace(TAKE, reason="")),
    ],
    Reason.CASH_TOO_LOW: [(live, replace(SEND, amount_minor=FLOAT_MINOR + 1))],
    Reason.UNKNOWN_SESSION: [(live, replace(SEND, to_session=SESSION))],
    Reason.UNKNOWN_TRANSFER: [(live, RECEIVE), (live, TAKE)],
    Reason.TRANSFER_ENDED: [
        (after(live, SEND, RECEIVE), RECEIVE),
        (after(live, SEND, TAKE), RECEIVE),
        (after(live, SEND, RECEIVE), TAKE),
        (after(live, SEND), replace(SEND, amount_minor=999)),
    ],
    Reason.TRANSFERS_OPEN: [(after(live, SEND), replace(CLOSE, counted_minor=FLOAT_MINOR - 1000))],
    Reason.UNSYNCED_SALES: [(live, replace(CLOSE, unsynced_count=1))],
    Reason.COUNT_NEEDED: [(limited, HandOverSession(SESSION, AccountId("robin")))],
    Reason.COUNT_DIFFERS: [(live, replace(CLOSE, denominations=(GivenDenomination(100, 1),)))],
    Reason.UNKNOWN_BASKET: [(live, replace(CLOSE, carry_over=(BASKET,)))],
    Reason.BASKETS_OPEN: [(scanned, CLOSE)],
}
