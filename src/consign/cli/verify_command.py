"""`consign verify`: prove that everything agrees with the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import data_directory

if TYPE_CHECKING:
    from rich.console import Console

    from consign.actors.audit import Audit, RelayedPositions
    from consign.actors.ports import Head
    from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
    from consign.adapters.postgres.queries import PostgresReadModels
    from consign.cli.place import Place
    from consign.cli.verification import Result

_NATS_LIMIT_S = 10.0
_RELAY_LIMIT_S = 10.0


@click.command("verify")
@data_directory
@click.option("--organization", "-o", "organizations", multiple=True, metavar="SLUG", help="Only this one; repeatable.")
@click.option("--no-copy", is_flag=True, help="Leave the JetStream copy out, for instance while NATS is down.")
def command(data_directory: Path, organizations: tuple[str, ...], *, no_copy: bool) -> None:
    """Prove that log, books, read models, public events and the JetStream copy agree; a line each, with figures.

    Reads only; nothing is mended (`consign serve` mends the copy by itself, `consign rebuild` a read model). All checks
    run; the exit code is 1 when any of them found a problem.

    \b
    Examples:
      consign verify
      consign verify -o demo --data-directory /srv/consign
    """
    from consign.cli.running import run

    found = run(_verify(data_directory, organizations, with_copy=not no_copy))
    if found:
        raise Failure(f"{found} of the checks found problems", PROBLEM)


async def _verify(data_directory: Path, organizations: tuple[str, ...], *, with_copy: bool) -> int:
    """Check every organization; return how many checks found a problem."""
    from rich.console import Console

    from consign.actors.ownership import SLICES
    from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
    from consign.adapters.postgres.queries import PostgresReadModels
    from consign.cli.place import opened

    console = Console(highlight=False)
    failed = 0
    async with opened(data_directory) as place:
        pool = ProjectorPool(place.database.projector)
        models = PostgresReadModels(place.database.reader)
        store = PostgresProjectionStore(pool)
        try:
            known = sorted(each.organization_id for each in await store.positions(frozenset(range(SLICES))))
            for missing in sorted(set(organizations) - set(known)):
                raise Failure(f"there is no organization {missing}", PROBLEM)
            async with _auditing(place, pool, with_copy=with_copy) as copies:
                for organization in organizations or known:
                    head = await store.head(organization)
                    assert head is not None
                    failed += await _organization(console, head, store, models, copies)
        finally:
            await models.close()
            await pool.close()
    return failed


async def _organization(
    console: "Console",
    head: "Head",
    store: "PostgresProjectionStore",
    models: "PostgresReadModels",
    copies: "_Copies | None",
) -> int:
    """Run every check on one organization; return how many found a problem."""
    from consign.cli.progress import counting
    from consign.cli.verification import (
        Balance,
        Chain,
        Numbering,
        checked_copy,
        checked_log,
        checked_public_positions,
        checked_read_model,
    )
    from consign.projections.public_events import PUBLIC_EVENTS
    from consign.projections.registry import PROJECTIONS

    console.print(f"[bold]{head.organization_id}[/bold] at position {head.position}, log {head.log_id}")
    failed = 0
    total = head.position * (1 + len(PROJECTIONS))
    with counting(f"verifying {head.organization_id}", total, "events") as advance:
        for result in await checked_log(store, head, (Chain(), Numbering(), Balance()), advance):
            failed += _told(console, result)
        if head.position:
            for projection in PROJECTIONS:
                failed += _told(console, await checked_read_model(store, models, projection, head, advance))
            failed += _told(console, await checked_public_positions(models, PUBLIC_EVENTS, head.organization_id))
            if copies is not None:
                copy = await checked_copy(copies.audit, copies.positions, head, patience_s=copies.patience_s)
                failed += _told(console, copy)
    return failed


def _told(console: "Console", result: "Result") -> int:
    from consign.cli.verification import PROBLEMS_SHOWN

    mark = "[red]FAILED[/red]" if result.problems else "[green]ok[/green]    "
    console.print(f"  {mark} {result.name}: {result.figures}")
    for problem in result.problems[:PROBLEMS_SHOWN]:
        console.print(f"         {problem}", markup=False)
    if len(result.problems) > PROBLEMS_SHOWN:
        console.print(f"         and {len(result.problems) - PROBLEMS_SHOWN} more")
    return bool(result.problems)


class _Copies(NamedTuple):
    """What compares the JetStream copy, how far it is known to reach, and how long to wait for the relay."""

    audit: "Audit"
    positions: "RelayedPositions"
    patience_s: float


@asynccontextmanager
async def _auditing(place: "Place", pool: "ProjectorPool", *, with_copy: bool) -> AsyncIterator[_Copies | None]:
    if not with_copy:
        yield None
        return
    import asyncio

    from consign.actors.audit import Audit
    from consign.actors.ownership import SLICES
    from consign.adapters.nats.commit_stream import NatsCommitStream
    from consign.adapters.nats.connection import NatsConnection
    from consign.adapters.postgres.projection_progress import PostgresRelayProgress
    from consign.adapters.postgres.projection_store import PostgresProjectionStore

    everything = frozenset(range(SLICES))
    connection = NatsConnection(place.nats_url, name="consign-verify")
    stream = NatsCommitStream(connection)
    progress = PostgresRelayProgress(pool)
    audit = Audit(
        stream=stream,
        copy=stream,
        log=PostgresProjectionStore(pool),
        positions=progress,
        served=lambda: everything,
    )
    async with asyncio.TaskGroup() as tasks:
        connecting = tasks.create_task(connection.run())
        await connection.wait_connected(_NATS_LIMIT_S)
        yield _Copies(audit, progress, _RELAY_LIMIT_S if place.is_served else 0.0)
        connecting.cancel()
