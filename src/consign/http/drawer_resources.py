"""Vouchers, payments by card providers and transfers of cash as rows of read models."""

from typing import Literal

from consign.http.resources import FilterText, ItemRoute, ListRoute
from consign.projections.payments import PAYMENTS, PaymentRow
from consign.projections.transfers import TRANSFERS, TransferRow
from consign.projections.vouchers import VOUCHERS, VoucherRow

LISTS: tuple[ListRoute, ...] = (
    ListRoute(
        "list-transfers",
        "/transfers",
        "Cash carried from till to till.",
        "transfers",
        TRANSFERS,
        "transfers",
        TransferRow,
        {
            "sale": FilterText,
            "from_session": FilterText,
            "to_session": FilterText,
            "status": Literal["on_its_way", "arrived", "taken_back"],
        },
        ("sent_at",),
    ),
    ListRoute(
        "list-vouchers",
        "/vouchers",
        "Vouchers, and what they are still good for.",
        "vouchers",
        VOUCHERS,
        "vouchers",
        VoucherRow,
        {
            "sale": FilterText,
            "session": FilterText,
            "status": Literal["good", "used_up", "taken_back", "expired"],
            "origin": Literal["sold", "refund", "goodwill"],
        },
        ("issued_at", "balance_minor", "expires_at"),
    ),
    ListRoute(
        "list-payments",
        "/payments",
        "Payments by card providers: what waits for an answer, and what is to be given back (`owes`).",
        "payments",
        PAYMENTS,
        "payments",
        PaymentRow,
        {
            "sale": FilterText,
            "session": FilterText,
            "basket": FilterText,
            "status": Literal["requested", "unknown", "approved", "declined", "cancelled"],
            "owes": bool,
        },
        ("requested_at", "owed_minor"),
    ),
)

ITEM_ROUTES: tuple[ItemRoute, ...] = (
    ItemRoute(
        "get-payment",
        "/sales/{sale}/payments/{payment}",
        "A payment by a card provider: what it said, what it paid for, and what is to be given back.",
        "payments",
        PAYMENTS,
        "payments",
        PaymentRow,
        ("sale", "payment"),
        "unknown_payment",
    ),
    ItemRoute(
        "get-voucher",
        "/sales/{sale}/vouchers/{voucher}",
        "A voucher: what it is still good for, and how it was used.",
        "vouchers",
        VOUCHERS,
        "vouchers",
        VoucherRow,
        ("sale", "voucher"),
        "unknown_voucher",
    ),
)
