"""Builds a read model anew beside the one that serves, compares the two at one position, and swaps them.

It reads the log in bulk and writes through the same lanes as the runner, so it builds what the runner would have built.
Nothing but the read model changes: no message is sent and no effect fires.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog
from msgspec import Struct

from consign.actors.ports import LogError
from consign.actors.runner_lane import Lane
from consign.actors.runner_organization import first_checkpoint
from consign.actors.runner_ports import Checkpoint, DecodeEvent, LogReader, ProjectionStore, RowRefused
from consign.actors.runner_window import Batch, Entry, whole_commands
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Projection

PAGE_EVENTS = 2000
CACHED_ROWS_MAX = 200_000
_CATCH_UPS_MAX = 20

_logger = structlog.get_logger(__name__)


class RebuildFailed(LogError):
    """The new read model cannot be built; the old one serves on."""


class TableDifference(Struct, frozen=True):
    """How the new filling of a table differs from the old one, in rows; columns that only one has are not compared."""

    table: str
    same: int = 0
    changed: int = 0
    only_old: int = 0
    only_new: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return not (self.changed or self.only_old or self.only_new)


class RebuildReport(Struct, frozen=True):
    """What a rebuild did. `differences` were found at `compared_at`; None: there was nothing to compare with."""

    organization_id: str
    projection: str
    version: int
    position: int
    events: int
    compared_at: int | None
    differences: Sequence[TableDifference]


class OldSnapshot(Protocol):
    """The serving read model as it was at one moment."""

    @property
    def position(self) -> int:
        """The position it was at."""
        ...

    async def compare(self, projection: Projection, new: Checkpoint) -> Sequence[TableDifference]:
        """Compare with the new filling, which is at the same position."""
        ...


class HeldSwap(Protocol):
    """The serving read model, kept from moving on."""

    @property
    def position(self) -> int:
        """The position it is at."""
        ...

    async def swap(self, new: Checkpoint) -> None:
        """Let the new filling serve in its place."""
        ...


class RebuildStore(ProjectionStore, Protocol):
    """Fillings of a read model beside each other. Every method may raise `LogUnavailable`."""

    async def reset(self, checkpoint: Checkpoint, projection: Projection) -> Checkpoint:
        """Empty this filling of the organization's read model and return its first checkpoint."""
        ...

    def snapshot(self, old: Checkpoint) -> AbstractAsyncContextManager[OldSnapshot]:
        """Look at the serving read model as it is now, for as long as the context is open."""
        ...

    def hold(self, old: Checkpoint) -> AbstractAsyncContextManager[HeldSwap]:
        """Keep the serving read model from moving on for as long as the context is open."""
        ...

    async def serve(self, new: Checkpoint) -> None:
        """Let a filling serve an organization that had none."""
        ...

    async def discard(self, old: Checkpoint, projection: Projection) -> None:
        """Delete the rows of a filling that serves no more."""
        ...


type Progress = Callable[[int, int], None]
"""Called with the position reached and the position to reach."""


