"""Keeps the read models of the organizations that this process serves.

Events come from the journal of the same process, from the internal stream, or from the log; the first two only make it
faster. Whatever arrives, each projection takes `checkpoint + 1` and nothing else: what is behind is dropped, what jumps
ahead is read from the log, and a look at the log's heads twice a second finds what never arrived.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import structlog
from msgspec import Struct

from consign.actors.ownership import slice_of
from consign.actors.ports import Committed, LogUnavailable
from consign.actors.relay_message import CommitMessage, range_of
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_organization import BatchLimits, OrganizationRunner
from consign.actors.runner_ports import DecodeEvent, Heads, LogReader, ProjectionStore, ServedSlices, Status
from consign.actors.runner_retries import Retries
from consign.projections.projection import Projection

type Upgrade = Callable[[str, Projection], Awaitable[bool]]
"""Builds a newer version of a read model beside the one that serves an organization, and swaps them if it can."""

_logger = structlog.get_logger(__name__)


class RunnerLimits(Struct, frozen=True):
    """How often what is looked at and tried again, how many organizations are worked on at once and kept in memory."""

    poll_interval_s: float = 0.5
    recheck_halted_s: float = 5.0
    retry_pause_s: float = 1.0
    retry_pause_max_s: float = 60.0
    workers: int = 3
    organizations_max: int = 1000
    batch: BatchLimits = BatchLimits()


class Runner:
    """`run` keeps the read models until cancelled; `offer` and `receive` never block and may be called any time.

    `upgrade` is called, one at a time, where an older version of a projection serves an organization; until it has
    swapped them the older one stays as it is.
    """

    def __init__(
        self,
        projections: Sequence[Projection],
        *,
        store: ProjectionStore,
        log: LogReader,
        heads: Heads,
        decode: DecodeEvent,
        changes: ChangeFeed,
        served: ServedSlices,
        upgrade: Upgrade | None = None,
        limits: RunnerLimits | None = None,
    ) -> None:
        self._projections = tuple(projections)
        self._store = store
        self._log = log
        self._heads = heads
        self._decode = decode
        self._changes = changes
        self._served = served
        self._upgrade = upgrade
        self._limits = limits or RunnerLimits()
        self._organizations: dict[str, OrganizationRunner] = {}
        self._settled: dict[str, tuple[UUID, int]] = {}
        # An organization waits at most once, and never while a worker is busy with it.
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._working: set[str] = set()
        self._again: set[str] = set()
        self._upgrades: asyncio.Queue[tuple[str, Projection]] = asyncio.Queue()
        self._upgrading: set[tuple[str, str]] = set()
        self._available = True

    def offer(self, batch: Sequence[Committed]) -> None:
        """Take what the journal of this process made durable."""
        for committed in batch:
            if committed.events:
                organization = self._organization(committed.head.organization_id)
                if organization.offer(committed.head.log_id, committed.previous_hash, committed.events):
                    self._wake(organization.organization_id)

    def receive(self, message: CommitMessage) -> None:
        """Take a message of the internal stream: duplicate, late or out of order, as it comes."""
        if slice_of(message.organization_id) not in self._served():
            return
        organization = self._organization(message.organization_id)
        if message.events is None:
            organization.notice(message.log_id, message.last)
        elif not organization.offer(message.log_id, message.previous_hash, message.events):
            return
        self._wake(message.organization_id)

    def holds(self, message_id: str) -> bool:
        """Return whether a message of this id would bring nothing new, so that it need not be decoded."""
        named = range_of(message_id)
        if named is None:
            return False
        log_id, organization_id, last = named
        organization = self._organizations.get(organization_id)
        return organization is not None and organization.holds(log_id, last)

    def reload(self, organization_id: str) -> None:
        """Look at the organization's checkpoints again: somebody resumed or swapped a read model."""
        self._settled.pop(organization_id, None)
        self._organization(organization_id).request_reload()
        self._wake(organization_id)

    def halted(self) -> Mapping[Status, int]:
        """Return how many read models stand still here, by why they do."""
        return Counter(status for organization in self._organizations.values() for status in organization.halted)

    async def run(self) -> None:
        """Keep the read models; ends only by cancellation or with an error that is a defect."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._limits.workers):
                tasks.create_task(self._work_off())
            tasks.create_task(self._poll())
            tasks.create_task(self._recheck_halted())
            tasks.create_task(self._retry_failing())
            if self._upgrade is not None:
                tasks.create_task(self._run_upgrades(self._upgrade))

    def _organization(self, organization_id: str) -> OrganizationRunner:
        organization = self._organizations.get(organization_id)
        if organization is None:
            organization = OrganizationRunner(
                organization_id,
                self._projections,
                self._store,
                self._log,
                self._decode,
                self._changes,
                self._limits.batch,
                Retries(self._limits.retry_pause_s, self._limits.retry_pause_max_s),
            )
            self._organizations[organization_id] = organization
        return organization

    def _wake(self, organization_id: str) -> None:
        if organization_id in self._working:
            self._again.add(organization_id)
        elif organization_id not in self._queued:
            self._queued.add(organization_id)
            self._waiting.put_nowait(organization_id)

    async def _work_off(self) -> None:
        while True:
            organization_id = await self._waiting.get()
            self._queued.discard(organization_id)
            self._working.add(organization_id)
            try:
                again = await self._advance(self._organization(organization_id))
            finally:
                self._working.discard(organization_id)
            if again or organization_id in self._again:
                self._again.discard(organization_id)
                self._wake(organization_id)

    async def _advance(self, organization: OrganizationRunner) -> bool:
        try:
            moved = await organization.advance()
        except LogUnavailable as error:
            # What is in memory may be wrong now; the next look at the heads tries again.
            organization.forget()
            self._settled.pop(organization.organization_id, None)
            self._note_availability(error)
            return False
        self._note_availability(None)
        for projection in organization.take_outdated():
            if (wanted := (organization.organization_id, projection.name)) not in self._upgrading:
                self._upgrading.add(wanted)
                self._upgrades.put_nowait((organization.organization_id, projection))
        if not moved and (settled := organization.settled_at) is not None:
            self._settled[organization.organization_id] = settled
        return moved

    async def _poll(self) -> None:
        while True:
            served = self._served()
            try:
                positions = await self._heads.positions(served)
            except LogUnavailable as error:
                self._note_availability(error)
                positions = ()
            for head in positions:
                if self._settled.get(head.organization_id) != (head.log_id, head.position):
                    self._organization(head.organization_id).notice(head.log_id, head.position)
                    self._wake(head.organization_id)
            self._drop_surplus(served)
            await asyncio.sleep(self._limits.poll_interval_s)

    async def _recheck_halted(self) -> None:
        while True:
            await asyncio.sleep(self._limits.recheck_halted_s)
            for organization in list(self._organizations.values()):
                if organization.halted:
                    self.reload(organization.organization_id)

    async def _retry_failing(self) -> None:
        while True:
            await asyncio.sleep(self._limits.poll_interval_s)
            for organization in list(self._organizations.values()):
                try:
                    tried = await organization.retry()
                except LogUnavailable as error:
                    self._note_availability(error)
                else:
                    if tried:
                        self._wake(organization.organization_id)

    async def _run_upgrades(self, upgrade: Upgrade) -> None:
        while True:
            organization_id, projection = await self._upgrades.get()
            try:
                swapped = await upgrade(organization_id, projection)
            except LogUnavailable as error:
                self._note_availability(error)
                await asyncio.sleep(self._limits.poll_interval_s)
                self._upgrades.put_nowait((organization_id, projection))
                continue
            if swapped:
                # What could not be built is not tried again before the next start.
                self._upgrading.discard((organization_id, projection.name))
                self.reload(organization_id)

    def _drop_surplus(self, served: frozenset[int]) -> None:
        """Forget organizations that moved to another process, and some that are quiet when there are too many."""
        surplus = len(self._organizations) - self._limits.organizations_max
        for organization_id in list(self._organizations):
            if organization_id in self._queued or organization_id in self._working:
                continue
            waits = "failing" in self._organizations[organization_id].halted
            if slice_of(organization_id) not in served or (surplus > 0 and not waits):
                del self._organizations[organization_id]
                surplus -= 1

    def _note_availability(self, error: LogUnavailable | None) -> None:
        available = error is None
        if available != self._available:
            self._available = available
            if error is None:
                _logger.info("projections go on")
            else:
                _logger.warning("projections wait for the database", error=str(error))
