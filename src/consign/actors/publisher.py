"""Publishes the public events of each organization for integrators, in the order of their count, at least once.

The events are rows of a read model, counted without a gap; a checkpoint says how far they were published. A subscriber
counts too, and fetches over HTTP what it misses.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog
from msgspec import Struct

from consign.actors.ports import LogUnavailable
from consign.actors.relay import StreamUnavailable
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_ports import Heads, ServedSlices

_logger = structlog.get_logger(__name__)


class Published(Struct, frozen=True, gc=False):
    """Up to which count an organization's events of the log `log_id` were published."""

    organization_id: str
    log_id: UUID
    public_position: int


class Outbox(Struct, frozen=True, gc=False):
    """The next rows to publish, in order, with the count of the last; of the log that the read model was made from."""

    log_id: UUID
    rows: Sequence[Any]
    last: int


class PublicEvents(Protocol):
    """The read model of public events and the checkpoint. Every method may raise `LogUnavailable`."""

    async def published(self, organization_id: str) -> Published | None:
        """Return the checkpoint, or None where nothing was published yet."""
        ...

    async def after(self, organization_id: str, public_position: int, limit: int) -> Outbox | None:
        """Return the rows behind a count; None where the read model does not serve the organization yet."""
        ...

    async def advance(self, published: Published) -> None:
        """Note what was published; never backwards in the same log."""
        ...


class PublicStream(Protocol):
    """The stream that integrators subscribe to."""

    async def publish(self, organization_id: str, log_id: UUID, rows: Sequence[Any]) -> None:
        """Publish the rows and return once all are stored; raises StreamUnavailable."""
        ...


class Publisher:
    """`run` publishes for every organization served here until cancelled. Two at once repeat messages, no more."""

    def __init__(
        self,
        *,
        events: PublicEvents,
        stream: PublicStream,
        heads: Heads,
        changes: ChangeFeed,
        served: ServedSlices,
        projection: str = "public_events",
        batch: int = 200,
        poll_interval_s: float = 1.0,
        look_interval_s: float = 15.0,
    ) -> None:
        self.published_count = 0
        self._events = events
        self._stream = stream
        self._heads = heads
        self._changes = changes
        self._served = served
        self._projection = projection
        self._batch = batch
        self._poll_interval_s = poll_interval_s
        self._look_interval_s = look_interval_s
        self._known: dict[str, Published] = {}
        self._halted: set[str] = set()

    async def run(self) -> None:
        """Publish until cancelled: at once for what changes here, and now and then for whatever else is due."""
        loop = asyncio.get_running_loop()
        due: set[str] = set()
        look_at = loop.time()
        with self._changes.subscribe(None) as subscription:
            while True:
                if loop.time() >= look_at:
                    due |= await self._organizations()
                    look_at = loop.time() + self._look_interval_s
                due = {organization_id for organization_id in due if not await self._publish(organization_id)}
                if due:
                    await asyncio.sleep(self._poll_interval_s)
                changes = await subscription.changes(self._poll_interval_s)
                due |= {change.organization_id for change in changes if change.projection == self._projection}

    async def resume(self, organization_id: str, log_id: UUID, public_position: int) -> None:
        """Go on behind `public_position` of the log `log_id`, after a person has judged what subscribers know."""
        published = Published(organization_id, log_id, public_position)
        await self._events.advance(published)
        self._known[organization_id] = published
        self._halted.discard(organization_id)

    async def _organizations(self) -> set[str]:
        try:
            return {head.organization_id for head in await self._heads.positions(self._served())}
        except LogUnavailable as error:
            _logger.warning("publisher waits", error=str(error))
            return set()

    async def _publish(self, organization_id: str) -> bool:
        """Publish everything due; return whether that is done with for now."""
        try:
            while await self._publish_batch(organization_id):
                continue
        except (LogUnavailable, StreamUnavailable) as error:
            _logger.warning("publisher waits", organization=organization_id, error=str(error))
            self._known.pop(organization_id, None)
            return False
        return True

    async def _publish_batch(self, organization_id: str) -> bool:
        if organization_id in self._halted:
            return False
        known = self._known.get(organization_id) or await self._events.published(organization_id)
        outbox = await self._events.after(organization_id, known.public_position if known else 0, self._batch)
        if outbox is None:
            return False
        if known is not None and known.log_id != outbox.log_id:
            # Subscribers may know events that this history does not have: going on silently would deceive them.
            self._halted.add(organization_id)
            _logger.error("publisher halted: the log is another one", organization=organization_id, log=outbox.log_id)
            return False
        if not outbox.rows:
            return False
        await self._stream.publish(organization_id, outbox.log_id, outbox.rows)
        published = Published(organization_id, outbox.log_id, outbox.last)
        await self._events.advance(published)
        self._known[organization_id] = published
        self.published_count += len(outbox.rows)
        return len(outbox.rows) == self._batch