class Rebuilder:
    """Builds read models anew, one organization and projection a call."""

    def __init__(self, *, store: RebuildStore, log: LogReader, decode: DecodeEvent) -> None:
        self._store = store
        self._log = log
        self._decode = decode

    async def rebuild(
        self, organization_id: str, projection: Projection, *, progress: Progress | None = None
    ) -> RebuildReport:
        """Build, compare, swap; raises RebuildFailed and LogUnavailable, and then the old read model serves on.

        The tables of `new_build` must exist.
        """
        head = await self._log.head(organization_id)
        if head is None:
            raise RebuildFailed(f"{organization_id} has no log")
        old = await self.serving(organization_id, projection.name)
        begin = first_checkpoint(organization_id, projection, head.log_id)
        building = Checkpoint(
            *(organization_id, projection.name, projection.version, new_build(old, projection), False, "building"),
            *(begin.position, begin.log_id, begin.hash),
        )
        building = await self._store.reset(building, projection)
        lane = Lane(projection, building, self._store, cached_rows_max=CACHED_ROWS_MAX)
        filling = _Filling(lane, self._store, self._log, self._decode, progress or _say_nothing)
        compared_at: int | None = None
        differences: Sequence[TableDifference] = ()
        if old is not None and old.log_id == head.log_id and old.position <= head.position:
            await filling.fill(old.position, of=head.position)
            async with self._store.snapshot(old) as snapshot:
                await filling.fill(snapshot.position, of=max(head.position, snapshot.position))
                compared_at = snapshot.position
                differences = await snapshot.compare(projection, lane.checkpoint)
        await self._catch_up(filling, organization_id)
        await self._swap(filling, old)
        report = RebuildReport(
            *(organization_id, projection.name, projection.version, lane.checkpoint.position),
            *(filling.events, compared_at, differences),
        )
        _logger.info("read model rebuilt", report=report)
        return report

    async def upgrade(self, organization_id: str, projection: Projection) -> bool:
        """Rebuild, as the runner asks for it; return whether the new version serves. Raises LogUnavailable."""
        try:
            await self.rebuild(organization_id, projection)
        except RebuildFailed:
            _logger.exception("upgrade failed", organization=organization_id, projection=projection.name)
            return False
        return True

    async def serving(self, organization_id: str, name: str) -> Checkpoint | None:
        """Return the checkpoint of the read model that serves."""
        for checkpoint in await self._store.checkpoints(organization_id):
            if checkpoint.name == name and checkpoint.serving:
                return checkpoint
        return None

    async def _catch_up(self, filling: "_Filling", organization_id: str) -> None:
        """Fill up to the end of the log, which may go on growing."""
        for _ in range(_CATCH_UPS_MAX):
            head = await self._log.head(organization_id)
            if head is None or head.position == filling.lane.checkpoint.position:
                return
            await filling.fill(head.position, of=head.position)

    async def _swap(self, filling: "_Filling", old: Checkpoint | None) -> None:
        if old is None:
            await self._store.serve(filling.lane.checkpoint)
            return
        async with self._store.hold(old) as held:
            if old.log_id == filling.lane.checkpoint.log_id:
                await filling.fill(held.position, of=held.position)
            await held.swap(filling.lane.checkpoint)
        await self._store.discard(old, filling.lane.projection)


class _Filling:
    """One lane on its way through the log, the next page read while this one is written."""

    def __init__(
        self, lane: Lane, store: ProjectionStore, log: LogReader, decode: DecodeEvent, progress: Progress
    ) -> None:
        self.lane = lane
        self.events = 0
        self._store = store
        self._log = log
        self._decode = decode
        self._progress = progress

    async def fill(self, until: int, *, of: int) -> None:
        """Take whole commands up to position `until`, where one ends."""
        waiting: list[Entry] = []
        read_up_to = self.lane.checkpoint.position
        page = asyncio.create_task(self._read(read_up_to, until))
        try:
            while self.lane.checkpoint.position < until:
                events = await page
                if not events:
                    raise RebuildFailed(f"the log ends before position {until}")
                read_up_to = events[-1].position
                page = asyncio.create_task(self._read(read_up_to, until))
                waiting.extend(Entry(event, self._decode) for event in events)
                while entries := whole_commands(waiting, len(waiting)):
                    waiting = waiting[len(entries) :]
                    await self._step(entries)
                    self._progress(self.lane.checkpoint.position, of)
        finally:
            page.cancel()
            await asyncio.wait([page])

    async def _read(self, after: int, until: int) -> Sequence[StoredEvent]:
        if after >= until:
            return ()
        return await self._log.read(self.lane.checkpoint.organization_id, after, min(PAGE_EVENTS, until - after))

    async def _step(self, entries: Sequence[Entry]) -> None:
        checkpoint = self.lane.checkpoint
        plan = await self.lane.plan(Batch(checkpoint.log_id, checkpoint.hash, entries))
        if plan.poison is not None:
            raise RebuildFailed(f"event {plan.poison.stored.position}: {plan.poison.error}")
        assert plan.step is not None, "there are entries and none is poison"
        try:
            moved = await self._store.step(checkpoint.organization_id, [plan.step])
        except RowRefused as error:
            first, last = entries[0].stored.position, entries[-1].stored.position
            raise RebuildFailed(f"events {first} to {last}: {error}") from error
        if not moved:
            raise RebuildFailed("somebody else builds this read model")
        self.lane.stepped(plan.step)
        self.events += len(entries)


def new_build(old: Checkpoint | None, projection: Projection) -> int:
    """Return the filling to build beside the one that serves: version 2 beside version 1, or the other of a version."""
    if old is None or old.version != projection.version:
        return 0
    return 1 - old.build


def _say_nothing(_position: int, _of: int) -> None:
    return
