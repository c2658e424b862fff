"""The journal of a process: one transaction in flight, holding what every organization it serves has decided.

A host hands over entries in the order it decided them. The journal fills a batch round-robin over organizations, seals
it (positions, times, hashes), appends it and only then releases the answers: acceptances, rejections, no-ops and
duplicates alike, because all of them were decided on state that this append, or its fence, makes true.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from consign.actors.chain import event_hash
from consign.actors.ports import (
    Accepted,
    AppendRefused,
    Clock,
    CommandRecord,
    Committed,
    Head,
    Issued,
    Log,
    LogUnavailable,
    OrganizationAppend,
    OutcomeUnknown,
    Refused,
    Reply,
    TimerRow,
    Unavailable,
)
from consign.domain.recorded import StoredEvent, StreamName

_log = structlog.get_logger(__name__)
_TICK = timedelta(microseconds=1)
_UNSEALED = b""


class Draft(Struct, frozen=True, gc=False):
    """An event that has a stream and a version but no position yet."""

    stream: StreamName
    version: int
    type: str
    schema: int
    event_id: UUID
    data: bytes


class Entry:
    """One command, the answer that waits for it and, once decided, what it contributes to a batch.

    Without an `answer` to record the command was refused or repeated: its `reply` is ready, only the fence is missing.
    """

    __slots__ = ("answer", "drafts", "fired", "issued", "key", "position", "released", "reply", "timers")

    def __init__(self, issued: Issued, released: "asyncio.Future[Reply]") -> None:
        self.issued = issued
        self.key = issued.key
        self.released = released
        self.drafts: Sequence[Draft] = ()
        self.timers: Sequence[TimerRow] = ()
        self.answer: bytes | None = None
        self.reply: Reply | None = None
        self.fired: UUID | None = None
        self.position = 0


class JournalLimits(Struct, frozen=True):
    """Bounds of a batch, and how long the outcome of a commit is pursued before hosts are told to start over."""

    batch_events_max: int = 1000
    organization_entries_max: int = 500
    retry_delay_s: float = 0.05
    retry_delay_max_s: float = 1.0
    retry_for_s: float = 15.0


class Account:
    """An organization's account with the journal: where its durable log ends, and what waits to be appended.

    `on_durable` is called with the entries of each append, before their answers are released; `on_failure` once, when
    the organization's speculative state must be dropped: every entry not yet durable has failed by then.
    """

    def __init__(
        self,
        head: Head,
        on_durable: Callable[[Sequence[Entry]], None],
        on_failure: Callable[[Unavailable], None],
    ) -> None:
        self.head = head
        self.waiting: deque[Entry] = deque()
        self.closed = False
        self.on_durable = on_durable
        self.on_failure = on_failure


class _Share:
    __slots__ = ("account", "append", "entries")

    def __init__(self, account: Account, entries: list[Entry], append: OrganizationAppend) -> None:
        self.account = account
        self.entries = entries
        self.append = append


class Journal:
    """Appends batches one after another; `run` is its only task and ends when cancelled.

    `on_committed` is called right after each durable batch, synchronously: it must only queue.
    """

    def __init__(
        self,
        log: Log,
        clock: Clock,
        *,
        on_committed: Callable[[Sequence[Committed]], None] = lambda _: None,
        limits: JournalLimits | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._on_committed = on_committed
        self._limits = limits or JournalLimits()
        self._ready: deque[Account] = deque()
        self._wake = asyncio.Event()
        self.batches = 0
        self.events = 0

    def put(self, account: Account, entry: Entry) -> None:
        """Queue an entry behind what its organization has queued before."""
        if account.closed:
            self._fail_entry(entry, Unavailable("not_owner", "This process no longer owns the organization's log."))
            return
        if not account.waiting:
            self._ready.append(account)
            self._wake.set()
        account.waiting.append(entry)

    async def run(self) -> None:
        """Append what is queued, until cancelled; what is then queued fails as retryable."""
        try:
            while True:
                await self._wake.wait()
                await asyncio.sleep(0)  # whoever is ready this tick joins the batch
                batch = self._take()
                if not self._ready:
                    self._wake.clear()
                if batch:
                    await self._append(batch)
        finally:
            stopping = Unavailable("stopping", "This process is stopping; another one answers. Try again.")
            while self._ready:
                self._fail(self._ready.popleft(), (), stopping)

    def _take(self) -> list[_Share]:
        batch: list[_Share] = []
        room = self._limits.batch_events_max
        for _ in range(len(self._ready)):
            if room <= 0:
                break
            account = self._ready.popleft()
            entries: list[Entry] = []
            while account.waiting and len(entries) < self._limits.organization_entries_max and room > 0:
                entry = account.waiting.popleft()
                entries.append(entry)
                room -= len(entry.drafts) or 1
            if account.waiting:
                self._ready.append(account)
            if entries:
                batch.append(_Share(account, entries, self._seal(account.head, entries)))
        return batch

    def _seal(self, head: Head, entries: Sequence[Entry]) -> OrganizationAppend:
        events: list[StoredEvent] = []
        records: list[CommandRecord] = []
        timers: list[TimerRow] = []
        fired: list[UUID] = []
        position, previous = head.position, head.hash
        recorded_at = self._clock()
        if head.recorded_at is not None and recorded_at <= head.recorded_at:
            recorded_at = head.recorded_at + _TICK
        for entry in entries:
            commit_position = position + len(entry.drafts)
            for draft in entry.drafts:
                position += 1
                event = _stored(entry.issued, draft, position, commit_position, recorded_at)
                previous = event_hash(previous, event)
                force_setattr(event, "hash", previous)  # nobody has seen the event yet; a copy would cost a fifth more
                events.append(event)
                recorded_at += _TICK
            entry.position = position
            timers.extend(entry.timers)
            if entry.answer is not None:
                records.append(CommandRecord(entry.key, entry.issued.request_hash, position, entry.answer))
            if entry.fired is not None:
                fired.append(entry.fired)
        return OrganizationAppend(head.organization_id, head.epoch, head.position, events, records, timers, fired)

    async def _append(self, batch: list[_Share]) -> None:
        deadline = asyncio.get_running_loop().time() + self._limits.retry_for_s
        delay_s = self._limits.retry_delay_s
        while batch:
            try:
                held = await self._log.append([share.append for share in batch])
            except AppendRefused as error:
                await self._append_apart(batch, error)
                return
            except OutcomeUnknown as error:
                _log.warning("append_outcome_unknown", organizations=len(batch), error=str(error))
                batch = await self._resolve(batch, deadline)
                continue
            except LogUnavailable as error:
                if asyncio.get_running_loop().time() > deadline:
                    self._give_up(batch, str(error))
                    return
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, self._limits.retry_delay_max_s)
                continue
            except asyncio.CancelledError:
                self._give_up(batch, "the process is stopping")
                raise
            self._release(batch, held)
            return

    async def _append_apart(self, batch: list[_Share], error: AppendRefused) -> None:
        """One organization's bad row must not harm the others: append each alone, fail the one that is refused."""
        if len(batch) > 1:
            for share in batch:
                await self._append([share])
            return
        share = batch[0]
        _log.error("append_refused", organization=share.append.organization_id, error=str(error))
        self._fail(
            share.account, share.entries, Unavailable("append_refused", "The log refused this command. Try again.")
        )

    async def _resolve(self, batch: list[_Share], deadline: float) -> list[_Share]:
        """Fence our own append that may still be in flight, then look whether it is durable; return what is not."""
        again: list[_Share] = []
        for share in batch:
            head = await self._fenced_head(share, deadline)
            if head is None:
                continue
            last = share.append.events[-1] if share.append.events else None
            if last is not None and (head.position, head.hash) == (last.position, last.hash):
                share.account.head = replace(head, position=share.append.expected, hash=share.account.head.hash)
                self._release([share], frozenset([head.organization_id]))
            elif (head.position, head.hash) == (share.append.expected, share.account.head.hash):
                share.account.head = head
                if await self._recorded_already(share, deadline):
                    self._release([share], frozenset([head.organization_id]))
                else:
                    share.append = replace(share.append, epoch=head.epoch)
                    again.append(share)
            else:
                self._fail(share.account, share.entries, _NOT_OWNER)
        return again

    async def _recorded_already(self, share: _Share, deadline: float) -> bool:
        """Tell, for a share that moves no position, whether its records are durable."""
        if share.append.events or not share.append.records:
            return False
        keys = [record.key for record in share.append.records]
        found = await self._until(deadline, lambda: self._log.find_commands(keys))
        return found is not None and len(found) == len(keys)

    async def _fenced_head(self, share: _Share, deadline: float) -> Head | None:
        head: Head | None = await self._until(deadline, lambda: self._log.raise_epoch(share.account.head))
        if head is None:
            self._fail(share.account, share.entries, _NOT_OWNER)
        return head

    async def _until(self, deadline: float, ask: Callable[[], Any]) -> Any:
        delay_s = self._limits.retry_delay_s
        while True:
            try:
                return await ask()
            except LogUnavailable as error:
                if asyncio.get_running_loop().time() > deadline:
                    _log.warning("outcome_not_resolved", error=str(error))
                    return None
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, self._limits.retry_delay_max_s)

    def _release(self, batch: Sequence[_Share], held: frozenset[str]) -> None:
        committed: list[Committed] = []
        for share in batch:
            account = share.account
            if account.head.organization_id not in held:
                self._fail(account, share.entries, _NOT_OWNER)
                continue
            events = share.append.events
            if events:
                previous_hash, last = account.head.hash, events[-1]
                account.head = replace(
                    account.head, position=last.position, hash=last.hash, recorded_at=last.recorded_at
                )
                committed.append(Committed(account.head, previous_hash, events))
                self.events += len(events)
            account.on_durable(share.entries)
            for entry in share.entries:
                _release_entry(entry)
        self.batches += 1
        if committed:
            self._on_committed(committed)

    def _give_up(self, batch: Sequence[_Share], why: str) -> None:
        unavailable = Unavailable("log_unavailable", f"The log cannot be reached ({why}). Try again with the same key.")
        for share in batch:
            self._fail(share.account, share.entries, unavailable)

    def _fail(self, account: Account, entries: Sequence[Entry], reply: Unavailable) -> None:
        account.closed = True
        for entry in (*entries, *account.waiting):
            self._fail_entry(entry, reply)
        account.waiting.clear()
        account.on_failure(reply)

    @staticmethod
    def _fail_entry(entry: Entry, reply: Unavailable) -> None:
        if not entry.released.done():
            entry.released.set_result(reply)


_NOT_OWNER = Unavailable("not_owner", "Another process has taken the organization over. Try again.", 0.1)


def _release_entry(entry: Entry) -> None:
    if entry.released.done():
        return
    if entry.answer is not None:
        entry.released.set_result(Accepted(entry.position, entry.answer))
        return
    reply = entry.reply
    assert reply is not None
    entry.released.set_result(replace(reply, position=entry.position) if isinstance(reply, Refused) else reply)


def _stored(issued: Issued, draft: Draft, position: int, commit_position: int, recorded_at: datetime) -> StoredEvent:
    return StoredEvent(
        issued.organization_id,
        position,
        draft.stream,
        draft.version,
        draft.type,
        draft.schema,
        draft.event_id,
        commit_position,
        issued.command_id,
        issued.correlation_id,
        issued.causation_id,
        issued.account_id,
        issued.role,
        issued.on_behalf_of,
        issued.device_id,
        issued.occurred_at or recorded_at,
        recorded_at,
        issued.meta,
        draft.data,
        _UNSEALED,
    )
