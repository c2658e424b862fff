"""Who owns what: organizations hash to slices, slices go to live nodes. Pure, but for the ports at the end.

Only processes that own slices have a row in `nodes`; a process that merely forwards reads the map and appears nowhere.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Protocol
from uuid import UUID, uuid4

from msgspec import Struct

SLICES = 256


class OwnershipUnavailable(Exception):
    """The ownership tables cannot be reached; what was asked may or may not have been done."""


class NodeSuperseded(Exception):
    """Another process runs under this node's id: this one must end."""


class Identity(NamedTuple):
    """A node, and the one run of it that may act under its id."""

    node_id: UUID
    incarnation: UUID

    @classmethod
    def new(cls, node_id: UUID) -> "Identity":
        """Begin another run of the node; it supersedes every earlier one."""
        return cls(node_id, uuid4())


class SliceRow(NamedTuple):
    """A slice as the database knows it; `owner_lives` by the database's clock and for the owner's own incarnation."""

    slice_number: int
    epoch: int
    owner: Identity | None
    owner_lives: bool


class OwnershipView(NamedTuple):
    """All slices in order, and the live nodes."""

    slices: Sequence[SliceRow]
    nodes: frozenset[UUID]


class Plan(NamedTuple):
    """What a node should do about a view."""

    claim: Sequence[SliceRow]
    """Slices that are this node's to take: nobody owns them, or their owner is dead."""
    recover: Mapping[int, int]
    """Slices that are this node's already, by a claim whose answer was lost."""
    lost: Sequence[int]
    """Slices this node believed to own and does not."""
    drain: Sequence[int]
    """Slices to hand to other live nodes; with those on their way no more than the bound."""
    awaiting: bool
    """Whether another live node is expected to hand slices to this one."""


class OwnershipSettings(Struct, frozen=True, kw_only=True):
    """The pace of ownership. A dead node is replaced within `ttl_s` + `tick_s`."""

    ttl_s: float = 6.0
    beat_s: float = 1.5
    tick_s: float = 0.5
    awaiting_tick_s: float = 0.1
    clock_margin_s: float = 0.5
    moves_max: int = 32
    drain_timeout_s: float = 5.0


def slice_of(organization_id: str) -> int:
    """Return the organization's slice, 0 to 255; stored in its head, so never to be changed."""
    return sha256(organization_id.encode()).digest()[0]


@lru_cache(maxsize=64)
def rendezvous(nodes: frozenset[UUID]) -> tuple[UUID, ...]:
    """Return the node that each slice belongs to: highest random weight, so that a change of nodes moves few slices."""
    return tuple(
        max(nodes, key=lambda node: sha256(node.bytes + bytes([slice_number])).digest())
        for slice_number in range(SLICES)
    )


def plan_moves(view: OwnershipView, me: Identity, held: Mapping[int, int], moves_max: int) -> Plan:
    """Compare what should be with what is. A node that the database holds for dead neither takes nor hands over."""
    mine = {row.slice_number: row.epoch for row in view.slices if row.owner == me}
    lost = [slice_number for slice_number, epoch in held.items() if mine.get(slice_number) != epoch]
    recover = {slice_number: epoch for slice_number, epoch in mine.items() if held.get(slice_number) != epoch}
    if me.node_id not in view.nodes:
        return Plan(claim=(), recover=recover, lost=lost, drain=(), awaiting=False)
    wanted = rendezvous(view.nodes)
    for_me = [row for row in view.slices if wanted[row.slice_number] == me.node_id and row.owner != me]
    elsewhere = [slice_number for slice_number in mine if wanted[slice_number] != me.node_id]
    # What is on its way counts: an heir that dies on arrival must not leave more than the bound without an owner.
    on_their_way = sum(wanted[row.slice_number] != me.node_id and not row.owner_lives for row in view.slices)
    return Plan(
        claim=[row for row in for_me if not row.owner_lives],
        recover=recover,
        lost=lost,
        drain=elsewhere[: max(moves_max - on_their_way, 0)],
        awaiting=any(row.owner_lives for row in for_me),
    )


class SliceStore(Protocol):
    """The tables of ownership. Every method may raise OwnershipUnavailable."""

    async def view(self) -> OwnershipView:
        """Return the slices and the live nodes."""
        ...

    async def claim(self, me: Identity, rows: Collection[SliceRow]) -> Mapping[int, int]:
        """Take those slices that are still as seen and without a live owner; return them with their new epochs."""
        ...

    async def release(self, me: Identity, slices: Collection[int]) -> None:
        """Leave slices to whoever claims them; those that are not this node's stay as they are."""
        ...

    async def leave(self, me: Identity) -> None:
        """Release everything and forget this node, in one transaction."""
        ...


class Heartbeat(Protocol):
    """The node's sign of life, by the database's clock. Used by one thread with an event loop of its own."""

    async def join(self, me: Identity, ttl_s: float) -> None:
        """Become this node's live incarnation, superseding any other; may raise OwnershipUnavailable."""
        ...

    async def beat(self, me: Identity, ttl_s: float) -> bool:
        """Live for another `ttl_s`; False: superseded. May raise OwnershipUnavailable."""
        ...

    async def close(self) -> None:
        """Give back what was opened."""
        ...


class SliceListener(Protocol):
    """Who must know when slices come and go; called one at a time."""

    async def took(self, slices: Mapping[int, int]) -> None:
        """Serve these slices under these epochs."""
        ...

    async def draining(self, slices: Collection[int]) -> None:
        """Finish what was begun: no new command reaches these slices any more. Cancelled when it takes too long."""
        ...

    async def lost(self, slices: Collection[int]) -> None:
        """Forget these slices: they were handed over or taken away."""
        ...
