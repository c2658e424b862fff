"""Folding histories on request: bounded in events and time, a few at once, given up when the client goes away.

A fold runs on the loop that serves the tills, so it takes small bites and lets others in between.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import batched
from typing import Any, Protocol

from litestar import Request
from msgspec import Struct

from consign.actors.bites import Bites
from consign.actors.ports import Head
from consign.domain.recorded import StoredEvent, StreamName, aggregate_of
from consign.http.edge import ClientGone
from consign.http.problems import Refusal
from consign.projections.history import Fold, ReadModelHistory, StreamHistory, Until
from consign.projections.projection import Projection

AGGREGATES = frozenset(
    ("organization", "account", "membership", "sale", "participation", "ledger", "session", "settlement", "device")
)
"""Whose streams may be looked at."""


class FoldLimits(Struct, frozen=True):
    """Bounds of one history, and of all together."""

    at_once: int = 2
    wait_s: float = 1.0
    page_events: int = 500
    fed_events: int = 10
    bite_feeds: int = 20
    events_max: int = 1_000_000
    duration_s: float = 30.0


class HistoryLog(Protocol):
    """The log as an auditor may read it. Every method may raise LogUnavailable."""

    async def head(self, organization_id: str) -> Head | None:
        """Return where the log ends; None: there is none."""
        ...

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        ...

    async def read_stream(
        self, organization_id: str, stream: StreamName, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return up to `limit` events of one stream with version > after_version, in order."""
        ...

    async def read_about(
        self, organization_id: str, stream: StreamName, about: str, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return the same of those events only in which the text `about` stands by itself."""
        ...


class Folding:
    """Reads histories for all requests of this process."""

    def __init__(self, log: HistoryLog, fold: Fold, limits: FoldLimits | None = None) -> None:
        self.log = log
        self.limits = limits or FoldLimits()
        self._fold = fold
        self._places = asyncio.Semaphore(self.limits.at_once)

    def decoded(self, stored: StoredEvent) -> Any:
        """Return the event, upcast to its newest schema."""
        return self._fold.decode_event(stored)

    async def stream(
        self, request: Request[Any, Any, Any], organization_id: str, stream: StreamName, until: Until
    ) -> StreamHistory:
        """Return a stream as it was; raises Refusal. `stream` names a known aggregate."""
        await self._check(organization_id, until)
        history = StreamHistory(self._fold, stream, until)

        async def page(_: int, version: int) -> Sequence[StoredEvent]:
            return await self.log.read_stream(organization_id, stream, version, self.limits.page_events)

        await self._run(request, page, history.feed)
        return history

    async def read_model(
        self, request: Request[Any, Any, Any], organization_id: str, projection: Projection, until: Until
    ) -> ReadModelHistory:
        """Return a read model as it was; raises Refusal."""
        await self._check(organization_id, until)
        history = ReadModelHistory(projection, self._fold.decode_event, until)

        async def page(position: int, _: int) -> Sequence[StoredEvent]:
            return await self.log.read(organization_id, position, self.limits.page_events)

        await self._run(request, page, history.feed)
        return history

    async def _check(self, organization_id: str, until: Until) -> None:
        head = await self.log.head(organization_id)
        if until.position is not None and (head is None or until.position > head.position):
            raise Refusal("position_unknown", f"The log does not reach position {until.position}.")

    async def _run(
        self,
        request: Request[Any, Any, Any],
        page: Callable[[int, int], Awaitable[Sequence[StoredEvent]]],
        feed: Callable[[Sequence[StoredEvent]], bool],
    ) -> None:
        async with self._place(), _watched(request) as gone:
            try:
                async with asyncio.timeout(self.limits.duration_s):
                    await self._feed_all(page, feed, gone)
            except TimeoutError:
                raise Refusal("history_too_long", "The fold takes too long: ask for an earlier position.") from None

    async def _feed_all(
        self,
        page: Callable[[int, int], Awaitable[Sequence[StoredEvent]]],
        feed: Callable[[Sequence[StoredEvent]], bool],
        gone: "asyncio.Task[None]",
    ) -> None:
        position = version = folded = 0
        bites = Bites(self.limits.bite_feeds)
        while True:
            events = await page(position, version)
            for some in batched(events, self.limits.fed_events, strict=False):
                if not feed(some):
                    return
                await bites.pause()
                if gone.done():
                    raise ClientGone
            if len(events) < self.limits.page_events:
                return
            position, version = events[-1].position, events[-1].version
            folded += len(events)
            if folded >= self.limits.events_max:
                raise Refusal("history_too_long", f"A history may hold {self.limits.events_max} events.")

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.limits.wait_s):
                await self._places.acquire()
        except TimeoutError:
            raise Refusal(
                "history_busy", "Others are reading histories. Try again shortly.", headers={"Retry-After": "2"}
            ) from None
        try:
            yield
        finally:
            self._places.release()


def known_stream(stream: str, aggregates: frozenset[str]) -> StreamName:
    """Return the stream's name; raises Refusal for one that no aggregate could have."""
    if aggregate_of(stream) not in aggregates or "-" not in stream:
        raise Refusal("not_found", f"There is no stream {stream[:80]!r}.")
    return stream


@asynccontextmanager
async def _watched(request: Request[Any, Any, Any]) -> AsyncIterator["asyncio.Task[None]"]:
    """Lend a task that ends when the client goes away."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    watching = asyncio.create_task(gone())
    try:
        yield watching
    finally:
        watching.cancel()
        await asyncio.wait([watching])
