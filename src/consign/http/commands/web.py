"""Commands to an organization's place on the web that need nothing but the log."""

from consign.domain.web import ChangeOrigins, OriginsAnswer
from consign.http.commands.route import CommandRoute, organization_of

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "change-origins",
        "/change-origins",
        ChangeOrigins,
        OriginsAnswer,
        "Name all web origins whose pages may ask for this organization, exactly; they show tokens, never cookies.",
        {"origins": ["https://shop.example.org"]},
        "domains",
        {"organization": organization_of},
    ),
)
