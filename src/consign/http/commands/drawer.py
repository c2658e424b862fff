"""Commands to a till's drawer beside the trade: other cashiers, cash for other tills, and vouchers."""

import secrets

from consign.domain.session.drawer_commands import (
    HandedOverAnswer,
    HandOverSession,
    ReceiveCash,
    SendCash,
    TakeCashBack,
    TransferAnswer,
)
from consign.domain.values import VoucherCode
from consign.domain.voucher_commands import (
    BlockedAnswer,
    BlockVoucher,
    CashedOutAnswer,
    CashOutVoucher,
    GrantVoucher,
    SellVoucher,
    SoldVoucherAnswer,
    TakenBackAnswer,
    TakeVoucherBack,
    UnblockVoucher,
    VoucherAnswer,
)
from consign.domain.vouchers import CODES, voucher_code
from consign.http import examples
from consign.http.commands.route import CommandRoute, account_of, role_of
from consign.http.exchange import Exchange


def new_voucher(_: Exchange) -> VoucherCode:
    """Draw a voucher's code. A request that is repeated is answered with the code that was drawn first."""
    return voucher_code(secrets.randbelow(CODES))


ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "hand-over-session",
        "/sessions/{session}/hand-over",
        HandOverSession,
        HandedOverAnswer,
        "Let another cashier take over the till as it stands, baskets and drawer; counted, where the sale wants it.",
        {"to_cashier": examples.ACCOUNT, "counted_minor": 23450},
        "sessions",
    ),
    CommandRoute(
        "send-cash",
        "/sessions/{session}/send-cash",
        SendCash,
        TransferAnswer,
        "Take cash out for another till. It is on its way until it is counted there, or taken back.",
        {
            "transfer": examples.TRANSFER,
            "to_session": examples.OTHER_SESSION,
            "amount_minor": 5000,
            "reason": "they are out of coins",
        },
        "transfers",
    ),
    CommandRoute(
        "receive-cash",
        "/sessions/{session}/receive-cash",
        ReceiveCash,
        TransferAnswer,
        "Count cash that another till sent into this drawer.",
        {"transfer": examples.TRANSFER, "from_session": examples.OTHER_SESSION, "counted_minor": 5000},
        "transfers",
    ),
    CommandRoute(
        "take-cash-back",
        "/sessions/{session}/take-cash-back",
        TakeCashBack,
        TransferAnswer,
        "Put cash that was sent and did not arrive back into the drawer.",
        {"transfer": examples.TRANSFER, "reason": "the till had closed"},
        "transfers",
    ),
    CommandRoute(
        "sell-voucher",
        "/sessions/{session}/sell-voucher",
        SellVoucher,
        SoldVoucherAnswer,
        "Sell a voucher for cash or card; the answer says its code.",
        {"amount_minor": 2000, "tenders": [{"kind": "cash", "amount_minor": 2000}]},
        "vouchers",
        {"voucher": new_voucher},
    ),
    CommandRoute(
        "take-voucher-back",
        "/sessions/{session}/take-voucher-back",
        TakeVoucherBack,
        TakenBackAnswer,
        "Undo the sale of a voucher that nobody used, in the session that sold it.",
        {"voucher": examples.VOUCHER, "reason": "typed ten times too much"},
        "vouchers",
    ),
    CommandRoute(
        "cash-out-voucher",
        "/sessions/{session}/cash-out-voucher",
        CashOutVoucher,
        CashedOutAnswer,
        "Pay out what is left of a voucher in cash, up to what the role may.",
        {"voucher": examples.VOUCHER},
        "vouchers",
        {"role": role_of},
    ),
    CommandRoute(
        "block-voucher",
        "/sales/{sale}/vouchers/{voucher}/block",
        BlockVoucher,
        BlockedAnswer,
        "Let nobody use a voucher; it keeps what it is worth.",
        {"reason": "lost on the way home"},
        "vouchers",
        {"blocked_by": account_of},
    ),
    CommandRoute(
        "unblock-voucher",
        "/sales/{sale}/vouchers/{voucher}/unblock",
        UnblockVoucher,
        BlockedAnswer,
        "Let a voucher be used again.",
        {"reason": "it was in the other coat"},
        "vouchers",
        {"unblocked_by": account_of},
    ),
    CommandRoute(
        "grant-voucher",
        "/sales/{sale}/vouchers/grant",
        GrantVoucher,
        VoucherAnswer,
        "Give a voucher for nothing; the organizer bears it. The answer says its code.",
        {"amount_minor": 500, "reason": "the zip was broken"},
        "vouchers",
        {"voucher": new_voucher, "granted_by": account_of},
    ),
)
