"""Settlements, statements, payouts and batches as rows of read models."""

from typing import Literal

from consign.domain.settlement.policy import PayoutMethod
from consign.domain.settlement.state import PayoutStatus, Stage
from consign.domain.values import ConsignorNumber
from consign.http.resources import FilterText, ItemRoute, ListRoute
from consign.projections.payouts import PAYOUTS, BatchRow, PayoutRow
from consign.projections.settlements import SETTLEMENTS, AdjustmentRow, SettlementRow, StatementRow

_SALE = {"sale": FilterText}
_CONSIGNOR = {"consignor": ConsignorNumber, "participation": FilterText}

LISTS: tuple[ListRoute, ...] = (
    ListRoute(
        "list-settlements",
        "/settlements",
        "How far each sale is settled.",
        "settlements",
        SETTLEMENTS,
        "settlements",
        SettlementRow,
        {"status": Stage},
        (),
    ),
    ListRoute(
        "list-statements",
        "/statements",
        "Statements and supplements, cancelled ones too.",
        "settlements",
        SETTLEMENTS,
        "statements",
        StatementRow,
        {
            **_SALE,
            **_CONSIGNOR,
            "kind": Literal["statement", "supplement"],
            "status": Literal["issued", "cancelled"],
        },
        ("counter", "consignor", "net_minor"),
    ),
    ListRoute(
        "list-adjustments",
        "/adjustments",
        "What consignors were given or charged by hand, and what was brought forward from earlier sales.",
        "settlements",
        SETTLEMENTS,
        "adjustments",
        AdjustmentRow,
        {**_SALE, "participation": FilterText},
        ("position",),
    ),
    ListRoute(
        "list-payouts",
        "/payouts",
        "Payouts, and where each is.",
        "payouts",
        PAYOUTS,
        "payouts",
        PayoutRow,
        {**_SALE, **_CONSIGNOR, "status": PayoutStatus, "method": PayoutMethod, "batch": FilterText},
        ("counter", "consignor", "amount_minor", "due_at"),
    ),
    ListRoute(
        "list-payout-batches",
        "/payout-batches",
        "Batches of payouts that are made together.",
        "payouts",
        PAYOUTS,
        "batches",
        BatchRow,
        {**_SALE, "status": Literal["prepared", "sent", "dropped", "withdrawn"], "method": PayoutMethod},
        ("counter",),
    ),
)

ITEM_ROUTES: tuple[ItemRoute, ...] = (
    ItemRoute(
        "get-settlement",
        "/sales/{sale}/settlement",
        "How far a sale is settled.",
        "settlements",
        SETTLEMENTS,
        "settlements",
        SettlementRow,
        ("sale",),
        "unknown_settlement",
    ),
    ItemRoute(
        "get-statement",
        "/sales/{sale}/statements/{statement}",
        "A statement or supplement with its lines; consignors read their own.",
        "settlements",
        SETTLEMENTS,
        "statements",
        StatementRow,
        ("sale", "statement"),
        "unknown_statement",
        of_consignor=True,
    ),
    ItemRoute(
        "get-payout",
        "/sales/{sale}/payouts/{payout}",
        "A payout; consignors read their own.",
        "payouts",
        PAYOUTS,
        "payouts",
        PayoutRow,
        ("sale", "payout"),
        "unknown_payout",
        of_consignor=True,
    ),
    ItemRoute(
        "get-payout-batch",
        "/sales/{sale}/payout-batches/{batch}",
        "A batch of payouts.",
        "payouts",
        PAYOUTS,
        "batches",
        BatchRow,
        ("sale", "batch"),
        "unknown_batch",
    ),
)
