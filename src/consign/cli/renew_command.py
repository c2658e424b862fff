"""`consign renew`: after a restore, give the logs a new identity."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import data_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consign.adapters.postgres.renewal import RenewedLog


@click.command("renew")
@data_directory
@click.option("--organization", "-o", "organizations", multiple=True, metavar="SLUG", help="Only this one; repeatable.")
@click.option(
    "--resume-publishing",
    is_flag=True,
    help="Go on publishing for integrators, though they may know events that are gone.",
)
@click.option(
    "--erasures",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A further list of people who were forgotten, of another machine; repeatable.",
)
def command(
    data_directory: Path, organizations: tuple[str, ...], lists: tuple[Path, ...], *, resume_publishing: bool
) -> None:
    """Give restored logs a new identity, so that nothing goes on from what no longer happened.

    Run it after Postgres was set back to an earlier moment (a backup, a failover that lost commits), before the service
    starts. Whoever was forgotten since is forgotten again, by the list that is kept outside the database. Read models
    then stand still until `consign rebuild`; a running service mends the copy in JetStream; public events wait unless
    told otherwise.

    \b
    Examples:
      consign renew && consign rebuild
      consign renew -o demo --resume-publishing
    """
    from consign.cli.running import run

    renewed, brought_back = run(_renewed(data_directory, organizations, lists, resume=resume_publishing))
    for log in renewed:
        click.echo(f"{log.organization_id}: {log.before} -> {log.log_id} at position {log.position}")
    click.echo(f"people forgotten again: {brought_back}")
    if missing := sorted(set(organizations) - {log.organization_id for log in renewed}):
        raise Failure(f"there is no organization {', '.join(missing)}", PROBLEM)


async def _renewed(
    data_directory: Path, organizations: tuple[str, ...], lists: tuple[Path, ...], *, resume: bool
) -> "tuple[Sequence[RenewedLog], int]":
    import asyncpg

    from consign.adapters.erasures import ErasureList
    from consign.adapters.postgres.renewal import renew_logs, resume_publishing
    from consign.adapters.postgres.vault import destroy_keys
    from consign.cli.place import opened
    from consign.settings import settings_from

    kept = settings_from(data_directory=data_directory).erasures
    async with opened(data_directory) as place:
        writer = await asyncpg.connect(place.database.writer)
        try:
            brought_back = 0
            for path in (kept, *lists):
                brought_back += await destroy_keys(writer, ErasureList(path))
            renewed = await renew_logs(writer, organizations)
        finally:
            await writer.close()
        if resume:
            projector = await asyncpg.connect(place.database.projector)
            try:
                await resume_publishing(projector, organizations)
            finally:
                await projector.close()
    return renewed, brought_back
