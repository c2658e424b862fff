"""The commands that go to the domain as they are: where each is posted, and what of it the caller may not choose.

A body is the domain's command without what the path and the token already say, so that both cannot drift apart.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import NODEFAULT, Struct

from consign.actors.ports import Accepted
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    RefuseItem,
    TagsAnswer,
    WithdrawItems,
)
from consign.domain.participation import ChangeConsignorTerms
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, PlanSale, SaleAnswer
from consign.domain.session.commands import (
    AbandonBasket,
    BasketAnswer,
    ClosedAnswer,
    CloseSession,
    DrawerAnswer,
    MoveCash,
    OpenSession,
    PaidAnswer,
    Pay,
    RecallBasket,
    RefundedAnswer,
    RefundReceipt,
    RemoveLine,
    Scan,
    ScanAnswer,
    SessionAnswer,
    SuspendBasket,
    VoidedAnswer,
    VoidReceipt,
)
from consign.domain.values import Done
from consign.http import examples
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.posting import posted
from consign.http.submit import issue, request_hash, submitted

type Given = Callable[[Exchange], Any]


class CommandRoute(Struct, frozen=True):
    """One command: `path` is under the organization and names fields of the command; `given` comes from the token."""

    name: str
    path: str
    command: type[Struct]
    answer: type[Struct]
    summary: str
    example: Mapping[str, Any]
    tag: str
    given: Mapping[str, Given] = {}

    def body_type(self) -> type[Struct]:
        """Return the command's struct without the fields of path and token; what it does not know it refuses."""
        elsewhere = {*re.findall(r"{(\w+)}", self.path), *self.given}
        types = get_type_hints(self.command, include_extras=True)
        fields: list[Any] = []
        for field in msgspec.structs.fields(self.command):
            if field.name in elsewhere:
                continue
            if field.default is not NODEFAULT:
                fields.append((field.name, types[field.name], field.default))
            elif field.default_factory is not NODEFAULT:
                fields.append((field.name, types[field.name], msgspec.field(default_factory=field.default_factory)))
            else:
                fields.append((field.name, types[field.name]))
        return msgspec.defstruct(f"{self.command.__name__}Body", fields, frozen=True, forbid_unknown_fields=True)


def _account(exchange: Exchange) -> str:
    return exchange.acting().account_id


def _role(exchange: Exchange) -> str:
    return exchange.role


def _organization(exchange: Exchange) -> str:
    return exchange.organization


_BASKET = "/sessions/{session}/baskets/{basket}"
_RECEIPT = "/sessions/{session}/receipts/{receipt}"
_ITEM = "/sales/{sale}/items/{tag}"

