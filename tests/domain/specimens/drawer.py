"""What becomes of drawers and vouchers."""

from msgspec import Struct

from consign.domain.session.drawer_events import (
    CashArrived,
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    TransferId,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.tills import BasketCarriedOver, CarriedBasketRecalled
from consign.domain.values import AccountId
from consign.domain.vouchers import (
    VoucherBlocked,
    VoucherCashedOut,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VoucherShare,
    VouchersRedeemed,
    VoucherTakenBack,
    VoucherUnblocked,
    voucher_code,
)
from tests.domain.log import OPENING
from tests.domain.market import BASKET, CASHIER, OTHER_SESSION, SALE, SESSION
from tests.domain.specimens.main_path import BASKET_DISCOUNT, LINE, RECEIPT, TENDERS

TRANSFER = TransferId("01900000-0000-7000-8000-0000000000f1")
VOUCHER = voucher_code(42)
SHARE = VoucherShare(VOUCHER, 350, 1650, OPENING)

SPECIMENS: tuple[Struct, ...] = (
    VoucherSold(SALE, SESSION, "1", VOUCHER, 350, TENDERS, 0, 50, CASHIER),
    VoucherSaleUndone(SALE, SESSION, "1", VOUCHER, 350, TENDERS, 0, 50, "mistyped", CASHIER),
    VoucherIssued(SALE, VOUCHER, 2000, "refund", OPENING, OPENING, SESSION, RECEIPT, CASHIER, "torn"),
    VouchersRedeemed(SALE, RECEIPT, SESSION, "1", (SHARE,), OPENING, BASKET),
    VouchersCredited(SALE, RECEIPT, SESSION, "1", "void", (SHARE,), OPENING, BASKET),
    VoucherTakenBack(SALE, VOUCHER, 350, SESSION, "mistyped", OPENING),
    VoucherExpired(SALE, VOUCHER, 1650, OPENING),
    VoucherPaidOut(SALE, SESSION, "1", VOUCHER, 42, -2, CASHIER),
    VoucherCashedOut(SALE, VOUCHER, 42, SESSION, OPENING),
    VoucherBlocked(SALE, VOUCHER, "lost on the way home", CASHIER, OPENING),
    VoucherUnblocked(SALE, VOUCHER, "it was in the other coat", CASHIER, OPENING),
    SessionHandedOver(SALE, SESSION, "1", CASHIER, AccountId("robin"), 5350, OPENING, 5340, -10, "a coin rolled away"),
    CashSent(SALE, SESSION, "1", TRANSFER, OTHER_SESSION, "2", 1000, "coins", OPENING),
    CashReceived(SALE, OTHER_SESSION, "2", TRANSFER, SESSION, "1", 1000, 990, -10, OPENING, "miscounted"),
    CashArrived(SALE, SESSION, "1", TRANSFER, 990),
    CashTakenBack(SALE, SESSION, "1", TRANSFER, 1000, "they had closed"),
    BasketCarriedOver(SALE, BASKET, SESSION, "1", (LINE,), BASKET_DISCOUNT, "forgot purse", "volunteers"),
    CarriedBasketRecalled(SALE, BASKET, OTHER_SESSION),
)
