"""Nodes and slices in memory, for tests and simulations; `clock_s` stands for the database's clock."""

import time
from collections.abc import Callable, Collection, Mapping

from consign.actors.ownership import SLICES, Identity, OwnershipUnavailable, OwnershipView, SliceRow


class MemoryOwnership:
    """Fulfils `SliceStore` and `Heartbeat` at once; share one among the nodes. `down` makes every call fail."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._nodes: dict[Identity, float] = {}
        self._slices: dict[int, tuple[int, Identity | None]] = dict.fromkeys(range(SLICES), (0, None))
        self.down = False

    async def view(self) -> OwnershipView:
        """Return the slices and the live nodes."""
        self._reach()
        return OwnershipView(
            slices=[
                SliceRow(slice_number, epoch, owner, self._lives(owner))
                for slice_number, (epoch, owner) in self._slices.items()
            ],
            nodes=frozenset(node.node_id for node in self._nodes if self._lives(node)),
        )

    async def claim(self, me: Identity, rows: Collection[SliceRow]) -> Mapping[int, int]:
        """Take what is still as seen and without a live owner; return it with its new epochs."""
        self._reach()
        taken: dict[int, int] = {}
        for row in rows:
            epoch, owner = self._slices[row.slice_number]
            if epoch == row.epoch and not self._lives(owner):
                self._slices[row.slice_number] = (epoch + 1, me)
                taken[row.slice_number] = epoch + 1
        return taken

    async def release(self, me: Identity, slices: Collection[int]) -> None:
        """Leave slices to whoever claims them."""
        self._reach()
        for slice_number in slices:
            epoch, owner = self._slices[slice_number]
            if owner == me:
                self._slices[slice_number] = (epoch, None)

    async def leave(self, me: Identity) -> None:
        """Release everything and forget this node."""
        await self.release(me, self._slices)
        self._nodes.pop(me, None)

    async def join(self, me: Identity, ttl_s: float) -> None:
        """Become this node's live incarnation, superseding any other."""
        self._reach()
        self._nodes = {node: until_s for node, until_s in self._nodes.items() if node.node_id != me.node_id}
        self._nodes[me] = self._clock_s() + ttl_s

    async def beat(self, me: Identity, ttl_s: float) -> bool:
        """Live for another `ttl_s`; False: superseded."""
        self._reach()
        if any(node.node_id == me.node_id and node != me for node in self._nodes):
            return False
        self._nodes[me] = self._clock_s() + ttl_s
        return True

    async def close(self) -> None:
        """Nothing was opened."""

    def _lives(self, node: Identity | None) -> bool:
        return node is not None and self._nodes.get(node, 0.0) > self._clock_s()

    def _reach(self) -> None:
        if self.down:
            raise OwnershipUnavailable("down by request")
