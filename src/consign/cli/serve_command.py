"""`consign serve`: be a process of the service."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from consign.cli.exits import ENVIRONMENT, Failure
from consign.cli.options import data_directory

if TYPE_CHECKING:
    from consign.service.process import Service
    from consign.settings import Settings


@click.command("serve")
@data_directory
@click.option("--host", metavar="ADDRESS", help="Where to listen.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Where to listen; 0 takes a free port.  [default: 8700]")
@click.option(
    "--role",
    type=click.Choice(["all", "front", "owner"]),
    help="front: HTTP only; owner: decides and keeps read models; all: both.  [default: all]",
)
@click.option("--demo", is_flag=True, help="See to an organization `demo` with a small live sale, ready to be scanned.")
@click.option("--quiet", is_flag=True, help="Log warnings and errors only.")
def command(
    data_directory: Path, host: str | None, port: int | None, role: str | None, *, demo: bool, quiet: bool
) -> None:
    """Serve until Ctrl-C or SIGTERM, then end in order with exit code 0.

    With CONSIGN_DATABASE_URL and CONSIGN_NATS_URL (and CONSIGN_NATS_PUBLIC_URL) this process uses those servers, and
    any number of such processes share the work. Without them Postgres and NATS run embedded over the data directory.
    Where a process serves that directory already, its ready line is printed again, with exit code 0.

    One line on standard output says that the service is ready; the log goes to standard error.

    \b
    Examples:
      consign serve --demo
      consign serve --data-directory /srv/consign --port 80 --host 0.0.0.0
      CONSIGN_DATABASE_URL=postgresql://… CONSIGN_NATS_URL=nats://… consign serve --role front
    """
    from consign.settings import settings_from

    settings = settings_from(
        data_directory=data_directory, host=host, port=port, role=role, log_level="warning" if quiet else None
    )
    if demo and settings.role == "front":
        raise Failure("a process of role front makes no demo sale: leave out --demo or --role front", ENVIRONMENT)
    if settings.is_embedded and _join(settings, demo=demo):
        return
    _serve(settings, demo=demo)


def _join(settings: "Settings", *, demo: bool) -> bool:
    """Print the ready line of a process that serves the directory already; say whether there is one."""
    from consign.local.servers import is_served

    if not is_served(settings.data_directory):
        return False
    from consign.cli.place import service
    from consign.cli.running import run

    async def told() -> None:
        async with service(settings.data_directory) as address:
            click.echo(f"{settings.data_directory} is served already.", err=True)
            click.echo(await _ready_line(address.url, address.token_key, demo=demo))

    run(told())
    return True


def _serve(settings: "Settings", *, demo: bool) -> None:
    from consign.cli.place import token_key
    from consign.service import serve

    async def announce(service: "Service") -> None:
        click.echo(await _ready_line(service.url, token_key(settings), demo=demo))

    serve(settings, announce)


async def _ready_line(url: str, key: bytes, *, demo: bool) -> str:
    """Return the line that says how to use the service; with the demo sale, what can be scanned there."""
    if not demo:
        return f"ready: {url}"
    from consign.client import Client
    from consign.demo.standing import ORGANIZATION, standing_sale
    from consign.domain.tag import shown
    from consign.domain.values import TagCode
    from consign.http.identity.development import DevelopmentIdentity

    held = {ORGANIZATION: ("organizer",), "platform": ("operator",)}
    token = DevelopmentIdentity(key).issue("demo", held)
    async with Client(url, token, ORGANIZATION) as client:
        standing = await standing_sale(client)
    tags = " ".join(shown(TagCode(tag)) for tag in standing.tags)
    return f"ready: {url} organization: {ORGANIZATION} sale: {standing.sale} tags: {tags} token: {token}"
