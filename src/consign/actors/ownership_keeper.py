"""Keeps a node's slices: joins, claims what is its own, drains what is another's, drops what was lost, leaves."""

import asyncio
from collections.abc import Collection, Sequence

import structlog

from consign.actors.ownership import (
    Heartbeat,
    Identity,
    NodeSuperseded,
    OwnershipSettings,
    OwnershipUnavailable,
    Plan,
    SliceListener,
    SliceStore,
    plan_moves,
)
from consign.actors.ownership_lease import HeartbeatThread, Holdings, Lease

LOOP_TICK_S = 0.2

_log = structlog.get_logger(__name__)


class HeartbeatFailed(Exception):
    """The thread that renews the lease ended by an error of its own."""


class SliceKeeper:
    """One node's share of the slices, kept in `holdings` while `run` runs."""

    def __init__(
        self,
        me: Identity,
        *,
        lease: Lease,
        holdings: Holdings,
        store: SliceStore,
        heartbeat: Heartbeat,
        listeners: Sequence[SliceListener],
        settings: OwnershipSettings,
    ) -> None:
        self.me = me
        self._lease = lease
        self._holdings = holdings
        self._store = store
        self._listeners = listeners
        self._settings = settings
        self._thread = HeartbeatThread(self.me, lease, heartbeat, settings)
        self._look = asyncio.Event()
        self._settled = asyncio.Event()
        self._leaving = False
        self._left = False
        self._reviewing = asyncio.Lock()
        self._trouble = ""

    async def settled(self, timeout_s: float) -> None:
        """Return once everything there was to claim at the start is served; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._settled.wait()

    def look(self) -> None:
        """Compare with the database now: somebody noticed that a slice has moved."""
        self._look.set()

    async def run(self) -> None:
        """Keep the slices until `leave` has ended. Raises NodeSuperseded and HeartbeatFailed, in an ExceptionGroup.

        Cancelled without `leave` it is a crash to the others: they wait for the lease to run out.
        """
        self._thread.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tick())
                tasks.create_task(self._keep())
        finally:
            await self._thread.stop()

    async def leave(self) -> None:
        """Finish what was begun, hand every slice back and be forgotten; commands are refused from the first moment."""
        self._leaving = True
        async with self._reviewing:
            slices = list(self._holdings.serving())
            await self._drain(slices)
            await self._thread.stop()
            try:
                await self._store.leave(self.me)
            except OwnershipUnavailable as error:
                _log.warning("node_left_unannounced", error=str(error))
            for listener in self._listeners:
                await listener.lost(slices)
        self._left = True
        _log.info("node_left", node_id=str(self.me.node_id), slices=len(slices))

    async def _tick(self) -> None:
        while not self._left:
            self._lease.tick()
            await asyncio.sleep(LOOP_TICK_S)

    async def _keep(self) -> None:
        while not self._leaving:
            if self._lease.superseded:
                await self._drop(list(self._holdings.serving()))
                raise NodeSuperseded(str(self.me.node_id))
            if self._thread.failure is not None:
                raise HeartbeatFailed from self._thread.failure
            self._look.clear()
            async with self._reviewing:
                pause_s = await self._review_safely()
            await self._pause(pause_s)

    async def _review_safely(self) -> float:
        try:
            pause_s = await self._review()
        except OwnershipUnavailable as error:
            trouble = str(error)
            pause_s = self._settings.tick_s
        else:
            trouble = ""
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("ownership_unavailable" if trouble else "ownership_available_again", trouble=trouble or None)
        return pause_s

    async def _review(self) -> float:
        """Bring the holdings in line with the database once; return how long to wait until the next look."""
        if self._leaving or not self._lease.holds():
            return LOOP_TICK_S
        lapses = self._lease.lapses
        view = await self._store.view()
        plan = plan_moves(view, self.me, self._holdings.serving(), self._settings.moves_max)
        await self._drop(plan.lost)
        self._holdings.reviewed(lapses)
        await self._take(plan)
        if self.me.node_id in view.nodes:
            self._settled.set()
        if plan.drain:
            await self._hand_over(plan.drain)
        busy = plan.awaiting or plan.drain
        return self._settings.awaiting_tick_s if busy else self._settings.tick_s

    async def _take(self, plan: Plan) -> None:
        taken = dict(plan.recover)
        if plan.claim:
            taken.update(await self._store.claim(self.me, plan.claim))
        if not taken:
            return
        self._holdings.add(taken)
        for listener in self._listeners:
            await listener.took(taken)
        _log.info("slices_taken", slices=len(taken), held=len(self._holdings.serving()))

    async def _hand_over(self, slices: Sequence[int]) -> None:
        await self._drain(slices)
        await self._store.release(self.me, slices)
        for listener in self._listeners:
            await listener.lost(slices)
        _log.info("slices_handed_over", slices=len(slices), held=len(self._holdings.serving()))

    async def _drain(self, slices: Collection[int]) -> None:
        """Answer no more for the slices and let what was begun end; what takes too long is left to the log's fence."""
        for slice_number in slices:
            self._holdings.remove(slice_number)
        try:
            async with asyncio.timeout(self._settings.drain_timeout_s):
                for listener in self._listeners:
                    await listener.draining(slices)
        except TimeoutError:
            _log.warning("drain_cut_short", slices=len(slices), timeout_s=self._settings.drain_timeout_s)

    async def _drop(self, slices: Collection[int]) -> None:
        if not slices:
            return
        for slice_number in slices:
            self._holdings.remove(slice_number)
        for listener in self._listeners:
            await listener.lost(slices)
        _log.warning("slices_lost", slices=len(slices), held=len(self._holdings.serving()))

    async def _pause(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._look.wait()
        except TimeoutError:
            return
