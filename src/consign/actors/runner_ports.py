"""What keeping read models needs: the log to read, tables to write to, and where each projection stands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from consign.actors.ports import Head, LogError, LogUnavailable
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Projection

type Status = Literal["running", "building", "failing", "stopped", "forked"]
"""`failing` is tried again by itself; `stopped` and `forked` stand still until somebody mends what is wrong."""

type RowId = tuple[str, Key]
"""A table of the projection and a key in it."""

type DecodeEvent = Callable[[StoredEvent], Any]
type ServedSlices = Callable[[], frozenset[int]]
"""The slices that this process serves at the moment."""


class Checkpoint(Struct, frozen=True, gc=False):
    """How far one build of a projection has come in one organization's log, and what stopped it if anything did.

    `hash` is the hash of the event at `position` (or the genesis), so that a log that forked is noticed.
    """

    organization_id: str
    name: str
    version: int
    build: int
    serving: bool
    status: Status
    position: int
    log_id: UUID
    hash: bytes
    failed_position: int | None = None
    failed_event_id: UUID | None = None
    error: str | None = None


class Step(Struct, frozen=True, gc=False):
    """One projection's share of a step: the move of its checkpoint, and the last state of each changed row.

    `changes` maps a table to its changed rows by key; None: the row is removed.
    """

    projection: Projection
    before: Checkpoint
    after: Checkpoint
    changes: Mapping[str, Mapping[Key, Struct | None]]


class LogPosition(Struct, frozen=True, gc=False):
    """Where an organization's log ends, as far as the asking process has seen."""

    organization_id: str
    log_id: UUID
    position: int


class RowRefused(LogError):
    """The database refuses a row of the step whoever sends it again; nothing was written."""


class TablesUnavailable(LogUnavailable):
    """One projection's tables cannot be read or written at the moment, others may be; nothing was written."""


class LogReader(Protocol):
    """The reading half of the log. Every method may raise `LogUnavailable`."""

    async def head(self, organization_id: str) -> Head | None:
        """Return the head, or None where the organization has no log yet."""
        ...

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        ...


class Heads(Protocol):
    """The ends of many logs at once."""

    async def positions(self, slices: frozenset[int]) -> Sequence[LogPosition]:
        """Return where the log of every organization of these slices ends; may raise `LogUnavailable`."""
        ...


class ProjectionStore(Protocol):
    """The tables of the read models and their checkpoints. Every method may raise `LogUnavailable`."""

    async def checkpoints(self, organization_id: str) -> Sequence[Checkpoint]:
        """Return every checkpoint of the organization."""
        ...

    async def begin(self, checkpoint: Checkpoint) -> Checkpoint:
        """Create the checkpoint, or return the one that is there already."""
        ...

    async def fetch(self, checkpoint: Checkpoint, projection: Projection, rows: Sequence[RowId]) -> Mapping[RowId, Any]:
        """Return those of the rows that exist; raises `RowRefused` and `TablesUnavailable`."""
        ...

    async def step(self, organization_id: str, steps: Sequence[Step]) -> frozenset[str]:
        """Write the steps in one transaction; return the projections whose checkpoint was still where `before` says.

        The others wrote nothing: somebody else moves them. Raises `RowRefused`, and
        `TablesUnavailable` where the tables of one of the projections may be to blame.
        """
        ...

    async def halt(self, before: Checkpoint, halted: Checkpoint) -> bool:
        """Mark the projection failing, stopped or forked, unless its checkpoint moved meanwhile."""
        ...
