"""All projections of one organization: those at the same position take each batch together, in one transaction."""

import asyncio
from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog
from msgspec import Struct

from consign.actors.chain import GENESIS
from consign.actors.runner_changes import Change, ChangeFeed
from consign.actors.runner_lane import Lane, Plan
from consign.actors.runner_ports import (
    Checkpoint,
    DecodeEvent,
    LogReader,
    ProjectionStore,
    RowRefused,
    Status,
    Step,
    TablesUnavailable,
)
from consign.actors.runner_retries import Retries
from consign.actors.runner_window import Batch, Entry, Window, whole_commands
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Projection

_logger = structlog.get_logger(__name__)


class BatchLimits(Struct, frozen=True):
    """How many events one step takes: few when following live, so that other work is not held up."""

    window_events_max: int = 2000
    step_events_max: int = 250


class OrganizationRunner:
    """Keeps one organization's read models. `advance` is called by one task at a time; `offer` at any moment."""

    def __init__(
        self,
        organization_id: str,
        projections: Sequence[Projection],
        store: ProjectionStore,
        log: LogReader,
        decode: DecodeEvent,
        changes: ChangeFeed,
        limits: BatchLimits,
        retries: Retries,
    ) -> None:
        self.organization_id = organization_id
        self._projections = projections
        self._store = store
        self._log = log
        self._decode = decode
        self._changes = changes
        self._limits = limits
        self._retries = retries
        self._window = Window(decode, events_max=limits.window_events_max)
        self._lanes: list[Lane] | None = None
        self._reload_requested = False
        self._said: tuple[UUID, int] | None = None
        self._outdated: list[Projection] = []

    def offer(self, log_id: UUID, previous_hash: bytes, events: Sequence[StoredEvent]) -> bool:
        """Take events as they were committed or arrived; return whether there was anything new."""
        new = self._window.offer(log_id, previous_hash, events)
        if new:
            self.notice(log_id, events[-1].position)
        return new

    def holds(self, log_id: str, position: int) -> bool:
        """Return whether events up to this position were offered already."""
        return self._window.holds(log_id, position)

    def notice(self, log_id: UUID, position: int) -> None:
        """Take note that the log is said to reach `position`: whatever is not held is then read from it."""
        self._said = (log_id, position)

    def forget(self) -> None:
        """Load the checkpoints again before the next step; not to be called while `advance` runs."""
        self._lanes = None

    def request_reload(self) -> None:
        """Have the next `advance` load the checkpoints again."""
        self._reload_requested = True

    def take_outdated(self) -> Sequence[Projection]:
        """Return, once, the projections of which an older version serves this organization."""
        outdated, self._outdated = self._outdated, []
        return outdated

    @property
    def halted(self) -> Sequence[Status]:
        """Why projections stand still here, those that do."""
        return [lane.checkpoint.status for lane in self._lanes or () if lane.checkpoint.status != "running"]

    @property
    def settled_at(self) -> tuple[UUID, int] | None:
        """The log and the position up to which every projection that runs has come; None: not known."""
        if self._lanes is None:
            return None
        running = [lane.checkpoint for lane in self._lanes if lane.checkpoint.status == "running"]
        if not running:
            return None
        slowest = min(running, key=lambda checkpoint: checkpoint.position)
        return slowest.log_id, slowest.position

    async def advance(self) -> bool:
        """Take one batch with each group of projections; return whether any moved. Raises LogUnavailable."""
        if self._lanes is None or self._reload_requested:
            self._reload_requested = False
            self._lanes = await self._load()
        groups: dict[tuple[UUID, int, bytes], list[Lane]] = {}
        for lane in self._lanes:
            if lane.checkpoint.status == "running":
                key = (lane.checkpoint.log_id, lane.checkpoint.position, lane.checkpoint.hash)
                groups.setdefault(key, []).append(lane)
        moved = [await self._advance_group(lanes) for lanes in groups.values()]
        return any(moved)

    async def retry(self) -> bool:
        """Try the failing projections whose pause is over, beside whatever `advance` does with the others.

        Returns whether any was tried: `advance` has to look what became of it, or to load what it forgot meanwhile.
        Raises LogUnavailable.
        """
        failing = [lane for lane in self._lanes or () if lane.checkpoint.status == "failing"]
        due = [lane for lane in failing if self._retries.is_due(lane.projection.name, _now_s())]
        for lane in due:
            await self._advance_group([lane])
        for name in [lane.projection.name for lane in due if lane.checkpoint.status == "running"]:
            self._retries.forget(name)
            _logger.info("projection goes on", organization=self.organization_id, projection=name)
        return bool(due)

    async def _load(self) -> list[Lane]:
        head = await self._log.head(self.organization_id)
        if head is None:
            return []
        stored = {
            checkpoint.name: checkpoint
            for checkpoint in await self._store.checkpoints(self.organization_id)
            if checkpoint.serving
        }
        lanes: list[Lane] = []
        self._outdated = []
        for projection in self._projections:
            checkpoint = stored.get(projection.name)
            if checkpoint is None:
                checkpoint = await self._store.begin(first_checkpoint(self.organization_id, projection, head.log_id))
            if checkpoint.version < projection.version:
                self._outdated.append(projection)
            elif checkpoint.version == projection.version and checkpoint.serving:
                lanes.append(Lane(projection, checkpoint, self._store))
        return lanes

    async def _advance_group(self, lanes: list[Lane]) -> bool:
        checkpoint = lanes[0].checkpoint
        limit = self._limits.step_events_max
        batch = self._window.after(checkpoint.log_id, checkpoint.position, limit)
        if batch is None or batch.previous_hash != checkpoint.hash:
            if self._said == (checkpoint.log_id, checkpoint.position):
                return False
            read = await read_batch(self._log, self._decode, checkpoint, limit)
            if isinstance(read, str):
                await self._fork(lanes, read)
                return False
            batch = read
        if batch is None:
            self._said = (checkpoint.log_id, checkpoint.position)
            return False
        well: list[Lane] = []
        plans: list[Plan] = []
        for lane in lanes:
            try:
                plans.append(await lane.plan(batch))
                well.append(lane)
            except TablesUnavailable as failure:
                await self._set_aside(lane, failure)
            await asyncio.sleep(0)
        return await self._write(well, plans, batch)

    async def _write(self, lanes: Sequence[Lane], plans: Sequence[Plan], batch: Batch) -> bool:
        planned = [(lane, plan.step) for lane, plan in zip(lanes, plans, strict=True) if plan.step is not None]
        if planned:
            try:
                names = await self._store.step(self.organization_id, [step for _, step in planned])
            except (RowRefused, TablesUnavailable) as failure:
                return await self._isolate([lane for lane, _ in planned], batch, failure)
            self._take_over(planned, names)
        for lane, plan in zip(lanes, plans, strict=True):
            if plan.poison is not None:
                await self._halt(lane, lane.halted(plan.poison.stored, plan.poison.error))
        return bool(planned)

    async def _isolate(self, lanes: Sequence[Lane], batch: Batch, failure: RowRefused | TablesUnavailable) -> bool:
        """Step each projection alone, and a refused one command by command, to stop only where it must."""
        for lane in lanes:
            lane.forget_rows()
        if len(lanes) > 1:
            for lane in lanes:
                await self._alone(lane, batch)
            return True
        lane = lanes[0]
        if isinstance(failure, TablesUnavailable):
            await self._set_aside(lane, failure)
            return False
        command = whole_commands(batch.entries, 1)
        first = Batch(batch.log_id, batch.previous_hash, command)
        if len(command) < len(batch.entries):
            await self._alone(lane, first)
            return True
        handled = [entry.stored for entry in command if entry.stored.type in lane.projection.handles]
        await self._halt(lane, lane.halted(handled[0] if handled else command[0].stored, str(failure)))
        return True

    async def _alone(self, lane: Lane, batch: Batch) -> None:
        try:
            plan = await lane.plan(batch)
        except TablesUnavailable as failure:
            await self._set_aside(lane, failure)
        else:
            await self._write([lane], [plan], batch)

    async def _set_aside(self, lane: Lane, failure: TablesUnavailable) -> None:
        """Leave the projection to `retry`: what the database has against it may pass, and is no concern of others."""
        self._retries.postpone(lane.projection.name, _now_s())
        if lane.checkpoint.status != "failing":
            await self._halt(lane, lane.failing(str(failure)))

    def _take_over(self, planned: Iterable[tuple[Lane, Step]], names: frozenset[str]) -> None:
        for lane, step in planned:
            if lane.projection.name in names:
                lane.stepped(step)
                after = step.after
                self._changes.publish(Change(self.organization_id, after.name, after.log_id, after.position))
            else:
                # Somebody else moves this projection: what is in memory is of no use any more.
                self.forget()

    async def _fork(self, lanes: Iterable[Lane], why: str) -> None:
        for lane in lanes:
            await self._halt(lane, lane.forked(why))

    async def _halt(self, lane: Lane, halted: Checkpoint) -> None:
        lane.forget_rows()
        if not await self._store.halt(lane.checkpoint, halted):
            self.forget()
            return
        lane.checkpoint = halted
        self._changes.publish(Change(self.organization_id, halted.name, halted.log_id, halted.position))
        _logger.error(
            "projection halted",
            organization=self.organization_id,
            projection=halted.name,
            status=halted.status,
            position=halted.failed_position,
            error=halted.error,
        )


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def first_checkpoint(organization_id: str, projection: Projection, log_id: UUID) -> Checkpoint:
    """Return where a projection begins that nobody has run for this organization."""
    return Checkpoint(organization_id, projection.name, projection.version, 0, True, "running", 0, log_id, GENESIS)


