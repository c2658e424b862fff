"""The organizations this process hosts: adopted by their first command, dropped when idle, drained or lost."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

import structlog
from msgspec import Struct

from consign.actors.host import OrganizationHost
from consign.actors.ownership import Identity, slice_of
from consign.actors.ownership_lease import Holdings
from consign.actors.ports import (
    Accepted,
    Head,
    Issued,
    Log,
    LogError,
    LogUnavailable,
    Refused,
    Reply,
    Unavailable,
    UnknownOrganization,
)

NOT_OWNER = "not_owner"
UNKNOWN_ORGANIZATION = "unknown_organization"

_MOVED = Unavailable(NOT_OWNER, "The organization is served by another process. Try again.", 0.1)
_FULL = Unavailable("node_full", "This process serves as many organizations as it can. Try again shortly.", 5.0)

_log = structlog.get_logger(__name__)

slice_number_of = lru_cache(maxsize=65_536)(slice_of)


class NodeLimits(Struct, frozen=True, kw_only=True):
    """Bounds of the organizations awake in one process."""

    hosts_max: int = 20_000
    host_idle_s: float = 1800.0
    housekeeping_s: float = 30.0
    drain_timeout_s: float = 5.0


class _Hosted:
    """A host, its only task, and when it was last asked."""

    __slots__ = ("host", "slice_number", "task", "used_at_s")

    def __init__(self, host: OrganizationHost, slice_number: int, used_at_s: float) -> None:
        self.host = host
        self.slice_number = slice_number
        self.used_at_s = used_at_s
        self.task: asyncio.Task[None] | None = None


class Node:
    """Decides commands of organizations whose slices `holdings` holds; every host lives in `run`'s task group.

    `host_of` makes a host for the head of an adopted organization. A SliceListener: told what to drain and drop.
    """

    def __init__(
        self,
        *,
        me: Identity,
        holdings: Holdings,
        log: Log,
        host_of: Callable[[Head], OrganizationHost],
        on_slice_moved: Callable[[], None] = lambda: None,
        limits: NodeLimits | None = None,
    ) -> None:
        self._me = me
        self._holdings = holdings
        self._logbook = log
        self._host_of = host_of
        self._on_slice_moved = on_slice_moved
        self._limits = limits or NodeLimits()
        self._hosted: dict[str, _Hosted] = {}
        self._adopting: dict[str, asyncio.Task[_Hosted | Reply]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    def hosted(self) -> list[str]:
        """Name the organizations that are awake."""
        return list(self._hosted)

    def waiting(self) -> int:
        """Return how many commands wait in mailboxes."""
        return sum(hosted.host.waiting() for hosted in self._hosted.values())

    async def run(self) -> None:
        """Keep the hosts and put idle ones to sleep, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                while True:
                    await asyncio.sleep(self._limits.housekeeping_s)
                    await self._tidy()
            finally:
                self._tasks = None

    async def submit(self, issued: Issued) -> Reply:
        """Decide the command here, or answer `not_owner`.

        A rejection is withheld when the lease ran out meanwhile: it tells of a state that may be others' to tell of.
        """
        slice_number = slice_number_of(issued.organization_id)
        epoch = self._holdings.epoch(slice_number)
        if epoch is None or self._tasks is None:
            return _MOVED
        hosted = self._hosted.get(issued.organization_id)
        if hosted is None or hosted.host.lost.is_set():
            adopted = await self._adopted(issued.organization_id, slice_number, epoch, self._tasks)
            if not isinstance(adopted, _Hosted):
                return adopted
            hosted = adopted
        hosted.used_at_s = asyncio.get_running_loop().time()
        reply = await hosted.host.submit(issued)
        if isinstance(reply, Accepted) or self._holdings.lease_holds():
            return reply
        return _MOVED

    async def took(self, slices: Mapping[int, int]) -> None:
        """Do nothing yet: organizations are adopted by their first command."""

    async def draining(self, slices: Collection[int]) -> None:
        """Return when every command taken for these slices is answered."""
        leaving = self._forget(slices)
        try:
            await asyncio.gather(*(hosted.host.drain() for hosted in leaving))
        finally:
            for hosted in leaving:
                _end(hosted)

    async def lost(self, slices: Collection[int]) -> None:
        """Drop what is still hosted; the log's fence answers what is under way."""
        if self._tasks is not None:
            for hosted in self._forget(slices):
                self._tasks.create_task(self._put_down(hosted))

    async def _adopted(
        self, organization_id: str, slice_number: int, epoch: int, tasks: asyncio.TaskGroup
    ) -> "_Hosted | Reply":
        """Join the one adoption of the organization that may be under way."""
        adopting = self._adopting.get(organization_id)
        if adopting is None:
            adopting = tasks.create_task(self._adopt(organization_id, slice_number, epoch))
            self._adopting[organization_id] = adopting
            adopting.add_done_callback(lambda _: self._adopting.pop(organization_id, None))
        return await asyncio.shield(adopting)

    async def _adopt(self, organization_id: str, slice_number: int, epoch: int) -> "_Hosted | Reply":
        if len(self._hosted) >= self._limits.hosts_max and not await self._make_room():
            return _FULL
        try:
            head = await self._logbook.adopt(organization_id, slice_number, self._me.node_id, epoch)
        except UnknownOrganization:
            return Refused(UNKNOWN_ORGANIZATION, "There is no organization of this name.", 0)
        except LogUnavailable:
            return Unavailable("log_unavailable", "The log cannot be reached. Try again.", 1.0)
        except LogError as error:
            _log.exception("adoption_failed", organization=organization_id)
            return Unavailable("log_unavailable", str(error), 5.0)
        if head is None:
            self._on_slice_moved()
        if head is None or self._holdings.epoch(slice_number) != epoch or self._tasks is None:
            return _MOVED
        hosted = _Hosted(self._host_of(head), slice_number, asyncio.get_running_loop().time())
        self._hosted[organization_id] = hosted
        hosted.task = self._tasks.create_task(self._run_host(organization_id, hosted))
        return hosted

    async def _run_host(self, organization_id: str, hosted: _Hosted) -> None:
        try:
            await hosted.host.run()
        except Exception:
            # The unit of failure is the organization: its next command adopts it afresh, the others notice nothing.
            _log.exception("host_failed", organization=organization_id)
        finally:
            hosted.host.lost.set()
            if self._hosted.get(organization_id) is hosted:
                del self._hosted[organization_id]

    def _forget(self, slices: Collection[int]) -> list[_Hosted]:
        """Take the hosts of these slices out of reach of new commands."""
        moved = set(slices)
        leaving = [name for name, hosted in self._hosted.items() if hosted.slice_number in moved]
        return [self._hosted.pop(name) for name in leaving]

    async def _put_down(self, hosted: _Hosted) -> None:
        try:
            async with asyncio.timeout(self._limits.drain_timeout_s):
                await hosted.host.drain()
        except TimeoutError:
            _log.warning("host_cut_short", organization=hosted.host.organization_id)
        _end(hosted)

    async def _make_room(self) -> bool:
        """Put the longest unused of the hosts to sleep that have nothing to do."""
        idle = [(hosted.used_at_s, name) for name, hosted in self._hosted.items() if hosted.host.is_idle()]
        if not idle:
            return False
        await self._put_down(self._hosted.pop(min(idle)[1]))
        return True

    async def _tidy(self) -> None:
        idle_before_s = asyncio.get_running_loop().time() - self._limits.host_idle_s
        for name, hosted in list(self._hosted.items()):
            if not hosted.host.is_idle():
                continue
            if hosted.used_at_s < idle_before_s:
                self._hosted.pop(name, None)
                await self._put_down(hosted)
            else:
                await hosted.host.rest()


def _end(hosted: _Hosted) -> None:
    if hosted.task is not None:
        hosted.task.cancel()
