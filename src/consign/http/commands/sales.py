"""Commands to a sale as a whole."""

from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, PlanSale, SaleAnswer
from consign.domain.values import Done
from consign.http import examples
from consign.http.commands.route import CommandRoute, organization_of

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "plan-sale",
        "/sales/{sale}/plan",
        PlanSale,
        SaleAnswer,
        "Plan a sale: its name, number and rules. The client makes the sale's id.",
        examples.PLAN_SALE,
        "sales",
        {"organization": organization_of},
    ),
    CommandRoute(
        "change-sale-settings",
        "/sales/{sale}/change-settings",
        ChangeSaleSettings,
        Done,
        "Replace the rules of a sale.",
        {"settings": examples.SETTINGS},
        "sales",
    ),
    CommandRoute(
        "change-sale-phase",
        "/sales/{sale}/change-phase",
        ChangeSalePhase,
        SaleAnswer,
        "Move a sale one phase on, one phase back while nothing contradicts it, or cancel it.",
        {"phase": "registration"},
        "sales",
    ),
)
