"""Commands by which something that does not go through the service is kept in the log all the same."""

from consign.domain.account import AccountAnswer
from consign.domain.auditing import RecordDisclosure
from consign.http.commands.route import CommandRoute, account_of

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "record-export",
        "/audit/record-export",
        RecordDisclosure,
        AccountAnswer,
        "Keep that somebody is about to export the whole organization, as `consign export-organization` does.",
        {"because": "Moving to another installation"},
        "history",
        {
            "account": account_of,
            "shown": lambda _: "export",
            "about": lambda _: "organization",
        },
    ),
)
