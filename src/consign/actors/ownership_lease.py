"""The lease of a node: a thread of its own renews it, but only while the main event loop moves.

A wedged loop thus loses its slices to others, and a process that was stopped knows when it wakes that it may have: the
deadline is counted from before each renewal was asked for, by a clock that runs on while the machine sleeps.
"""

import asyncio
import threading
import time
from math import inf

import structlog

from consign.actors.ownership import Heartbeat, Identity, OwnershipSettings, OwnershipUnavailable

THREAD_END_TIMEOUT_S = 5.0

_log = structlog.get_logger(__name__)


def monotonic_s() -> float:
    """Return seconds that never go back and, where the system can, count the time a machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Lease:
    """What the heartbeat thread tells the main loop, and the other way round. Each attribute has one writer."""

    def __init__(self) -> None:
        self.ticks = 0
        self.valid_until_s = -inf
        self.lapses = 0
        self.superseded = False

    def tick(self) -> None:
        """Show that the main loop moves."""
        self.ticks += 1

    def holds(self) -> bool:
        """Whether nobody can have replaced this node yet."""
        return monotonic_s() < self.valid_until_s and not self.superseded

    def renew(self, until_s: float) -> None:
        """Extend the lease; counts a lapse when it had run out, for then others may have acted meanwhile."""
        if not self.holds():
            self.lapses += 1
        self.valid_until_s = until_s


class Holdings:
    """The slices this process answers for at this moment; the one place that the hot path asks."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._serving: dict[int, int] = {}
        self._reviewed_lapses = -1

    def epoch(self, slice_number: int) -> int | None:
        """Return the epoch under which this process may decide for the slice now; None: it may not."""
        if self._lease.lapses != self._reviewed_lapses or not self._lease.holds():
            return None
        return self._serving.get(slice_number)

    def lease_holds(self) -> bool:
        """Whether nobody can have replaced this node yet."""
        return self._lease.holds()

    def slices(self) -> list[int]:
        """Return the slices this process may decide for now."""
        return [slice_number for slice_number in self._serving if self.epoch(slice_number) is not None]

    def serving(self) -> dict[int, int]:
        """Return what was taken and not given up, whether or not the lease holds."""
        return dict(self._serving)

    def reviewed(self, lapses: int) -> None:
        """Trust the holdings again: they were compared with the database when the lease had lapsed `lapses` times."""
        self._reviewed_lapses = lapses

    def add(self, slices: dict[int, int]) -> None:
        """Answer for these slices from now on."""
        self._serving.update(slices)

    def remove(self, slice_number: int) -> None:
        """Answer for the slice no longer."""
        self._serving.pop(slice_number, None)


class HeartbeatThread:
    """Renews the lease until stopped. A failure that nobody expected ends the thread, and is kept in `failure`."""

    def __init__(self, me: Identity, lease: Lease, heartbeat: Heartbeat, settings: OwnershipSettings) -> None:
        self._me = me
        self._lease = lease
        self._heartbeat = heartbeat
        self._settings = settings
        self._thread = threading.Thread(target=self._run, name="consign-heartbeat", daemon=True)
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to beat; the first beat joins."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread; the lease runs out by itself unless the node leaves."""
        self._stopping.set()
        if self._loop is not None and self._wake is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._wake.set)
        await asyncio.to_thread(self._thread.join, THREAD_END_TIMEOUT_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(self._beat_until_stopped())
        except BaseException as failure:
            self.failure = failure
            _log.exception("heartbeat_ended")

    async def _beat_until_stopped(self) -> None:
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        joined = False
        unwell = ""
        ticks_seen = -1
        try:
            while not self._stopping.is_set() and not self._lease.superseded:
                if joined and self._lease.ticks == ticks_seen:
                    trouble = "the event loop stands still"
                else:
                    ticks_seen = self._lease.ticks
                    trouble = await self._renew(joined)
                    joined = joined or not trouble
                if trouble != unwell:
                    unwell = trouble
                    _log.warning("lease_not_renewed" if trouble else "lease_renewed_again", trouble=trouble or None)
                await self._pause()
        finally:
            await self._heartbeat.close()

    async def _renew(self, joined: bool) -> str:
        """Ask for another term; return what went wrong, or nothing."""
        asked_at_s = monotonic_s()
        try:
            if not joined:
                await self._heartbeat.join(self._me, self._settings.ttl_s)
            elif not await self._heartbeat.beat(self._me, self._settings.ttl_s):
                self._lease.superseded = True
                return "superseded by another incarnation"
        except OwnershipUnavailable as error:
            return str(error)
        self._lease.renew(asked_at_s + self._settings.ttl_s - self._settings.clock_margin_s)
        return ""

    async def _pause(self) -> None:
        assert self._wake is not None
        try:
            async with asyncio.timeout(self._settings.beat_s):
                await self._wake.wait()
        except TimeoutError:
            return
