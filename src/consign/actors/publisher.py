"""Publishes the public events of each organization for integrators, in the order of their count, at least once.

The events are rows of a read model, counted without a gap; a checkpoint says how far they were published. A subscriber
counts too, and fetches over HTTP what it misses. The stream may lose what it acknowledged, or be another one than
before: whenever that is possible it is asked how far it holds each organization, and from where on, and what it lacks
is published again. From where on, for a message on its way to the old stream may arrive in the new one, which another
process has made: it then stands before what is published again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

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

    async def first_since(self, organization_id: str, age_s: float) -> int | None:
        """Return the count of the first event that happened at most so long ago; None: there is none."""
        ...

    async def advance(self, published: Published) -> None:
        """Note what was published; never backwards in the same log."""
        ...


class PublicStream(Protocol):
    """The stream that integrators subscribe to. Every method may raise `StreamUnavailable`."""

    @property
    def kept_s(self) -> float:
        """How long the stream keeps an event."""
        ...

    async def opened(self) -> int:
        """Return how many times the stream was opened: after each it may be another one than before, or lack events."""
        ...

    async def last(self, organization_id: str) -> int:
        """Return the count of the last event that the stream holds of an organization, or 0."""
        ...

    async def begins_with(self, organization_id: str, public_position: int) -> bool:
        """Whether this is among the first events that the stream has of an organization, or made room for others."""
        ...

    async def publish(self, organization_id: str, log_id: UUID, rows: Sequence[Any]) -> None:
        """Publish the rows and return once all are stored; fails where the stream is to be opened anew first."""
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
        self._compared: dict[str, int] = {}
        self._halted: set[str] = set()
        self._available = False

    async def run(self) -> None:
        """Publish until cancelled: what changes here at once, all that is due now and then and in a new stream."""
        loop = asyncio.get_running_loop()
        due: set[str] = set()
        look_at, looked_in = loop.time(), 0
        with self._changes.subscribe(None) as subscription:
            while True:
                opening = await self._opening()
                if opening is not None and (opening != looked_in or loop.time() >= look_at):
                    due |= await self._organizations()
                    look_at, looked_in = loop.time() + self._look_interval_s, opening
                if due and opening is not None:
                    due = {organization_id for organization_id in due if not await self._publish(organization_id)}
                if due:
                    await asyncio.sleep(self._poll_interval_s)
                changes = await subscription.changes(self._poll_interval_s)
                due |= {change.organization_id for change in changes if change.projection == self._projection}

    async def _opening(self) -> int | None:
        """Open the stream unless it is open, and return which opening it is; None while there is no stream."""
        try:
            opening = await self._stream.opened()
        except StreamUnavailable as error:
            if self._available:
                _logger.warning("publisher waits", error=str(error))
            self._available = False
            return None
        self._available = True
        return opening

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
            self._forget(organization_id)
            return False
        return True

    def _forget(self, organization_id: str) -> None:
        self._known.pop(organization_id, None)
        self._compared.pop(organization_id, None)

    async def _publish_batch(self, organization_id: str) -> bool:
        known = self._known.get(organization_id) or await self._events.published(organization_id)
        outbox = await self._events.after(organization_id, known.public_position if known else 0, self._batch)
        if outbox is None:
            return False
        if known is not None and known.log_id != outbox.log_id:
            self._halt(organization_id, outbox.log_id)
            return False
        self._halted.discard(organization_id)
        if await self._begins_again(organization_id, known):
            return True
        if not outbox.rows:
            return False
        await self._stream.publish(organization_id, outbox.log_id, outbox.rows)
        published = Published(organization_id, outbox.log_id, outbox.last)
        await self._events.advance(published)
        self._known[organization_id] = published
        self.published_count += len(outbox.rows)
        return len(outbox.rows) == self._batch

    async def _begins_again(self, organization_id: str, known: Published | None) -> bool:
        """Go back to where the stream ends, if that is before the checkpoint; return whether it was.

        What the stream would have dropped by its age in any case is not published again.
        """
        opening = await self._stream.opened()
        if self._compared.get(organization_id) == opening:
            return False
        behind = None if known is None else await self._behind(known)
        self._compared[organization_id] = opening
        if behind is None:
            return False
        self._known[organization_id] = behind
        return True

    async def _behind(self, known: Published) -> Published | None:
        """Return from where to publish again; None: the stream holds what it should."""
        first = await self._events.first_since(known.organization_id, self._stream.kept_s)
        if first is None:
            return None
        held = await self._stream.last(known.organization_id)
        has_begin = held > 0 and await self._stream.begins_with(known.organization_id, first)
        again_after = max(held, first - 1) if has_begin else first - 1
        if again_after >= known.public_position:
            return None
        _logger.warning(
            "public stream lacks events",
            organization=known.organization_id,
            held=held if has_begin else 0,
            published=known.public_position,
            again_after=again_after,
        )
        return replace(known, public_position=again_after)

    def _halt(self, organization_id: str, log_id: UUID) -> None:
        """Stand still until the checkpoint says otherwise: subscribers may know events that this history does not have.

        Going on silently would deceive them; `consign renew --resume-publishing` says that it is in order.
        """
        self._forget(organization_id)
        if organization_id not in self._halted:
            self._halted.add(organization_id)
            _logger.error("publisher halted: the log is another one", organization=organization_id, log=log_id)
