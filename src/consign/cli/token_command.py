"""`consign token`: a development token, or an access token as signing in gives it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from consign.cli.options import data_directory, organization

if TYPE_CHECKING:
    from consign.settings import Settings

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
@click.option(
    "--built-in",
    is_flag=True,
    help="Issue an access token instead, as signing in does: for 10 minutes, with the roles that memberships say.",
)
@click.pass_context
def command(
    context: click.Context,
    data_directory: Path,
    organization: str,
    account: str,
    roles: tuple[str, ...],
    *,
    operator: bool,
    hours: int,
    built_in: bool,
) -> None:
    """Mint a development token, signed with the data directory's key (or CONSIGN_TOKEN_KEY).

    Such tokens are accepted from this machine only. An access token (--built-in) is accepted from anywhere; it is
    signed with a key derived from the data directory's key-encryption key (or CONSIGN_KEY_ENCRYPTION_KEY), and bound to
    an organization where one is named.

    \b
    Examples:
      consign token --account anna --role cashier
      consign token --built-in --account 01930c1e-7d2a-7a51-b6a0-5b1f4d0e8a11
      curl -H "Authorization: Bearer $(consign token --role auditor)" \\
        http://127.0.0.1:8700/api/v1/organizations/demo/sales
    """
    from consign.http.identity.development import DevelopmentIdentity
    from consign.settings import settings_from

    settings = settings_from(data_directory=data_directory)
    if built_in:
        named = {name for name in ("organization", "roles", "operator", "hours") if _is_given(context, name)}
        if named - {"organization"}:
            raise click.UsageError("--built-in takes --account and --organization only")
        click.echo(_access_token(settings, account, organization if named else None))
        return
    from consign.cli.place import token_key

    held = {organization: roles}
    if operator:
        held["platform"] = ("operator",)
    click.echo(DevelopmentIdentity(token_key(settings)).issue(account, held, lifetime_s=hours * 3600))


def _access_token(settings: "Settings", account: str, organization: str | None) -> str:
    from consign.adapters.crypto.signing_keys import SigningKeys
    from consign.adapters.installation import key_encryption_keys
    from consign.identity.access_tokens import AccessTokens

    signer = SigningKeys(key_encryption_keys(settings.data_directory, settings.key_encryption_key)[0])
    return AccessTokens(settings.public_url, signer).issue(account, organization=organization)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT
