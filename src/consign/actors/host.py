"""An organization's actors, and the one turn at a time in which they decide.

A command waits in a bounded mailbox. In its turn the actors it names are loaded (snapshot and tail), then it is decided
over all of them without an await, on state that may not be durable yet; the journal releases the answer once it is.
Between two commands, and within a load or a snapshot, the other organizations of this process have their turn.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from consign.actors.bites import Bites, bitten
from consign.actors.journal import Account, Draft, Entry, Journal
from consign.actors.ports import (
    TIMER_ACCOUNT,
    Accepted,
    Business,
    Clock,
    CommandKey,
    CommandRecord,
    Head,
    Issued,
    Log,
    LogError,
    LogUnavailable,
    Refused,
    Reply,
    Snapshot,
    TimerRow,
    Unavailable,
)
from consign.domain.recorded import StreamName
from consign.domain.rejection import Rejected

_log = structlog.get_logger(__name__)

IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"

_encode_answer = msgspec.json.Encoder().encode


class HostLimits(Struct, frozen=True):
    """Bounds of one organization's host."""

    mailbox_max: int = 2000
    turn_commands_max: int = 200
    bite_commands_max: int = 20
    undurable_entries_max: int = 2000
    load_page_events: int = 2000
    load_streams_max: int = 16
    snapshot_after_events: int = 2000
    actor_idle_s: float = 600.0


class Actor:
    """One stream that is awake, its version as of its last decision; its state lies beside the others'."""

    __slots__ = ("snapshot_version", "used_at_s", "version")

    def __init__(self, version: int, snapshot_version: int) -> None:
        self.version = version
        self.snapshot_version = snapshot_version
        self.used_at_s = 0.0


class OrganizationHost:
    """Owns an organization's log in this process, from adoption until it is drained or `lost`.

    `submit` may be called at any time; `run` is the host's only task.
    """

    def __init__(
        self,
        head: Head,
        journal: Journal,
        business: Business,
        log: Log,
        clock: Clock,
        new_id: Callable[[], UUID],
        *,
        limits: HostLimits | None = None,
    ) -> None:
        self.organization_id = head.organization_id
        self.lost: asyncio.Event = asyncio.Event()
        self._journal = journal
        self._business = business
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._limits = limits or HostLimits()
        self._account = Account(head, self._durable, self._failed)
        self._mailbox: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._actors: dict[StreamName, Actor] = {}
        self._states: dict[StreamName, Any] = {}
        self._view = MappingProxyType(self._states)
        self._in_flight: dict[CommandKey, Entry] = {}
        self._decided_this_turn: dict[CommandKey, Entry] = {}
        self._undurable = 0
        self._draining = False
        self._turning = False

    @property
    def head(self) -> Head:
        """The end of the durable log."""
        return self._account.head

    def waiting(self) -> int:
        """Return how many commands wait in the mailbox."""
        return len(self._mailbox)

    def is_idle(self) -> bool:
        """Whether nothing is queued, being decided or waiting to be durable."""
        return not self._mailbox and not self._turning and self._undurable == 0

    async def submit(self, issued: Issued) -> Reply:
        """Queue the command and wait for its reply; a full mailbox, a drain, a lost log answer Unavailable at once."""
        if self.lost.is_set() or self._draining:
            return _MOVED
        if len(self._mailbox) >= self._limits.mailbox_max:
            return Unavailable("mailbox_full", "Too many commands are waiting. Try again shortly.", 1.0)
        released: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._mailbox.append(Entry(issued, released))
        self._wake.set()
        return await released

    async def run(self) -> None:
        """Decide what is in the mailbox, turn by turn, until cancelled or the log is lost."""
        try:
            while not self.lost.is_set():
                await self._wake.wait()
                if self._undurable >= self._limits.undurable_entries_max:
                    self._settled.clear()
                    await self._settled.wait()
                    continue
                await self._turn()
        finally:
            self._refuse_mailbox(_MOVED)

    async def drain(self) -> None:
        """Take no more commands, and return when everything taken before is answered and snapshots are kept."""
        self._draining = True
        while not self.is_idle() and not self.lost.is_set():
            self._settled.clear()
            await self._settled.wait()
        if not self.lost.is_set():
            await self._keep_snapshots()

    async def rest(self) -> None:
        """Keep snapshots of long streams and forget actors unused for `actor_idle_s`; only while nothing is under way.

        A forgotten actor wakes by its next command.
        """
        if not self.is_idle() or self.lost.is_set():
            return
        await self._keep_snapshots()
        if not self.is_idle():
            return
        before_s = asyncio.get_running_loop().time() - self._limits.actor_idle_s
        for stream in [stream for stream, actor in self._actors.items() if actor.used_at_s < before_s]:
            del self._actors[stream], self._states[stream]

    async def _turn(self) -> None:
        self._turning = True
        try:
            taken = [self._mailbox.popleft() for _ in range(min(len(self._mailbox), self._limits.turn_commands_max))]
            if not self._mailbox:
                self._wake.clear()
            await self._decide_all(taken)
        finally:
            self._turning = False
            self._decided_this_turn.clear()
            self._signal_if_idle()

    async def _decide_all(self, taken: Sequence[Entry]) -> None:
        # A command in flight is joined before the look-up: once durable it leaves `_in_flight`, and a look-up begun
        # earlier would not have seen it.
        fresh = [entry for entry in taken if not self._join(entry)]
        if not fresh:
            return
        undecided = deque(fresh)
        bites = Bites(self._limits.bite_commands_max)
        try:
            found = await self._log.find_commands([entry.key for entry in fresh])
            while undecided:
                entry = undecided[0]
                await self._decide_one(entry, found.get(entry.key) if found else None)
                undecided.popleft()
                await bites.pause()
        except LogUnavailable as error:
            _log.warning("turn_failed", organization=self.organization_id, error=str(error))
            for entry in undecided:
                _answer(entry.released, Unavailable("log_unavailable", "The log cannot be reached. Try again.", 1.0))
        finally:
            for entry in undecided:  # cut off in the middle: whoever waits looks for the next owner
                _answer(entry.released, _MOVED)

    async def _decide_one(self, entry: Entry, record: CommandRecord | None) -> None:
        if self._join(entry):
            return
        if record is not None:
            self._put_reply(entry, _repeat(entry.issued, record))
            return
        try:
            streams = await self._awake(entry.issued.command)
            if self.lost.is_set():
                _answer(entry.released, _MOVED)
                return
            self._decide(entry, streams)
        except LogError:
            raise
        except Exception as error:
            # A defect in the business or in a fold concerns this command only: no state was replaced. It surfaces at
            # the caller.
            _log.exception(
                "decision_failed", organization=self.organization_id, command=type(entry.issued.command).__name__
            )
            if not entry.released.done():
                entry.released.set_exception(error)
            return
        self._put(entry)

    async def _awake(self, command: Any) -> tuple[StreamName, ...]:
        """Load what the command decides over, until it names nothing new; return all its streams."""
        while True:
            streams = self._business.needs(command, self._states)
            missing = [stream for stream in streams if stream not in self._states]
            if not missing:
                return streams
            for stream in missing:
                await self._load(stream)

    def _join(self, entry: Entry) -> bool:
        # What was decided earlier in the same turn may be durable by now, and the look-up was before that.
        first = self._in_flight.get(entry.key) or self._decided_this_turn.get(entry.key)
        if first is None:
            return False
        if first.issued.request_hash != entry.issued.request_hash:
            self._put_reply(entry, _reused())
        else:
            first.released.add_done_callback(lambda done: _pass_on(done, entry.released))
        return True

    def _decide(self, entry: Entry, streams: Sequence[StreamName]) -> None:
        """Decide over awake actors, and only when nothing can fail any more replace their states."""
        business, issued, states, actors = self._business, entry.issued, self._states, self._actors
        used_at_s = asyncio.get_running_loop().time()
        for stream in streams:
            actors[stream].used_at_s = used_at_s
        try:
            decision = business.decide(issued.command, self._view, self._clock(), issued.actor)
        except Rejected as rejected:
            entry.reply = Refused(rejected.reason.value, rejected.detail, 0, rejected.errors)
            return
        answer = _encode_answer(decision.answer)
        timers = [
            TimerRow(issued.organization_id, timer.timer_id, timer.due_at, business.encode_command(timer.command))
            for timer in decision.timers
        ]
        drafts: list[Draft] = []
        replaced: dict[StreamName, tuple[Any, int]] = {}
        for emitted in decision.events:
            stream, event = emitted.stream, emitted.event
            state, version = replaced.get(stream) or (states[stream], actors[stream].version)
            kind, schema, data = business.encode_event(event)
            replaced[stream] = (business.evolve(stream, state, event), version + 1)
            drafts.append(Draft(stream, version + 1, kind, schema, self._new_id(), data))
        for stream, (state, version) in replaced.items():
            actors[stream].version = version
            states[stream] = state
        entry.answer, entry.drafts, entry.timers = answer, drafts, timers
        if decision.on_behalf_of is not None:
            entry.issued = replace(issued, on_behalf_of=decision.on_behalf_of)
        if issued.account_id == TIMER_ACCOUNT:
            entry.fired = issued.command_id
        self._in_flight[entry.key] = self._decided_this_turn[entry.key] = entry

    async def _load(self, stream: StreamName) -> None:
        business, page = self._business, self._limits.load_page_events
        state, version, snapshot_version = business.initial(stream), 0, 0
        snapshot = await self._log.load_snapshot(
            self.organization_id, stream, business.fold_version(stream), self.head.log_id
        )
        if snapshot is not None:
            state = await bitten(business.decode_state(stream, snapshot.state))
            version = snapshot_version = snapshot.version
        bites = Bites()
        while True:
            events = await self._log.read_stream(self.organization_id, stream, version, page)
            for stored in events:
                state = business.evolve(stream, state, business.decode_event(stored))
                version = stored.version
                await bites.pause()
            if len(events) < page:
                break
        self._actors[stream] = Actor(version, snapshot_version)
        self._states[stream] = state

    def _put_reply(self, entry: Entry, reply: Reply) -> None:
        entry.reply = reply
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        self._undurable += 1
        self._journal.put(self._account, entry)

    def _durable(self, entries: Sequence[Entry]) -> None:
        self._undurable -= len(entries)
        for entry in entries:
            if entry.answer is not None:
                self._in_flight.pop(entry.key, None)
        self._signal_if_idle()

    def _failed(self, reply: Unavailable) -> None:
        """Drop the speculative state whole: what was decided on it never happened."""
        self._actors.clear()
        self._states.clear()
        self._in_flight.clear()
        self._undurable = 0
        self.lost.set()
        self._settled.set()
        self._wake.set()
        self._refuse_mailbox(reply)

    def _refuse_mailbox(self, reply: Unavailable) -> None:
        while self._mailbox:
            _answer(self._mailbox.popleft().released, reply)

    def _signal_if_idle(self) -> None:
        if self.is_idle() or self._undurable <= self._limits.undurable_entries_max // 2:
            self._settled.set()

    async def _keep_snapshots(self) -> None:
        """Snapshot long streams; called when all state is durable. A snapshot is a cache: a failure costs a reload.

        Head and states are taken in one moment and never change: others may decide on while these are written.
        """
        head, limit = self.head, self._limits.snapshot_after_events
        long = [
            (stream, actor, actor.version, self._states[stream])
            for stream, actor in self._actors.items()
            if actor.version - actor.snapshot_version >= limit
        ]
        for stream, actor, version, state in long:
            snapshot = Snapshot(
                head.organization_id,
                stream,
                self._business.fold_version(stream),
                head.log_id,
                head.position,
                version,
                head.hash,
                await bitten(self._business.encode_state(stream, state)),
            )
            try:
                await self._log.save_snapshot(snapshot)
            except LogError as error:
                _log.warning("snapshot_not_kept", organization=head.organization_id, error=str(error))
            else:
                actor.snapshot_version = version


_MOVED = Unavailable("not_owner", "The organization moved to another process. Try again.", 0.1)
_ASK_AGAIN = Unavailable("timed_out", "The outcome is not known yet. Try again with the same key.", 0.1)


def _answer(released: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not released.done():
        released.set_result(reply)


def _repeat(issued: Issued, record: CommandRecord) -> Reply:
    if record.request_hash != issued.request_hash:
        return _reused()
    return Accepted(record.position, record.answer, repeated=True)


def _pass_on(first: "asyncio.Future[Reply]", released: "asyncio.Future[Reply]") -> None:
    """Answer a repeated command as the first one; when the first asker has gone, that answer is not to be had here."""
    _answer(released, _ASK_AGAIN if first.cancelled() else _repeated(first.result()))


def _repeated(reply: Reply) -> Reply:
    return Accepted(reply.position, reply.answer, repeated=True) if isinstance(reply, Accepted) else reply


def _reused() -> Refused:
    return Refused(
        IDEMPOTENCY_KEY_REUSED,
        "This Idempotency-Key was used for another request. Send a new key, or the first request again.",
        0,
    )
