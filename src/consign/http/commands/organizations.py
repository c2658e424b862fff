"""Commands to an organization itself."""

from consign.domain.organization import OrganizationAnswer, RenameOrganization
from consign.http.commands.route import CommandRoute, organization_of

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "rename-organization",
        "/rename",
        RenameOrganization,
        OrganizationAnswer,
        "Give the organization another name. Receipts and statements of before keep the one it had.",
        {"name": "Autumn fair"},
        "organizations",
        {"organization": organization_of},
    ),
)
