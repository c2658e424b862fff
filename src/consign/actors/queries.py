"""Asking read models: what a query may say, what it gets, and waiting until a read model holds one's own write."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from consign.actors.ports import LogError
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_ports import Status
from consign.projections.projection import Key, Projection

PAGE_ROWS_MAX = 500
POLL_INTERVAL_S = 0.05


class QueryRefused(LogError):
    """The query names a field that cannot be filtered or sorted by, or its cursor belongs to another query."""


class ReadModelMissing(LogError):
    """The read model does not serve this organization yet, or is being rebuilt: try again."""


class ReadModelStopped(LogError):
    """The read model stands still and cannot answer before what is wrong with it is mended."""


class Sort(Struct, frozen=True):
    """A field to sort by."""

    field: str
    descending: bool = False


class Selection(Struct, frozen=True):
    """Which rows of a table: equal to `where` (a tuple: one of its values), greater than `above`, ordered by `sort`.

    Those beyond `up_to` are left out.

    The key follows the named fields as the last order, ascending unless the last named field descends. `cursor` comes
    from the page before.
    """

    where: Mapping[str, Any] = {}
    above: Mapping[str, int] = {}
    sort: Sequence[Sort] = ()
    limit: int = 100
    cursor: str | None = None
    up_to: Mapping[str, Any] = {}


class ReadAt(Struct, frozen=True):
    """Up to where in which log an answer is true, and the version of the read model that gave it."""

    position: int
    log_id: UUID
    version: int


class Sum(Struct, frozen=True):
    """The sum of a field over the rows that equal `where` (a tuple: one of its values)."""

    field: str
    where: Mapping[str, Any] = {}


class Summing(Struct, frozen=True):
    """Sums over groups of a table's rows: rows of one group agree in the fields `by`; of no field, all are one group.

    `where` and `up_to` leave rows out as in a selection. Groups whose sums are all zero are left out.
    """

    by: Sequence[str]
    sums: Sequence[Sum]
    where: Mapping[str, Any] = {}
    up_to: Mapping[str, Any] = {}
    limit: int = 1000


class Group(Struct, frozen=True):
    """The values of `by`, and of `sums`."""

    key: tuple[Any, ...]
    sums: tuple[int, ...]


class Groups(Struct, frozen=True):
    """The groups in the order of their keys, as they are `at` a position."""

    groups: Sequence[Group]
    at: ReadAt


class Found(Struct, frozen=True):
    """One row, or None, as it is `at` a position."""

    row: Any | None
    at: ReadAt


class Page(Struct, frozen=True):
    """Rows as they are `at` a position; `next_cursor` is None on the last page."""

    rows: Sequence[Any]
    at: ReadAt
    next_cursor: str | None


class Collected(Struct, frozen=True):
    """Rows of several tables, all of them as they are `at` one position."""

    rows: Mapping[str, Sequence[Any]]
    at: ReadAt


class Standing(Struct, frozen=True):
    """How a read model stands in an organization, in one snapshot with the end of the log."""

    at: ReadAt
    status: Status
    head_position: int
    head_log_id: UUID
    failed_position: int | None = None
    error: str | None = None


STANDING_STILL: frozenset[Status] = frozenset(("failing", "stopped", "forked"))
"""How a read model stands that moves no more until somebody mends what it stopped at."""

type Waited = Literal["reached", "not_yet", "halted", "beyond_the_head", "other_log"]


class ReadModels(Protocol):
    """Read-only access to the read models, bound to one organization by the database itself.

    Every method may raise `ReadModelMissing`, `ReadModelStopped` and `LogUnavailable`.
    """

    async def get(self, organization_id: str, projection: Projection, table: str, key: Key) -> Found:
        """Return the row with this key."""
        ...

    async def select(self, organization_id: str, projection: Projection, table: str, selection: Selection) -> Page:
        """Return a page of rows; raises QueryRefused."""
        ...

    async def collect(
        self, organization_id: str, projection: Projection, where: Mapping[str, Mapping[str, Any]], limit: int
    ) -> Collected:
        """Return the rows of several tables (table → what they equal); raises QueryRefused above `limit` of one."""
        ...

    async def summed(self, organization_id: str, projection: Projection, table: str, summing: Summing) -> Groups:
        """Return sums over groups of rows; raises QueryRefused above its limit of groups."""
        ...

    async def standing(self, organization_id: str, projection: Projection) -> Standing:
        """Return where the read model stands."""
        ...

    async def head_position(self, organization_id: str) -> int | None:
        """Return where the organization's log ends; None where no log was begun."""
        ...


async def wait_for(
    models: ReadModels,
    changes: ChangeFeed,
    organization_id: str,
    projection: Projection,
    position: int,
    *,
    timeout_s: float,
    log_id: UUID | None = None,
) -> Waited:
    """Wait until the read model holds what was written up to `position`; answer at once where it never will.

    A step made in this process wakes the wait; one made elsewhere is found by looking every `POLL_INTERVAL_S`.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    with changes.subscribe(organization_id) as subscription:
        while True:
            try:
                standing = await models.standing(organization_id, projection)
            except ReadModelMissing:
                waited: Waited = "not_yet"
            else:
                waited = _judged(standing, position, log_id)
            remaining_s = deadline - asyncio.get_running_loop().time()
            if waited != "not_yet" or remaining_s <= 0:
                return waited
            await subscription.changes(min(remaining_s, POLL_INTERVAL_S))


def _judged(standing: Standing, position: int, log_id: UUID | None) -> Waited:
    if log_id is not None and log_id != standing.head_log_id:
        return "other_log"
    if standing.at.position >= position and standing.at.log_id == standing.head_log_id:
        return "reached"
    if standing.status in STANDING_STILL:
        return "halted"
    if position > standing.head_position:
        return "beyond_the_head"
    return "not_yet"
