"""Commands to the prices in a basket."""

from consign.domain.session.commands import BasketAnswer
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, OverridePrice
from consign.http import examples
from consign.http.commands.route import CommandRoute, account_of, role_of

_BASKET = "/sessions/{session}/baskets/{basket}"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "discount-line",
        f"{_BASKET}/discount-line",
        DiscountLine,
        BasketAnswer,
        "Take an amount or a rate off one line, within what the role may; without either, take that back.",
        {"tag": examples.TAG, "discount": {"rate_ppm": 100000}, "reason": "a button is missing"},
        "baskets",
        {"role": role_of, "authorized_by": account_of},
        approvable=True,
    ),
    CommandRoute(
        "override-price",
        f"{_BASKET}/override-price",
        OverridePrice,
        BasketAnswer,
        "Sell one line for less than it costs, as an organizer or with one's PIN; the organizer bears the difference.",
        {"tag": examples.TAG, "price_minor": 100, "reason": "the last one of its kind"},
        "baskets",
        {"role": role_of, "authorized_by": account_of},
        approvable=True,
    ),
    CommandRoute(
        "discount-basket",
        f"{_BASKET}/discount",
        DiscountBasket,
        BasketAnswer,
        "Take an amount or a rate off all that is in the basket when it is paid; without either, take that back.",
        {"discount": {"amount_minor": 500}, "reason": "a helper buys"},
        "baskets",
        {"role": role_of, "authorized_by": account_of},
        approvable=True,
    ),
)