COMMAND_ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "plan-sale",
        "/sales/{sale}/plan",
        PlanSale,
        SaleAnswer,
        "Plan a sale: its name, number and rules. The client makes the sale's id.",
        examples.PLAN_SALE,
        "sales",
        {"organization": _organization},
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
    CommandRoute(
        "change-consignor-terms",
        "/participations/{participation}/change-terms",
        ChangeConsignorTerms,
        Done,
        "Change tier or own commission rule of a consignor who has sold nothing yet.",
        {"tier": "helper"},
        "participations",
    ),
    CommandRoute(
        "check-in-items",
        "/sales/{sale}/check-in-items",
        CheckInItems,
        TagsAnswer,
        "Check in items by their tags.",
        {"tags": [examples.TAG]},
        "items",
    ),
    CommandRoute(
        "check-in-consignor",
        "/sales/{sale}/check-in-consignor",
        CheckInConsignor,
        TagsAnswer,
        "Check in everything that a consignor listed.",
        {"consignor": 17},
        "items",
    ),
    CommandRoute(
        "withdraw-items",
        "/sales/{sale}/withdraw-items",
        WithdrawItems,
        TagsAnswer,
        "Take items out of the sale.",
        {"tags": [examples.TAG], "reason": "collected early"},
        "items",
    ),
    CommandRoute(
        "refuse-item",
        f"{_ITEM}/refuse",
        RefuseItem,
        TagsAnswer,
        "Refuse an item at check-in, with a reason.",
        {"reason": "recalled by its maker"},
        "items",
    ),
    CommandRoute(
        "admit-refused-item",
        f"{_ITEM}/admit",
        AdmitRefusedItem,
        TagsAnswer,
        "Put a refused item on the floor after all.",
        {},
        "items",
    ),
    CommandRoute(
        "open-session",
        "/sessions/{session}/open",
        OpenSession,
        SessionAnswer,
        "Open a till with its float. The client makes the session's id; the caller is the cashier.",
        {"sale": examples.SALE, "till": "K1", "float_minor": 10000},
        "sessions",
        {"cashier": _account},
    ),
    CommandRoute(
        "scan",
        f"{_BASKET}/scan",
        Scan,
        ScanAnswer,
        "Hold an item and add its line. The first scan opens the basket; the client makes its id.",
        {"tag": examples.TAG},
        "baskets",
    ),
    CommandRoute(
        "remove-line",
        f"{_BASKET}/remove-line",
        RemoveLine,
        BasketAnswer,
        "Take a line out of the basket and free its item.",
        {"tag": examples.TAG},
        "baskets",
    ),
    CommandRoute(
        "abandon-basket",
        f"{_BASKET}/abandon",
        AbandonBasket,
        BasketAnswer,
        "Give a basket up; its items are free.",
        {},
        "baskets",
    ),
    CommandRoute(
        "suspend-basket",
        f"{_BASKET}/suspend",
        SuspendBasket,
        BasketAnswer,
        "Put a basket aside, to be recalled here or at another till.",
        {"note": "fetches a bag"},
        "baskets",
    ),
    CommandRoute(
        "recall-basket",
        f"{_BASKET}/recall",
        RecallBasket,
        BasketAnswer,
        "Go on with a basket of this or another till.",
        {},
        "baskets",
    ),
    CommandRoute(
        "pay",
        f"{_BASKET}/pay",
        Pay,
        PaidAnswer,
        "Pay a basket with all its tenders at once; only cash may exceed the total.",
        {"tenders": [{"kind": "cash", "amount_minor": 2000}]},
        "baskets",
    ),
    CommandRoute(
        "void-receipt",
        f"{_RECEIPT}/void",
        VoidReceipt,
        VoidedAnswer,
        "Undo a whole receipt while its session is open.",
        {"reason": "wrong customer"},
        "receipts",
    ),
    CommandRoute(
        "refund-receipt",
        f"{_RECEIPT}/refund",
        RefundReceipt,
        RefundedAnswer,
        "Give money back for a receipt: all of it, lines, or part of a line's price. This session pays it.",
        {"tender": "cash", "reason": "zip is broken", "lines": [{"tag": examples.TAG}]},
        "receipts",
        {"role": _role},
    ),
    CommandRoute(
        "move-cash",
        "/sessions/{session}/move-cash",
        MoveCash,
        DrawerAnswer,
        "Put cash into the drawer (positive) or take it out (negative).",
        {"amount_minor": -5000, "reason": "to the safe"},
        "sessions",
    ),
    CommandRoute(
        "close-session",
        "/sessions/{session}/close",
        CloseSession,
        ClosedAnswer,
        "Close a till by counting its cash, float included; a difference needs a reason.",
        {"counted_minor": 12345, "reason": "ten cents too much"},
        "sessions",
    ),
)


def command_handlers(gateway: CommandGateway) -> list[HTTPRouteHandler]:
    """Make a handler for each route of the table."""
    return [_handler(route, gateway) for route in COMMAND_ROUTES]


def _handler(route: CommandRoute, gateway: CommandGateway) -> HTTPRouteHandler:
    body_type = route.body_type()
    names = tuple(body_type.__struct_fields__)
    command_type, given = route.command, tuple(route.given.items())

    async def carry(exchange: Exchange, ids: dict[str, str]) -> Accepted:
        body = decode(exchange, exchange.body, body_type)
        path = checked(ids)
        fields = {name: getattr(body, name) for name in names}
        for name, give in given:
            fields[name] = give(exchange)
        digest = request_hash(route.name, (path, body))
        return await submitted(gateway, issue(exchange, command_type(**path, **fields), digest))

    endpoint = Endpoint(
        rule=route.name,
        summary=route.summary,
        tag=route.tag,
        body=body_type,
        answer=route.answer,
        example=route.example,
        is_command=True,
    )
    path = re.sub(r"{(\w+)}", r"{\1:str}", route.path)
    return posted(f"{ORGANIZATION_PATH}{path}", endpoint, carry)
