"""Commands to lines without a readable tag."""

from consign.domain.manual_commands import (
    AddManualLine,
    CreditManualLine,
    KeepManualLine,
    ManualLineAnswer,
    MatchManualLine,
)
from consign.domain.session.commands import BasketAnswer
from consign.http import examples
from consign.http.commands.route import CommandRoute

_LINE = "/sales/{sale}/manual-lines/{line}"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "add-manual-line",
        "/sessions/{session}/baskets/{basket}/add-manual-line",
        AddManualLine,
        BasketAnswer,
        "Sell a thing without a readable tag. The client makes the line's id; the number may be left out.",
        {
            "line": examples.MANUAL_LINE,
            "price_minor": 350,
            "description": "Wooden train",
            "category": "toys",
            "consignor": 17,
        },
        "baskets",
    ),
    CommandRoute(
        "match-manual-line",
        f"{_LINE}/match",
        MatchManualLine,
        ManualLineAnswer,
        "Say which item a manual line was: it is sold by the line's receipt, for what the line cost.",
        {"tag": examples.TAG},
        "manual-lines",
    ),
    CommandRoute(
        "credit-manual-line",
        f"{_LINE}/credit",
        CreditManualLine,
        ManualLineAnswer,
        "Say whose a manual line was, without an item.",
        {"consignor": 17},
        "manual-lines",
    ),
    CommandRoute(
        "keep-manual-line",
        f"{_LINE}/keep",
        KeepManualLine,
        ManualLineAnswer,
        "Give up finding out whose a manual line was: the organizer keeps what was paid.",
        {"reason": "nobody missed it"},
        "manual-lines",
    ),
)
