"""`consign integrator`: let an organization's integrators read its public events from NATS, and no others'."""

from pathlib import Path
from typing import Any

import click

from consign.cli.options import organization, service


@click.command("integrator")
@service
@organization
@click.argument("integrator", metavar="NAME")
@click.option("--revoke", is_flag=True, help="Take the credentials back instead.")
def command(
    data_directory: Path, organization: str, url: str | None, token: str | None, integrator: str, *, revoke: bool
) -> None:
    """Give an integrator credentials for NATS that reach the organization's public events and nothing else.

    They are shown once, and count within seconds. Giving them again makes new ones, and the ones before end.

    \b
    Examples:
      consign integrator -o demo web-shop
      consign integrator -o demo web-shop --revoke
    """
    from consign.cli.running import run

    said = run(_change(data_directory, url, token, organization, integrator, "revoke" if revoke else "issue"))
    if revoke:
        click.echo(f"{integrator} reads nothing of {organization} any more")
        return
    click.echo(f"user      {said['user']}")
    click.echo(f"password  {said['password']}  (shown once)")
    click.echo(f"subjects  {said['subjects']}")
    click.echo(f"consumer  {said['consumer']} of the stream {said['stream']}, by the prefix {said['prefix']}")


async def _change(
    data_directory: Path, url: str | None, token: str | None, organization: str, integrator: str, action: str
) -> dict[str, Any]:
    from consign.cli.asking import asking

    async with asking(data_directory, url, token, organization, "organizer") as client:
        said: dict[str, Any] = await client.command(f"/nats-credentials/{integrator}/{action}", {})
        return said
