"""`consign events`: list, follow or export events."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import click

from consign.cli.exits import Interrupted
from consign.cli.options import organization, service

if TYPE_CHECKING:
    from consign.domain.recorded import StoredEvent

_POLL_S = 0.25
_PAGE_EVENTS = 1000


class Filter(NamedTuple):
    """Which events are wanted; the times bound when they were recorded."""

    types: tuple[str, ...]
    streams: tuple[str, ...]
    after: int
    to: int | None
    since: datetime | None
    until: datetime | None

    def ends_before(self, position: int, recorded_at: datetime) -> bool:
        """Whether this event and everything behind it is too late."""
        return (self.to is not None and position > self.to) or (self.until is not None and recorded_at > self.until)

    def wants(self, kind: str, stream: str, recorded_at: datetime) -> bool:
        return (
            (not self.types or kind in self.types)
            and (not self.streams or any(stream.startswith(wanted) for wanted in self.streams))
            and (self.since is None or recorded_at >= self.since)
        )


def _instant(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    del context, parameter
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no instant such as 2026-11-21T14:05:00Z") from None
    if instant.tzinfo is None:
        raise click.BadParameter("say the time zone, for instance by a Z at the end")
    return instant


@click.command("events")
@service
@organization
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type, repeatable: ItemSold, item-sold.")
@click.option("--stream", "streams", multiple=True, metavar="STREAM", help="Only this stream or aggregate, repeatable.")
@click.option("--after", type=click.IntRange(0), default=0, show_default=True, metavar="POSITION", help="Begin behind.")
@click.option("--to", type=click.IntRange(1), metavar="POSITION", help="End with this position.")
@click.option("--since", callback=_instant, metavar="TIME", help="Only what was recorded at or after this instant.")
@click.option("--until", callback=_instant, metavar="TIME", help="Only what was recorded up to this instant.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "--internal", is_flag=True, help="Straight from the log, with every stored column; not the public events."
)
@click.option("--export", type=click.File("wb"), metavar="FILE", help="Write JSON Lines there; - for standard output.")
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    types: tuple[str, ...],
    streams: tuple[str, ...],
    after: int,
    to: int | None,
    since: datetime | None,
    until: datetime | None,
    export: BinaryIO | None,
    *,
    follow: bool,
    internal: bool,
) -> None:
    """List an organization's public events, as integrators get them; with --internal the log's own.

    Positions are public positions, or the log's with --internal. A line each for people; whole as JSON Lines with
    --export. A stream is named like `ledger-0193…`, an aggregate like `session`.

    \b
    Examples:
      consign events --type ItemSold --follow
      consign events --internal --stream ledger --since 2026-11-21T14:00:00Z
      consign events --internal --export events.jsonl
    """
    from consign.cli.running import run

    wanted = Filter(types, streams, after, to, since, until)
    show = _exporting(export) if export is not None else click.echo
    source = (
        _internal(data_directory, organization, wanted, follow=follow, exporting=export is not None)
        if internal
        else _public(data_directory, url, token, organization, wanted, follow=follow, exporting=export is not None)
    )

    async def shown() -> None:
        async with aclosing(source):
            async for line in source:
                show(line)

    try:
        run(shown())
    except Interrupted:
        if not follow:
            raise


def _exporting(file: BinaryIO) -> Callable[[str], None]:
    def write(line: str) -> None:
        file.write(f"{line}\n".encode())
        file.flush()

    return write


async def _internal(
    data_directory: Path, organization: str, wanted: Filter, *, follow: bool, exporting: bool
) -> AsyncGenerator[str]:
    from consign.actors.ports import UnknownOrganization
    from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
    from consign.cli.place import opened

    async with opened(data_directory) as place:
        pool = ProjectorPool(place.database.projector)
        store = PostgresProjectionStore(pool)
        try:
            if await store.head(organization) is None:
                raise UnknownOrganization(f"there is no organization {organization}")
            position = wanted.after
            while True:
                page = await store.read(organization, position, _PAGE_EVENTS)
                for stored in page:
                    if wanted.ends_before(stored.position, stored.recorded_at):
                        return
                    if wanted.wants(stored.type, stored.stream, stored.recorded_at):
                        yield _whole(stored) if exporting else _line(stored)
                if page:
                    position = page[-1].position
                elif not follow:
                    return
                else:
                    await asyncio.sleep(_POLL_S)
        finally:
            await pool.close()


async def _public(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    wanted: Filter,
    *,
    follow: bool,
    exporting: bool,
) -> AsyncGenerator[str]:
    import msgspec

    from consign.cli.asking import asking
    from consign.client import PAGE_ROWS

    async with asking(data_directory, url, token, organization, "integrator") as client:
        position = wanted.after
        while True:
            page = (await client.get("/events", after=position, limit=PAGE_ROWS))["items"]
            for event in page:
                recorded_at = datetime.fromisoformat(event["time"])
                if wanted.ends_before(event["publicposition"], recorded_at):
                    return
                if wanted.wants(event["type"], event["subject"], recorded_at):
                    yield msgspec.json.encode(event).decode() if exporting else _public_line(event)
            if page:
                position = page[-1]["publicposition"]
            elif not follow:
                return
            else:
                await asyncio.sleep(_POLL_S)


def _line(stored: "StoredEvent") -> str:
    when = stored.recorded_at.isoformat(timespec="milliseconds")
    where = f"{stored.stream} v{stored.version}"
    return f"{stored.position:>8}  {when}  {stored.type:<24} {where}  {stored.account_id}  {stored.data.decode()}"


def _public_line(event: dict[str, Any]) -> str:
    import msgspec

    data = msgspec.json.encode(event["data"]).decode()
    return f"{event['publicposition']:>8}  {event['time']}  {event['type']:<24} {event['subject']}  {data}"


def _whole(stored: "StoredEvent") -> str:
    """Return every stored column; the payload as it is stored, the hash in hexadecimal digits."""
    import msgspec

    columns: dict[str, Any] = {name: getattr(stored, name) for name in stored.__struct_fields__}
    columns["data"] = msgspec.Raw(stored.data)
    columns["meta"] = msgspec.Raw(stored.meta.encode())
    columns["hash"] = stored.hash.hex()
    return msgspec.json.encode(columns).decode()
