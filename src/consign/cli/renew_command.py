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
def command(data_directory: Path, organizations: tuple[str, ...], *, resume_publishing: bool) -> None:
    """Give restored logs a new identity, so that nothing goes on from what no longer happened.

    Run it after Postgres was set back to an earlier moment (a backup, a failover that lost commits), before the service
    starts. Read models then stand still until `consign rebuild`; a running service mends the copy in JetStream; public
    events wait unless told otherwise.

    \b
    Examples:
      consign renew && consign rebuild
      consign renew -o demo --resume-publishing
    """
    from consign.cli.running import run

    renewed = run(_renewed(data_directory, organizations, resume=resume_publishing))
    for log in renewed:
        click.echo(f"{log.organization_id}: {log.before} -> {log.log_id} at position {log.position}")
    if missing := sorted(set(organizations) - {log.organization_id for log in renewed}):
        raise Failure(f"there is no organization {', '.join(missing)}", PROBLEM)


async def _renewed(data_directory: Path, organizations: tuple[str, ...], *, resume: bool) -> "Sequence[RenewedLog]":
    import asyncpg

    from consign.adapters.postgres.renewal import renew_logs, resume_publishing
    from consign.cli.place import opened

    async with opened(data_directory) as place:
        writer = await asyncpg.connect(place.database.writer)
        try:
            renewed = await renew_logs(writer, organizations)
        finally:
            await writer.close()
        if resume:
            projector = await asyncpg.connect(place.database.projector)
            try:
                await resume_publishing(projector, organizations)
            finally:
                await projector.close()
    return renewed
