"""`consign integrator`: let an organization's integrators read its public events from NATS, and no others'."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consign.cli.exits import ENVIRONMENT, PROBLEM, Failure
from consign.cli.options import data_directory, organization

if TYPE_CHECKING:
    from consign.adapters.nats.accounts import Credential
    from consign.adapters.nats.connection import NatsConnection
    from consign.cli.place import Place

_NATS_LIMIT_S = 10.0
_RELOADS_MAX = 10
_RELOAD_PAUSE_S = 0.3


@click.command("integrator")
@data_directory
@organization
@click.argument("integrator", metavar="NAME")
@click.option("--revoke", is_flag=True, help="Take the credentials back instead.")
@click.option(
    "--write-to",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Where a NATS server of your own includes the accounts from; reload it afterwards.",
)
def command(data_directory: Path, organization: str, integrator: str, write_to: Path | None, *, revoke: bool) -> None:
    """Give an integrator credentials for NATS that reach the organization's public events and nothing else.

    They are shown once. Giving them again makes new ones, and the ones before count no longer.

    \b
    Examples:
      consign integrator -o demo web-shop
      consign integrator -o demo web-shop --revoke
    """
    from consign.adapters.nats.accounts import is_name
    from consign.cli.running import run

    if not is_name(integrator):
        raise click.UsageError("the name of an integrator is of a-z, 0-9 and hyphens, 40 at most")
    run(_change(data_directory, organization, integrator, write_to, revoke=revoke))


async def _change(
    data_directory: Path, organization: str, integrator: str, write_to: Path | None, *, revoke: bool
) -> None:
    import asyncpg

    from consign.adapters.installation import secret_key
    from consign.adapters.nats.accounts import API_PREFIX
    from consign.adapters.nats.accounts_consumers import ensure_consumers, remove_consumer
    from consign.adapters.postgres import nats_credentials
    from consign.cli.place import opened
    from consign.settings import settings_from

    if write_to is None and not settings_from(data_directory=data_directory).is_embedded:
        raise Failure("say with --write-to where the NATS server includes the accounts from", ENVIRONMENT)
    key = secret_key(data_directory, "nats-credentials")
    async with opened(data_directory) as place, _public(place) as nats:
        writer = await asyncpg.connect(place.database.writer)
        issued: Credential | None = None
        try:
            if not revoke:
                issued = await nats_credentials.issue(writer, organization, integrator)
            elif not await nats_credentials.revoke(writer, organization, integrator):
                raise Failure(f"{integrator} has no credentials of {organization}", PROBLEM)
            valid = await nats_credentials.valid(writer)
        finally:
            await writer.close()
        if issued is None:
            await remove_consumer(nats.client().jetstream(), organization, integrator)
        await ensure_consumers(nats.client().jetstream(), valid)
        _write(data_directory, valid, key, write_to)
        if write_to is None:
            await _reload(data_directory, place, issued, key)
    if issued is None:
        click.echo(f"{integrator} reads nothing of {organization} any more")
        return
    click.echo(f"user      {issued.user}")
    click.echo(f"password  {issued.password(key)}  (shown once)")
    click.echo(f"subjects  {issued.subjects}")
    click.echo(f"consumer  {issued.user} of the stream CONSIGN_PUBLIC, by the prefix {API_PREFIX}")


@asynccontextmanager
async def _public(place: "Place") -> "AsyncIterator[NatsConnection]":
    """Lend a connection to the account of public events, whose stream is there."""
    from consign.adapters.nats.connection import NatsConnection
    from consign.adapters.nats.public_stream import NatsPublicStream

    if place.nats_public_url is None:
        raise Failure("CONSIGN_NATS_PUBLIC_URL is not set: nothing is published for integrators", ENVIRONMENT)
    connection = NatsConnection(place.nats_public_url, name="consign-integrator")
    async with asyncio.TaskGroup() as tasks:
        connecting = tasks.create_task(connection.run())
        await connection.wait_connected(_NATS_LIMIT_S)
        await NatsPublicStream(connection).opened()
        yield connection
        connecting.cancel()


def _write(data_directory: Path, valid: "Sequence[Credential]", key: bytes, write_to: Path | None) -> None:
    from consign.adapters.nats.accounts import rendered
    from consign.local.nats import write_parts
    from consign.local.state import write_private

    parts = rendered(valid, key)
    if write_to is None:
        write_parts(data_directory, parts)
        return
    for name, content in parts.items():
        write_private(write_to / name, content.encode())


async def _reload(data_directory: Path, place: "Place", issued: "Credential | None", key: bytes) -> None:
    """Have the embedded server read its accounts, until the new credentials are served.

    The server takes the imports of an account that is new to it into use with the reload after the one that made the
    account known.
    """
    from consign.local.state import read_state

    state = read_state(data_directory)
    assert state is not None, "the servers of an opened data directory are written down"
    for _ in range(_RELOADS_MAX):
        os.kill(state.nats_pid, signal.SIGHUP)
        await asyncio.sleep(_RELOAD_PAUSE_S)
        if issued is None or await _is_served(place, issued, key):
            return
    raise Failure("the NATS server does not serve the new account", ENVIRONMENT)


async def _is_served(place: "Place", issued: "Credential", key: bytes) -> bool:
    """Whether the credentials reach the integrator's consumer."""
    from urllib.parse import urlsplit

    import nats.errors
    import nats.js.errors
    from nats.aio.client import Client

    from consign.adapters.nats.accounts import API_PREFIX
    from consign.adapters.nats.public_stream import STREAM

    server = urlsplit(place.nats_url).netloc.rpartition("@")[2]
    client = Client()
    try:
        await client.connect(
            f"nats://{issued.user}:{issued.password(key)}@{server}", allow_reconnect=False, connect_timeout=2
        )
        await client.jetstream(prefix=API_PREFIX).consumer_info(STREAM, issued.user, timeout=2)
    except (nats.errors.Error, nats.js.errors.Error, TimeoutError):
        return False
    finally:
        await client.close()
    return True
