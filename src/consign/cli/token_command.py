"""`consign token`: a development token."""

from pathlib import Path

import click

from consign.cli.options import data_directory, organization

_ROLES = ("organizer", "cashier", "volunteer", "consignor", "shopper", "integrator", "auditor", "operator")


@click.command("token")
@data_directory
@organization
@click.option("--account", default="developer", show_default=True, metavar="NAME", help="Who the token speaks for.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(_ROLES),
    default=("organizer",),
    show_default=True,
    help="A role in the organization; may be given several times.",
)
@click.option("--operator", is_flag=True, help="Make the account an operator of the platform too.")
@click.option("--hours", type=click.IntRange(1, 24 * 365), default=168, show_default=True, help="How long it is valid.")
def command(
    data_directory: Path, organization: str, account: str, roles: tuple[str, ...], *, operator: bool, hours: int
) -> None:
    """Mint a development token, signed with the data directory's key (or CONSIGN_TOKEN_KEY).

    Such tokens are accepted from this machine only.

    \b
    Examples:
      consign token --account anna --role cashier
      curl -H "Authorization: Bearer $(consign token --role auditor)" \\
        http://127.0.0.1:8700/api/v1/organizations/demo/sales
    """
    from consign.cli.place import token_key
    from consign.http.identity.development import DevelopmentIdentity
    from consign.settings import settings_from

    held = {organization: roles}
    if operator:
        held["platform"] = ("operator",)
    key = token_key(settings_from(data_directory=data_directory))
    click.echo(DevelopmentIdentity(key).issue(account, held, lifetime_s=hours * 3600))
