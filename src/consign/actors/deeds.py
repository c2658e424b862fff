"""Who did what, from where and for whom: what an auditor asks of a log, and what it tells of each event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from consign.actors.ports import Head
from consign.domain.recorded import StreamName


class DeedFilter(Struct, frozen=True):
    """Only what equals all that is said here; `aggregate` is that of the event's stream."""

    account: str | None = None
    on_behalf_of: str | None = None
    role: str | None = None
    device: str | None = None
    aggregate: str | None = None
    event: str | None = None


class Deed(Struct, frozen=True, gc=False):
    """An event without what it says: who caused it, in which role, with which device, for whom, and when.

    `meta` is what was kept beside it, JSON as it is stored.
    """

    position: int
    event: str
    stream: StreamName
    command_id: UUID
    correlation_id: UUID
    account: str
    role: str
    on_behalf_of: str | None
    device: str | None
    occurred_at: datetime
    recorded_at: datetime
    meta: str


class DeedLog(Protocol):
    """The log as an auditor may ask it. Every method may raise LogUnavailable."""

    async def head(self, organization_id: str) -> Head | None:
        """Return where the log ends; None: there is none."""
        ...

    async def position_before(self, organization_id: str, at: datetime) -> int:
        """Return the position of the last event that was recorded before the instant; 0: there is none."""
        ...

    async def deeds(
        self, organization_id: str, wanted: DeedFilter, between: tuple[int, int], limit: int, *, newest_first: bool
    ) -> Sequence[Deed]:
        """Return up to `limit` deeds behind the first position and up to the second one, in the order of the log.

        `newest_first`: from the end of it, in the opposite order.
        """
        ...
