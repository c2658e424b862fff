"""Commands to participations whose bodies hold no personal data."""

from consign.domain.participation.commands import ChangeConsignorTerms
from consign.domain.values import Done
from consign.http.commands.route import CommandRoute

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "change-consignor-terms",
        "/participations/{participation}/change-terms",
        ChangeConsignorTerms,
        Done,
        "Change tier or own commission rule of a consignor who has sold nothing yet.",
        {"tier": "helper"},
        "participations",
    ),
)
