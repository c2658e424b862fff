"""`consign verify`: prove that everything agrees with the log."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from consign.cli.verification import Checkpoint, Result

_NATS_LIMIT_S = 10.0
_RELAY_LIMIT_S = 10.0


class _CheckpointType(click.ParamType["Checkpoint"]):
    name = "checkpoint"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Checkpoint":
        from consign.cli.verification import Checkpoint

        found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", value)
        if found is None:
            self.fail(f"{value!r} is no checkpoint such as --checkpoint prints", param, ctx)
        return Checkpoint(int(found[1]), bytes.fromhex(found[2]))


class _Wanted(NamedTuple):
    """What to verify: no organizations are all of them."""

    organizations: tuple[str, ...]
    against: "Checkpoint | None"
    checkpoints: bool
    with_copy: bool


@click.command("verify")
@data_directory
@click.option("--organization", "-o", "organizations", multiple=True, metavar="SLUG", help="Only this one; repeatable.")
@click.option("--against", type=_CheckpointType(), metavar="POSITION:HASH", help="Hold the log to a checkpoint.")
@click.option("--checkpoint", "checkpoints", is_flag=True, help="Print a checkpoint of each log that is in order.")
@click.option("--no-copy", is_flag=True, help="Leave the JetStream copy out, for instance while NATS is down.")
def command(
    data_directory: Path,
    organizations: tuple[str, ...],
    against: "Checkpoint | None",
    *,
    checkpoints: bool,
    no_copy: bool,
) -> None:
    """Prove that log, books, read models, public events and the JetStream copy agree; a line each, with figures.

    Reads only; nothing is mended (`consign serve` mends the copy by itself, `consign rebuild` a read model). All checks
    run; the exit code is 1 when any of them found a problem.

    Whoever can change the database can reckon a whole chain of hashes anew. A checkpoint that somebody keeps elsewhere
    (on paper, in another's hands) shows that: --checkpoint prints one, --against holds the log of one organization to
    it.

    \b
    Examples:
      consign verify
      consign verify -o demo --checkpoint
      consign verify -o demo --against 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      consign verify -o demo --data-directory /srv/consign
    """
    from consign.cli.running import run

    if against is not None and len(organizations) != 1:
        raise click.UsageError("--against is a checkpoint of one organization: name it by --organization.")
    wanted = _Wanted(organizations, against, checkpoints, not no_copy)
    found = run(_verify(data_directory, wanted))
    if found:
        raise Failure(f"{found} of the checks found problems", PROBLEM)


async def _verify(data_directory: Path, wanted: _Wanted) -> int:
    """Check every organization; return how many checks found a problem."""
    from rich.console import Console

    from consign.actors.ownership import SLICES
    from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
    from consign.adapters.postgres.queries import PostgresReadModels
    from consign.cli.place import opened
    from consign.cli.verification import Checkpoint

    console = Console(highlight=False)
    failed = 0
    async with opened(data_directory) as place:
        pool = ProjectorPool(place.database.projector)
        models = PostgresReadModels(place.database.reader)
        store = PostgresProjectionStore(pool)
        try:
            known = sorted(each.organization_id for each in await store.positions(frozenset(range(SLICES))))
            for missing in sorted(set(wanted.organizations) - set(known)):
                raise Failure(f"there is no organization {missing}", PROBLEM)
            async with _auditing(place, pool, with_copy=wanted.with_copy) as copies:
                for organization in wanted.organizations or known:
                    head = await store.head(organization)
                    assert head is not None
                    problems = await _organization(console, head, store, models, copies, wanted.against)
                    if wanted.checkpoints and not problems:
                        console.print(f"  checkpoint {Checkpoint(head.position, head.hash)}", soft_wrap=True)
                    failed += problems
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
    against: "Checkpoint | None",
) -> int:
    """Run every check on one organization; return how many found a problem."""
    from consign.cli.progress import counting
    from consign.cli.verification import (
        UNREADABLE,
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
        results = await checked_log(store, head, Chain(against), (Numbering(), Balance()), advance)
        failed += sum(_told(console, result) for result in results)
        if head.position and all(result.name != UNREADABLE for result in results):
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
