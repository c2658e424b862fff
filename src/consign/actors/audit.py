"""Proves that the stream's copy of each log equals the log, and mends it where it does not.

The copy holds what its retention kept: events older than the oldest it has are not missed, unless it never dropped any.
Only what the relay knows to be acknowledged is asked for; beyond that the sweep is at work.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol

import structlog
from msgspec import Struct

from consign.actors.ports import LogUnavailable
from consign.actors.relay import CommitStream, StreamUnavailable
from consign.actors.relay_message import CommitMessage
from consign.actors.runner_ports import LogPosition, LogReader, ServedSlices
from consign.actors.sweep import send_from_log
from consign.domain.recorded import StoredEvent

_PAGE_EVENTS = 500

_logger = structlog.get_logger(__name__)


class Copy(Struct, frozen=True, gc=False):
    """One message of the copy; `message` is None where it cannot be read."""

    sequence: int
    message: CommitMessage | None


class CommitCopy(Protocol):
    """The internal stream, as the audit reads it. Every method may raise `StreamUnavailable`."""

    def copies(self, organization_id: str) -> AsyncIterator[Copy]:
        """Yield every message held about the organization, in the order in which the stream stored them."""
        ...

    async def dropped_any(self) -> bool:
        """Return whether the stream has dropped messages by its retention."""
        ...

    async def delete(self, sequence: int) -> None:
        """Delete one message."""
        ...


class RelayedPositions(Protocol):
    """How far the relay knows the stream to hold each log. May raise `LogUnavailable`."""

    async def relayed(self, slices: frozenset[int]) -> Sequence[LogPosition]:
        """Return it for every organization of these slices."""
        ...


class AuditReport(Struct, frozen=True):
    """Figures in events: compared, lacking in the copy, differing from the log, and sent again.

    `messages_deleted` counts unreadable or differing messages, and those of another log_id, that were removed.
    """

    checked: int = 0
    missing: int = 0
    damaged: int = 0
    repaired: int = 0
    messages_deleted: int = 0

    def __add__(self, other: "AuditReport") -> "AuditReport":
        return AuditReport(
            self.checked + other.checked,
            self.missing + other.missing,
            self.damaged + other.damaged,
            self.repaired + other.repaired,
            self.messages_deleted + other.messages_deleted,
        )


class Audit:
    """`audit` on demand, `run` for ever at a slow pace; `total` adds up everything since the start."""

    def __init__(
        self,
        *,
        stream: CommitStream,
        copy: CommitCopy,
        log: LogReader,
        positions: RelayedPositions,
        served: ServedSlices,
        interval_s: float = 300.0,
        pause_s: float = 1.0,
        retry_s: float = 5.0,
    ) -> None:
        self.total = AuditReport()
        self._stream = stream
        self._copy = copy
        self._log = log
        self._positions = positions
        self._served = served
        self._interval_s = interval_s
        self._pause_s = pause_s
        self._retry_s = retry_s
        self._wanted = asyncio.Event()

    def hurry(self) -> None:
        """Begin the next round at once: the stream was just created anew."""
        self._wanted.set()

    async def run(self) -> None:
        """Audit one organization after another until cancelled."""
        while True:
            rest_s = self._interval_s
            try:
                for relayed in await self._positions.relayed(self._served()):
                    await self.audit(relayed)
                    await asyncio.sleep(self._pause_s)
            except (LogUnavailable, StreamUnavailable) as error:
                _logger.info("audit postponed", error=str(error))
                rest_s = self._retry_s
            try:
                async with asyncio.timeout(rest_s):
                    await self._wanted.wait()
            except TimeoutError:
                continue
            self._wanted.clear()

    async def audit_all(self, *, repair: bool = True) -> AuditReport:
        """Audit every organization served here, now; raises LogUnavailable and StreamUnavailable."""
        report = AuditReport()
        for relayed in await self._positions.relayed(self._served()):
            report += await self.audit(relayed, repair=repair)
        return report

    async def audit(self, relayed: LogPosition, *, repair: bool = True) -> AuditReport:
        """Compare one organization's copy with its log; raises LogUnavailable and StreamUnavailable."""
        pages = _Pages(self._log, relayed.organization_id)
        held: list[tuple[int, int]] = []
        checked = damaged = 0
        useless: list[int] = []
        async for copy in self._copy.copies(relayed.organization_id):
            message = copy.message
            if message is None or message.log_id != relayed.log_id:
                useless.append(copy.sequence)
                continue
            differing = await pages.differing(message)
            checked += message.last - message.first + 1
            if differing:
                damaged += differing
                useless.append(copy.sequence)
            else:
                held.append((message.first, message.last))
        first = 1
        if await self._copy.dropped_any():
            first = min((start for start, _ in held), default=relayed.position + 1)
        gaps = _gaps(held, first, relayed.position)
        missing = sum(last - start + 1 for start, last in gaps)
        repaired = await self._repair(relayed, gaps, useless) if repair else 0
        report = AuditReport(checked, missing, damaged, repaired, len(useless) if repair else 0)
        self.total += report
        if missing or useless:
            _logger.warning("copy differs from log", organization=relayed.organization_id, report=report)
        return report

    async def _repair(self, relayed: LogPosition, gaps: Iterable[tuple[int, int]], useless: Iterable[int]) -> int:
        for sequence in useless:
            await self._copy.delete(sequence)
        repaired = 0
        for start, last in gaps:
            position = start - 1
            while position < last:
                sent = await send_from_log(
                    self._stream,
                    self._log,
                    relayed.log_id,
                    relayed.organization_id,
                    position,
                    last=last,
                    again=True,
                )
                if sent is None:
                    return repaired
                repaired += sent[0] - position
                position = sent[0]
        return repaired


class _Pages:
    """The log in pages, for messages that mostly come in its order."""

    def __init__(self, log: LogReader, organization_id: str) -> None:
        self._log = log
        self._organization_id = organization_id
        self._page: Sequence[StoredEvent] = ()

    async def differing(self, message: CommitMessage) -> int:
        """Return how many events of the message are not those of the log."""
        wanted = message.last - message.first + 1
        if not self._page or message.first < self._page[0].position or message.last > self._page[-1].position:
            limit = max(_PAGE_EVENTS, wanted)
            self._page = await self._log.read(self._organization_id, message.first - 1, limit)
        skip = message.first - self._page[0].position if self._page else 0
        stored = self._page[skip : skip + wanted]
        if len(stored) < wanted:
            return wanted
        if message.events is None:
            return 0 if stored[-1].hash == message.hash else wanted
        if len(message.events) != wanted:
            return wanted
        return sum(event != original for event, original in zip(message.events, stored, strict=True))


def _gaps(held: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """Return the ranges within first…last that none of `held` covers."""
    gaps: list[tuple[int, int]] = []
    expected = first
    for start, end in sorted(held):
        if start > last:
            break
        if start > expected:
            gaps.append((expected, start - 1))
        expected = max(expected, end + 1)
    if expected <= last:
        gaps.append((expected, last))
    return gaps