async def read_batch(log: LogReader, decode: DecodeEvent, checkpoint: Checkpoint, limit: int) -> Batch | str | None:
    """Read whole commands after the checkpoint from the log: None where there are none, or why the log has forked.

    The event at the checkpoint is read along, so that its hash proves that this is the same history.
    """
    head = await log.head(checkpoint.organization_id)
    if head is None or head.log_id != checkpoint.log_id:
        return f"the log is {head.log_id if head else 'gone'}, this read model was made from {checkpoint.log_id}"
    if head.position == checkpoint.position and head.hash == checkpoint.hash:
        return None
    known = 1 if checkpoint.position else 0
    events = list(await log.read(checkpoint.organization_id, checkpoint.position - known, limit + known))
    if known:
        if not events or events[0].position != checkpoint.position:
            return f"the log ends before position {checkpoint.position}"
        if events[0].hash != checkpoint.hash:
            return f"the event at position {checkpoint.position} is another one than this read model was made from"
        del events[0]
    while events and not any(event.ends_its_command for event in events):
        more = await log.read(checkpoint.organization_id, events[-1].position, limit)
        if not more:
            break
        events.extend(more)
    entries = whole_commands([Entry(event, decode) for event in events], limit)
    return Batch(checkpoint.log_id, checkpoint.hash, entries) if entries else None
