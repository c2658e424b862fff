"""Finds what the stream did not acknowledge and sends it again from the log.

It compares the heads of the logs with how far the stream is known to hold each of them. An organization that is behind
is given until the next sweep, because its newest messages may only be on their way.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

import structlog
from msgspec import Struct

from consign.actors.chain import GENESIS
from consign.actors.ports import LogUnavailable
from consign.actors.relay import CommitStream, Relay, SentRange, StreamUnavailable
from consign.actors.relay_message import EVENT_BYTES_MAX, encode_commit
from consign.actors.runner_ports import LogPosition, LogReader, ServedSlices
from consign.domain.recorded import StoredEvent

PAGE_EVENTS = 500
_ENVELOPE_BYTES = 400
_EVENTS_A_SWEEP = 20_000

_logger = structlog.get_logger(__name__)


class Behind(Struct, frozen=True, gc=False):
    """An organization whose log ends at `head` while the stream is known to hold it up to `relayed` only."""

    organization_id: str
    log_id: UUID
    head: int
    relayed: int


class RelayProgress(Protocol):
    """How far the stream is known to hold each log. Every method may raise `LogUnavailable`."""

    async def behind(self, slices: frozenset[int]) -> Sequence[Behind]:
        """Return the organizations of these slices that are behind."""
        ...

    async def advance(self, relayed: Sequence[LogPosition]) -> None:
        """Note that the stream holds these logs up to there."""
        ...


class Sweep:
    """`run` sweeps until cancelled. Two processes may sweep the same organizations: readers drop what comes twice."""

    def __init__(
        self,
        relay: Relay,
        stream: CommitStream,
        *,
        log: LogReader,
        progress: RelayProgress,
        served: ServedSlices,
        interval_s: float = 1.0,
    ) -> None:
        self._relay = relay
        self._stream = stream
        self._log = log
        self._progress = progress
        self._served = served
        self._interval_s = interval_s
        self._ranges: dict[tuple[str, UUID], list[SentRange]] = {}
        self._heads_before: dict[tuple[str, UUID], int] = {}
        self._available = True

    def forget_acknowledged(self) -> None:
        """Count on nothing that the stream before this one acknowledged and the progress does not hold yet."""
        self._relay.take_acknowledged()
        self._ranges.clear()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except (LogUnavailable, StreamUnavailable) as error:
                if self._available:
                    _logger.warning("relay waits", error=str(error))
                self._available = False
            else:
                self._available = True
            await asyncio.sleep(self._interval_s)

    async def sweep(self) -> None:
        """Sweep once; raises LogUnavailable and StreamUnavailable."""
        for sent in self._relay.take_acknowledged():
            self._ranges.setdefault((sent.organization_id, sent.log_id), []).append(sent)
        behind = await self._progress.behind(self._served())
        heads_before, self._heads_before = self._heads_before, {}
        late: list[tuple[Behind, int]] = []
        relayed: list[LogPosition] = []
        remaining: dict[tuple[str, UUID], list[SentRange]] = {}
        for organization in behind:
            key = (organization.organization_id, organization.log_id)
            position, unused = advanced(organization.relayed, self._ranges.get(key, ()))
            if unused:
                remaining[key] = unused
            if position > organization.relayed:
                relayed.append(LogPosition(*key, position))
            if position < heads_before.get(key, 0):
                late.append((organization, position))
            elif position < organization.head:
                self._heads_before[key] = organization.head
        self._ranges = remaining
        if relayed:
            await self._progress.advance(relayed)
        await self._stream.ensure()
        for organization, position in late:
            await self._mend(organization, position)

    async def _mend(self, organization: Behind, position: int) -> None:
        mended_before = self._relay.figures.mended
        last = min(organization.head, position + _EVENTS_A_SWEEP)
        while position < last:
            sent = await send_from_log(
                self._stream, self._log, organization.log_id, organization.organization_id, position
            )
            if sent is None:
                return
            position, messages = sent
            self._relay.figures.mended += messages
        _logger.info(
            "relay mended",
            organization=organization.organization_id,
            position=position,
            messages=self._relay.figures.mended - mended_before,
        )


async def send_from_log(
    stream: CommitStream,
    log: LogReader,
    log_id: UUID,
    organization_id: str,
    after: int,
    *,
    last: int | None = None,
    again: bool = False,
) -> tuple[int, int] | None:
    """Send a page of the log after a position; return the last position sent and how many messages that took.

    None: there is nothing after it, or the log is no longer the one called `log_id`.
    """
    head = await log.head(organization_id)
    if head is None or head.log_id != log_id:
        return None
    limit = PAGE_EVENTS if last is None else min(PAGE_EVENTS, last - after)
    known = 1 if after else 0
    events = await log.read(organization_id, after - known, limit + known)
    previous_hash = events[0].hash if known and events else GENESIS
    events = events[known:]
    if not events:
        return None
    messages = 0
    for part in _parts(events):
        await stream.send(encode_commit(log_id, previous_hash, part), again=again)
        previous_hash = part[-1].hash
        messages += 1
    return events[-1].position, messages


def advanced(position: int, ranges: Iterable[SentRange]) -> tuple[int, list[SentRange]]:
    """Return how far `ranges` reach from `position` without a gap, and those that lie behind one."""
    behind_a_gap: list[SentRange] = []
    for sent in sorted(ranges, key=lambda sent: sent.first):
        if sent.first > position + 1:
            behind_a_gap.append(sent)
        else:
            position = max(position, sent.last)
    return position, behind_a_gap


def _parts(events: Sequence[StoredEvent]) -> Iterator[Sequence[StoredEvent]]:
    """Split consecutive events so that a message stays below its limit, unless a single event is above it."""
    part: list[StoredEvent] = []
    size = 0
    for event in events:
        event_size = len(event.data) + len(event.meta) + _ENVELOPE_BYTES
        if part and size + event_size > EVENT_BYTES_MAX:
            yield part
            part, size = [], 0
        part.append(event)
        size += event_size
    if part:
        yield part
