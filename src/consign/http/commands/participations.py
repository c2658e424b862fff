"""Commands to participations whose bodies hold no personal data: places, terms and fees."""

from consign.domain.participation.allowance_commands import AllowanceAnswer, BuyLists, GrantAllowance
from consign.domain.participation.commands import (
    AcceptTerms,
    ChangeConsignorTerms,
    ConsignorAnswer,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.fee_commands import (
    FeeAnswer,
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
)
from consign.domain.participation.place_commands import AcceptPlace, MoveUp, RevokeInvitation
from consign.domain.values import Done
from consign.http import examples
from consign.http.commands.route import CommandRoute, actor_of, role_of

_ONE = "/participations/{participation}"
_TAG = "participations"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "grant-allowance",
        f"{_ONE}/grant-allowance",
        GrantAllowance,
        AllowanceAnswer,
        "Let a consignor list more items, lists and things of a category than the sale allows each.",
        {"extra_items": 20, "extra_lists": 1, "extra_by_category": {"coat": 2}},
        _TAG,
    ),
    CommandRoute(
        "buy-lists",
        f"{_ONE}/buy-lists",
        BuyLists,
        AllowanceAnswer,
        "Have so many lists beyond those that the fee covers; they come off the proceeds.",
        {"lists": 2},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "change-consignor-terms",
        f"{_ONE}/change-terms",
        ChangeConsignorTerms,
        Done,
        "Change tier or own commission rule of a consignor who has sold nothing yet.",
        {"tier": "helper"},
        _TAG,
    ),
    CommandRoute(
        "accept-terms",
        f"{_ONE}/accept-terms",
        AcceptTerms,
        Done,
        "Accept the sale's present terms.",
        {"version": "2026-09"},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "withdraw-participation",
        f"{_ONE}/withdraw",
        WithdrawParticipation,
        Done,
        "Withdraw from a sale before bringing anything, or leave its waiting list.",
        {"reason": "moving house"},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "reopen-participation",
        f"{_ONE}/reopen",
        ReopenParticipation,
        Done,
        "Bring back a participation that ended, under its number; an unpaid fee is due again.",
        {"fee_due_at": "2026-09-10T22:00:00Z"},
        _TAG,
    ),
    CommandRoute(
        "accept-place",
        f"{_ONE}/accept-place",
        AcceptPlace,
        ConsignorAnswer,
        "Take the place that is offered from the waiting list.",
        {},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "move-up",
        f"{_ONE}/move-up",
        MoveUp,
        ConsignorAnswer,
        "Give somebody on the waiting list a place at once, whatever their turn.",
        {},
        _TAG,
    ),
    CommandRoute(
        "revoke-invitation",
        f"{_ONE}/revoke-invitation",
        RevokeInvitation,
        Done,
        "Take back an invitation that nobody accepted.",
        {},
        _TAG,
    ),
    CommandRoute(
        "record-fee-payment",
        f"{_ONE}/record-fee-payment",
        RecordFeePayment,
        FeeAnswer,
        "Record a fee that came by bank or online; `reopen` lets somebody pay late.",
        {"reference": "transfer 2026-117", "amount_minor": 300},
        _TAG,
    ),
    CommandRoute(
        "record-fee-refund",
        f"{_ONE}/record-fee-refund",
        RecordFeeRefund,
        FeeAnswer,
        "Record a paid fee that was given back by bank or online.",
        {"reference": "transfer 2026-118", "reason": "fell ill"},
        _TAG,
    ),
    CommandRoute(
        "waive-fee",
        f"{_ONE}/waive-fee",
        WaiveFee,
        FeeAnswer,
        "Let a consignor take part without a fee, with a reason.",
        {"reason": "helps at the door"},
        _TAG,
    ),
    CommandRoute(
        "receive-fee",
        "/sessions/{session}/receive-fee",
        ReceiveFee,
        FeeAnswer,
        "Take a consignor's fee at a till, in cash or by card; an organizer's `reopen` lets somebody pay late.",
        {"participation": examples.PARTICIPATION, "means": "cash"},
        "sessions",
        {"role": role_of},
    ),
    CommandRoute(
        "give-fee-back",
        "/sessions/{session}/give-fee-back",
        GiveFeeBack,
        FeeAnswer,
        "Give a paid fee back at a till, with a reason.",
        {"participation": examples.PARTICIPATION, "means": "cash", "reason": "fell ill"},
        "sessions",
    ),
)
