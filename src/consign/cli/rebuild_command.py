"""`consign rebuild`: build read models anew from the log."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import data_directory

if TYPE_CHECKING:
    from consign.actors.rebuild import RebuildReport


@click.command("rebuild")
@data_directory
@click.option("--organization", "-o", "organizations", multiple=True, metavar="SLUG", help="Only this one; repeatable.")
@click.argument("read_models", nargs=-1, metavar="[READ_MODEL]...")
def command(data_directory: Path, organizations: tuple[str, ...], read_models: tuple[str, ...]) -> None:
    """Build read models anew beside the ones that serve, compare the two at one position, and swap them.

    The old one serves until the swap; no message is sent and nothing takes effect again. Without arguments every read
    model of every organization is rebuilt. Differences are reported and do not hold up the swap; the exit code is then
    1, because the old rows were not what the log says. Tables of older versions that no organization uses any more are
    dropped at the end.

    \b
    Examples:
      consign rebuild
      consign rebuild items books -o demo
    """
    from consign.cli.running import run
    from consign.projections.registry import PROJECTIONS, projection_named

    known = {projection.name for projection in PROJECTIONS}
    if unknown := sorted(set(read_models) - known):
        raise click.UsageError(f"there is no read model {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    names = [projection_named(name).name for name in read_models or [projection.name for projection in PROJECTIONS]]
    differing = run(_rebuild(data_directory, organizations, names))
    if differing:
        raise Failure(f"{differing} read models differed from the log; what serves now does not", PROBLEM)


async def _rebuild(data_directory: Path, organizations: tuple[str, ...], names: list[str]) -> int:
    """Rebuild one after another; return how many differed."""
    import asyncpg

    from consign.actors.ownership import SLICES
    from consign.actors.rebuild import Rebuilder
    from consign.adapters.postgres.projection_store import ProjectorPool
    from consign.adapters.postgres.projection_store_rebuild import PostgresRebuildStore
    from consign.adapters.postgres.projection_tables import drop_unused_tables, ensure_tables
    from consign.cli.place import opened
    from consign.cli.progress import counting
    from consign.domain.business import CONSIGN
    from consign.projections.registry import PROJECTIONS, projection_named

    differing = 0
    async with opened(data_directory) as place:
        connection = await asyncpg.connect(place.database.administrator)
        try:
            await ensure_tables(connection, PROJECTIONS, builds=(0, 1))
        finally:
            await connection.close()
        pool = ProjectorPool(place.database.projector)
        store = PostgresRebuildStore(pool)
        rebuilder = Rebuilder(store=store, log=store, decode=CONSIGN.decode_event)
        try:
            known = sorted(each.organization_id for each in await store.positions(frozenset(range(SLICES))))
            for missing in sorted(set(organizations) - set(known)):
                raise Failure(f"there is no organization {missing}", PROBLEM)
            for organization in organizations or known:
                for name in names:
                    with counting(f"{organization} {name}", None, "events") as advance:
                        reached = 0

                        def progress(position: int, of: int) -> None:
                            nonlocal reached
                            del of
                            advance(position - reached)
                            reached = position

                        report = await rebuilder.rebuild(organization, projection_named(name), progress=progress)
                    differing += _told(report)
        finally:
            await pool.close()
        connection = await asyncpg.connect(place.database.administrator)
        try:
            for table in await drop_unused_tables(connection, PROJECTIONS):
                click.echo(f"dropped {table}: no organization uses it any more")
        finally:
            await connection.close()
    return differing


def _told(report: "RebuildReport") -> bool:
    what = f"{report.organization_id} {report.projection} v{report.version}"
    click.echo(f"{what}: {report.events} events up to position {report.position}, {_comparison(report)}")
    differences = [each for each in report.differences if not each.is_equal]
    for each in differences:
        click.echo(f"  {each.table}: {each.changed} rows changed, {each.only_old} gone, {each.only_new} new")
    return bool(differences)


def _comparison(report: "RebuildReport") -> str:
    if report.compared_at is None:
        return "nothing to compare with"
    rows = sum(each.same for each in report.differences)
    return f"{rows} rows the same as before at position {report.compared_at}"
