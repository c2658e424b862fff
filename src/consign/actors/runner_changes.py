"""Who wants to know that a read model moved: live screens, and readers who wait for their own write."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec import Struct

SUBSCRIBERS_MAX = 10_000


class Change(Struct, frozen=True, gc=False):
    """A read model of an organization is now true at `position` of the log `log_id`."""

    organization_id: str
    projection: str
    log_id: UUID
    position: int


class TooManySubscribers(Exception):
    """As many live subscribers are served here as may be."""


class Subscription:
    """The newest change of each read model since last asked: whoever reads slowly misses steps, never the last."""

    def __init__(self, organization_id: str | None) -> None:
        self.organization_id = organization_id
        self._latest: dict[tuple[str, str], Change] = {}
        self._arrived = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Take a change in place of an older one of the same read model."""
        self._latest[change.organization_id, change.projection] = change
        self._arrived.set()

    async def changes(self, timeout_s: float) -> list[Change]:
        """Return what changed since the last call, waiting up to `timeout_s` for the first; empty when nothing did."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return []
        self._arrived.clear()
        latest = list(self._latest.values())
        self._latest.clear()
        return latest


class ChangeFeed:
    """Tells subscribers of this process about each step; changes of other processes arrive through `announce` too."""

    def __init__(self) -> None:
        self._subscriptions: dict[str | None, set[Subscription]] = {}
        self._count = 0
        self._listeners: list[Callable[[Change], None]] = []

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` with every change that this process made itself."""
        self._listeners.append(listener)

    def publish(self, change: Change) -> None:
        """Tell everybody about a step made here."""
        for listener in self._listeners:
            listener(change)
        self.announce(change)

    def announce(self, change: Change) -> None:
        """Tell the subscribers of this process about a step, made here or elsewhere."""
        for subscription in self._subscriptions.get(change.organization_id, ()):
            subscription.offer(change)
        for subscription in self._subscriptions.get(None, ()):
            subscription.offer(change)

    @contextmanager
    def subscribe(self, organization_id: str | None) -> Iterator[Subscription]:
        """Follow one organization's read models, or with None everybody's; raises TooManySubscribers."""
        if self._count >= SUBSCRIBERS_MAX:
            raise TooManySubscribers
        subscription = Subscription(organization_id)
        self._subscriptions.setdefault(organization_id, set()).add(subscription)
        self._count += 1
        try:
            yield subscription
        finally:
            self._count -= 1
            remaining = self._subscriptions[organization_id]
            remaining.discard(subscription)
            if not remaining:
                del self._subscriptions[organization_id]
