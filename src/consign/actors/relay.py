"""Publishes what was committed, right after the commit and without ever holding one up.

The stream is a copy that can be repaired, so the relay may drop: when its queue is full, when too much is unanswered,
when the broker is away. What was not acknowledged, the sweep sends again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from consign.actors.ports import Committed
from consign.actors.relay_message import EncodedCommit, encode_committed


class StreamUnavailable(Exception):
    """The stream cannot take messages at the moment."""


class SentRange(Struct, frozen=True, gc=False):
    """A part of a log that was sent."""

    organization_id: str
    log_id: UUID
    first: int
    last: int


type Acknowledged = Callable[[SentRange], None]


class CommitStream(Protocol):
    """The internal stream, as the relay and the sweep write to it."""

    def on_acknowledged(self, acknowledged: Acknowledged) -> None:
        """Call this for every message that the stream has stored."""
        ...

    async def send(self, message: EncodedCommit, *, again: bool = False) -> None:
        """Send without waiting for the answer; raises StreamUnavailable, also when too much is unanswered.

        `again` sends what the stream may have known and lost, past its recognition of repeated messages.
        """
        ...

    async def ensure(self) -> None:
        """Create or mend the stream where that is needed; raises StreamUnavailable."""
        ...


class RelayFigures(Struct):
    """What happened since the start, in messages; `mended` counts those that the sweep had to send."""

    sent: int = 0
    acknowledged: int = 0
    dropped: int = 0
    mended: int = 0


class Relay:
    """`offer` what the journal made durable; `run` sends it until cancelled."""

    def __init__(self, stream: CommitStream, *, queued_max: int = 2000, acknowledged_max: int = 100_000) -> None:
        self.figures = RelayFigures()
        self._stream = stream
        self._queued_max = queued_max
        self._queue: deque[Committed] = deque()
        self._queued = asyncio.Event()
        self._acknowledged: deque[SentRange] = deque(maxlen=acknowledged_max)
        stream.on_acknowledged(self._note)

    def offer(self, batch: Sequence[Committed]) -> None:
        """Take a batch; never blocks, drops what the queue cannot hold."""
        for committed in batch:
            if not committed.events:
                continue
            if len(self._queue) >= self._queued_max:
                self.figures.dropped += 1
            else:
                self._queue.append(committed)
        self._queued.set()

    def take_acknowledged(self) -> list[SentRange]:
        """Return what the stream has stored since the last call."""
        taken = list(self._acknowledged)
        self._acknowledged.clear()
        return taken

    async def run(self) -> None:
        """Send what is offered until cancelled."""
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                committed = self._queue.popleft()
                try:
                    await self._stream.send(encode_committed(committed))
                except StreamUnavailable:
                    self.figures.dropped += 1
                else:
                    self.figures.sent += 1

    def _note(self, sent: SentRange) -> None:
        self.figures.acknowledged += 1
        self._acknowledged.append(sent)
