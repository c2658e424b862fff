"""`consign replay`: how things stood."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import data_directory, organization

if TYPE_CHECKING:
    from consign.adapters.postgres.history import PostgresHistory
    from consign.projections.history import ReadModelHistory, StreamHistory, Until

_PAGE_EVENTS = 2000


class Moment(NamedTuple):
    """A position, or a time; without a zone the time is meant where the organization is."""

    position: int | None = None
    at: datetime | None = None


class _MomentType(click.ParamType[Moment]):
    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        if isinstance(value, Moment):
            return value
        if value.isdigit():
            return Moment(position=int(value))
        try:
            return Moment(at=datetime.fromisoformat(value))
        except ValueError:
            self.fail(f"{value!r} is neither a position nor a time such as 2026-11-21T14:05", param, ctx)


@click.command("replay")
@data_directory
@organization
@click.option("--position", type=click.IntRange(1), metavar="POSITION", help="As it was at this position of the log.")
@click.option(
    "--at", type=_MomentType(), metavar="TIME", help="As it was then; without an offset in the organization's zone."
)
@click.option(
    "--diff", type=_MomentType(), metavar="MOMENT", help="Show instead what changed since this position or time."
)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Rows or differences to show.")
@click.argument("what", metavar="STREAM|READ_MODEL")
def command(
    data_directory: Path,
    organization: str,
    what: str,
    position: int | None,
    at: Moment | None,
    diff: Moment | None,
    limit: int,
) -> None:
    """Show a stream or a read model as it was, as JSON, by folding the log anew.

    A stream is named `<aggregate>-<id>`, as `consign events --internal` shows it. Commands count whole or not at all.

    \b
    Examples:
      consign replay books --at 2026-11-21T14:05
      consign replay ledger-0193e4c2-7a10-7000-8000-00000000da1e --position 400
      consign replay items --diff 400 --position 450
    """
    from consign.cli.running import run

    if at is not None and at.at is None:
        raise click.UsageError("--at takes a time; a position goes with --position")
    moment = Moment(position, at.at if at is not None else None)
    run(_replay(data_directory, organization, what, moment, diff, limit))


async def _replay(
    data_directory: Path, organization: str, what: str, moment: Moment, since: Moment | None, limit: int
) -> None:
    import msgspec

    from consign.actors.ports import UnknownOrganization
    from consign.adapters.postgres.history import PostgresHistory
    from consign.cli.place import opened

    async with opened(data_directory) as place:
        log = PostgresHistory(place.database.reader)
        try:
            head = await log.head(organization)
            if head is None:
                raise UnknownOrganization(f"there is no organization {organization}")
            for each in (moment, since):
                if each is not None and each.position is not None and each.position > head.position:
                    raise Failure(f"the log ends at position {head.position}", PROBLEM)
            answer = await _Replay(log, organization, limit).answer(what, moment, since)
        finally:
            await log.close()
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


class _Replay:
    """Folds one organization's log; shows at most `limit` rows of a table, or differences."""

    def __init__(self, log: "PostgresHistory", organization: str, limit: int) -> None:
        self._log = log
        self._organization = organization
        self._limit = limit

    async def answer(self, what: str, moment: Moment, since: Moment | None) -> Any:
        """Return what there is to show."""
        from consign.projections.registry import PROJECTIONS

        if what in {projection.name for projection in PROJECTIONS}:
            return await self._of_read_model(what, moment, since)
        if "-" not in what:
            names = ", ".join(projection.name for projection in PROJECTIONS)
            raise click.UsageError(f"{what} is neither a stream nor a read model; read models are {names}")
        return await self._of_stream(what, moment, since)

    async def _of_stream(self, stream: str, moment: Moment, since: Moment | None) -> Any:
        from consign.actors.bites import bitten
        from consign.projections.history import differing_fields, render

        after = await self._stream(stream, moment)
        if since is None:
            if not after.version:
                raise Failure(f"there was no stream {stream} then", PROBLEM)
            return {
                "stream": stream,
                "position": after.position,
                "version": after.version,
                "state": render(after.state),
            }
        before = await self._stream(stream, since)
        changes = await bitten(differing_fields(before.state, after.state, self._limit))
        return {"stream": stream, "from": before.position, "to": after.position, "changes": changes}

    async def _of_read_model(self, name: str, moment: Moment, since: Moment | None) -> Any:
        from consign.actors.bites import bitten
        from consign.projections.history import differing_rows, render

        after = await self._read_model(name, moment)
        if since is None:
            tables = {table: self._first(rows) for table, rows in after.tables().items()}
            return {"read_model": name, "position": after.position, "tables": render(tables)}
        before = await self._read_model(name, since)
        difference = await bitten(differing_rows(before.tables(), after.tables(), self._limit))
        return {"read_model": name, "from": before.position, "to": after.position, "difference": difference}

    def _first(self, rows: Any) -> Sequence[Any]:
        return [rows[key] for key in sorted(rows)[: self._limit]]

    async def _stream(self, stream: str, moment: Moment) -> "StreamHistory":
        from consign.domain.business import CONSIGN
        from consign.domain.recorded import aggregate_of
        from consign.projections.history import StreamHistory

        try:
            history = StreamHistory(CONSIGN, stream, await self._until(moment))
        except (KeyError, ValueError):
            raise Failure(f"there are no streams of an aggregate {aggregate_of(stream)}", PROBLEM) from None
        while page := await self._log.read_stream(self._organization, stream, history.version, _PAGE_EVENTS):
            if not history.feed(page):
                break
        return history

    async def _read_model(self, name: str, moment: Moment) -> "ReadModelHistory":
        from consign.domain.business import CONSIGN
        from consign.projections.history import ReadModelHistory
        from consign.projections.registry import projection_named

        history = ReadModelHistory(projection_named(name), CONSIGN.decode_event, await self._until(moment))
        while page := await self._log.read(self._organization, history.position, _PAGE_EVENTS):
            if not history.feed(page):
                break
        return history

    async def _until(self, moment: Moment) -> "Until":
        from consign.projections.history import Until

        at = moment.at
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=await self._zone())
        return Until(moment.position, at)

    async def _zone(self) -> ZoneInfo:
        """Return where the organization is: its log says so in its first event."""
        from consign.domain.business import CONSIGN
        from consign.domain.organization import OrganizationFounded

        for stored in await self._log.read(self._organization, 0, 1):
            event = CONSIGN.decode_event(stored)
            if isinstance(event, OrganizationFounded):
                return ZoneInfo(event.time_zone)
        return ZoneInfo("UTC")
