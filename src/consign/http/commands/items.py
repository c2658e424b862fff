"""Commands to items, on the floor and at check-in."""

from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    RefuseItem,
    TagsAnswer,
    WithdrawItems,
)
from consign.http import examples
from consign.http.commands.route import CommandRoute, actor_of

_ITEM = "/sales/{sale}/items/{tag}"

ROUTES: tuple[CommandRoute, ...] = (
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
        {"actor": actor_of},
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
)
