"""Commands while a basket is being paid: step by step, and by cards through a provider."""

from consign.domain.session.paying_commands import (
    ApprovePayment,
    BeginPaying,
    CancelPaying,
    CancelPayment,
    DeclinePayment,
    PayingAnswer,
    PayingCancelledAnswer,
    PaymentAnswer,
    RecordPaymentRefund,
    RequestPayment,
    TakeTenders,
)
from consign.http import examples
from consign.http.commands.route import CommandRoute, account_of

_BASKET = "/sessions/{session}/baskets/{basket}"
_PAYMENT = "/sessions/{session}/payments/{payment}"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "begin-paying",
        f"{_BASKET}/begin-paying",
        BeginPaying,
        PayingAnswer,
        "Let a basket's total stand and keep its items, while the shopper looks for money.",
        {},
        "baskets",
    ),
    CommandRoute(
        "take-tenders",
        f"{_BASKET}/take-tenders",
        TakeTenders,
        PayingAnswer,
        "Take cash, a terminal's card or a voucher for a basket; what covers the total makes the receipt.",
        {"tenders": [{"tender": examples.TENDER, "kind": "cash", "amount_minor": 500}]},
        "baskets",
    ),
    CommandRoute(
        "request-payment",
        f"{_BASKET}/request-payment",
        RequestPayment,
        PayingAnswer,
        "Ask a card provider for all that is due of a basket, or for an amount. The client makes the payment's id.",
        {"payment": examples.PAYMENT, "provider": "sumup"},
        "payments",
    ),
    CommandRoute(
        "cancel-paying",
        f"{_BASKET}/cancel-paying",
        CancelPaying,
        PayingCancelledAnswer,
        "Open a basket again and give back all that was taken for it; the answer says how much by which tender.",
        {"reason": "wants another coat"},
        "baskets",
    ),
    CommandRoute(
        "cancel-payment",
        f"{_PAYMENT}/cancel",
        CancelPayment,
        PaymentAnswer,
        "Wait for a provider no more. Money that it took all the same is listed until it has given it back.",
        {"reason": "pays cash"},
        "payments",
    ),
    CommandRoute(
        "approve-payment",
        f"{_PAYMENT}/approve",
        ApprovePayment,
        PaymentAnswer,
        "Say that the provider has the money. It pays for the basket, or is listed to be given back if that is over.",
        {"reference": "TX-20260926-0042"},
        "payments",
    ),
    CommandRoute(
        "decline-payment",
        f"{_PAYMENT}/decline",
        DeclinePayment,
        PaymentAnswer,
        "Say that the provider took nothing.",
        {"reason": "insufficient funds"},
        "payments",
    ),
    CommandRoute(
        "record-payment-refund",
        "/sales/{sale}/payments/{payment}/record-refund",
        RecordPaymentRefund,
        PaymentAnswer,
        "Say that the provider gave back money that was to be given back.",
        {"amount_minor": 500, "reference": "RF-20260926-0007"},
        "payments",
        {"recorded_by": account_of},
    ),
)
