"""What `consign verify` proves of one organization, step by step."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from consign.actors.audit import Audit, AuditReport, RelayedPositions
from consign.actors.chain import GENESIS, event_hash
from consign.actors.ownership import slice_of
from consign.actors.ports import Head
from consign.actors.queries import PAGE_ROWS_MAX, ReadAt, ReadModelMissing, ReadModels, Selection, Sort
from consign.actors.runner_ports import LogPosition, LogReader
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.business import CONSIGN
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, MemoryRows, Projection

PAGE_EVENTS = 2000
PROBLEMS_SHOWN = 5
UNREADABLE = "content"
"""The check that stands for all others where what is stored at a bad position cannot be read."""
_READ_TRIES = 20
_PAUSE_S = 0.2

type Advance = Callable[[int], None]
"""Is told how many events were looked at."""


class Checkpoint(Struct, frozen=True):
    """What somebody keeps outside of a log to hold it to: the hash that it had at a position."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"


class Result(Struct, frozen=True):
    """The outcome of one check: `figures` says what was compared, `problems` what was found wrong."""

    name: str
    figures: str
    problems: Sequence[str] = ()


class Check(Protocol):
    """Is fed every event of a log in order, then asked what it found."""

    def feed(self, stored: StoredEvent, event: Any) -> None:
        """Look at the next event."""
        ...

    def result(self, head: Head) -> Result:
        """Return what was found, once everything up to the head was fed."""
        ...


class Chain:
    """Every hash follows from the one before, and the last one is the head's.

    Where `against` is given, the chain has that hash at that position: whoever changed a row and reckoned every hash
    behind it anew has changed that one too.
    """

    def __init__(self, against: Checkpoint | None = None) -> None:
        self._against = against
        self._hash = GENESIS
        self._count = 0
        self._problems: list[str] = []

    def feed(self, stored: StoredEvent, event: Any) -> None:
        del event
        if event_hash(self._hash, stored) != stored.hash:
            where = "also" if self._problems else "the first bad position is"
            what = "what is stored there is not what its hash was made of"
            self._problems.append(f"{where} {stored.position}: {what}")
        self._hash = stored.hash
        self._count += 1
        against = self._against
        if against is not None and stored.position == against.position and stored.hash != against.hash:
            self._problems.append(f"at position {stored.position} the chain is not the one of the checkpoint")

    @property
    def is_broken(self) -> bool:
        """Whether a position was bad."""
        return bool(self._problems)

    def result(self, head: Head) -> Result:
        if self._hash != head.hash:
            self._problems.append(f"the head's hash is not that of position {head.position}")
        against = self._against
        if against is None:
            return Result("hash chain", f"{self._count} events", self._problems)
        if self._count < against.position:
            self._problems.append(f"the log ends at {self._count}, before the checkpoint: its end is gone")
        figures = f"{self._count} events, and the checkpoint at {against.position}"
        return Result("hash chain", figures, self._problems)


class Numbering:
    """Positions and versions have no gap, commands are whole, and the writer's clock never goes back."""

    def __init__(self) -> None:
        self._position = 0
        self._commands = 0
        self._last: StoredEvent | None = None
        self._versions: Counter[str] = Counter()
        self._problems: list[str] = []

    def feed(self, stored: StoredEvent, event: Any) -> None:
        del event
        self._position += 1
        self._versions[stored.stream] += 1
        where = f"position {stored.position}"
        if stored.position != self._position:
            self._problems.append(f"{where} stands where {self._position} should")
            self._position = stored.position
        if stored.version != self._versions[stored.stream]:
            self._problems.append(
                f"{where}: {stored.stream} has version {stored.version}, not {self._versions[stored.stream]}"
            )
        last = self._last
        if last is not None:
            self._follows(last, stored, where)
        self._commands += stored.ends_its_command
        self._last = stored

    def _follows(self, last: StoredEvent, stored: StoredEvent, where: str) -> None:
        if stored.recorded_at <= last.recorded_at:
            self._problems.append(f"{where}: recorded before the event in front of it")
        if not last.ends_its_command and stored.command_id != last.command_id:
            self._problems.append(f"{where}: the command before ends early")

    def result(self, head: Head) -> Result:
        if self._position != head.position:
            self._problems.append(f"the log ends at {self._position}, its head says {head.position}")
        if self._last is not None and not self._last.ends_its_command:
            self._problems.append("the last command is not whole")
        figures = f"{self._position} positions, {self._versions.total()} versions of {len(self._versions)} streams, "
        return Result("numbering", figures + f"{self._commands} commands", self._problems)


class Balance:
    """The books sum to zero after every command."""

    def __init__(self) -> None:
        self._books: Books = EMPTY
        self._open_minor = 0
        self._postings = 0
        self._problems: list[str] = []

    def feed(self, stored: StoredEvent, event: Any) -> None:
        self._books, postings = post(self._books, event)
        self._postings += len(postings)
        self._open_minor += sum(posting.amount_minor for posting in postings)
        if self._open_minor and stored.ends_its_command:
            self._problems.append(f"position {stored.position}: the books are off by {self._open_minor}")
            self._open_minor = 0

    def result(self, head: Head) -> Result:
        del head
        total_minor = sum(self._books.balances.values())
        if total_minor:
            self._problems.append(f"the balances sum to {total_minor}")
        figures = f"{self._postings} postings on {len(self._books.balances)} accounts, zero after every command"
        return Result("books", figures, self._problems)


async def checked_log(
    log: LogReader, head: Head, chain: Chain, checks: Sequence[Check], advance: Advance
) -> list[Result]:
    """Read the log once up to the head and return what each check found.

    What is stored at a bad position may mean nothing, or fit nothing before it: from there on only the chain is
    followed.
    """
    broken: str | None = None
    async for stored in events(log, head.organization_id, 0, head.position, advance):
        chain.feed(stored, None)
        if broken is not None:
            continue
        try:
            event = CONSIGN.decode_event(stored)
            for check in checks:
                check.feed(stored, event)
        except Exception as error:
            # Behind a position that was changed anything may stand: that is the finding. Anywhere else it is a defect.
            if not chain.is_broken:
                raise
            broken = f"position {stored.position} cannot be followed: {type(error).__name__}"
    result = chain.result(head)
    if broken is not None:
        return [result, Result(UNREADABLE, "nothing else was compared", [broken])]
    return [result, *(check.result(head) for check in checks)]


async def events(
    log: LogReader, organization_id: str, after: int, last: int, advance: Advance = lambda _: None
) -> AsyncIterator[StoredEvent]:
    """Yield the events after one position up to another, page by page."""
    while after < last:
        page = await log.read(organization_id, after, min(PAGE_EVENTS, last - after))
        if not page:
            return
        for stored in page:
            yield stored
        after = page[-1].position
        advance(len(page))


class TablesMoved(Exception):
    """A read model moved on faster than it could be read."""


async def checked_read_model(
    log: LogReader, models: ReadModels, projection: Projection, head: Head, advance: Advance
) -> Result:
    """Compare the tables of a read model with a fold of the log up to where the read model stands."""
    name = f"read model {projection.name}"
    organization_id = head.organization_id
    rows = MemoryRows(projection)
    position = 0
    for _ in range(_READ_TRIES):
        try:
            standing = await models.standing(organization_id, projection)
        except ReadModelMissing:
            return Result(name, "not built yet", ["there are no rows, although the log has events"])
        if standing.status not in ("running", "building"):
            return Result(name, f"at position {standing.at.position}", [f"{standing.status}: {standing.error}"])
        if standing.at.version != projection.version:
            return Result(name, f"version {standing.at.version} serves until version {projection.version} is built")
        async for stored in events(log, organization_id, position, standing.at.position, advance):
            if stored.type in projection.handles:
                rows.fold(stored, CONSIGN.decode_event(stored))
        position = max(position, standing.at.position)
        try:
            tables = await _tables(models, organization_id, projection, standing.at)
        except TablesMoved:
            continue
        return _compared(name, rows, tables, position, head)
    raise TablesMoved(f"{projection.name} moves all the time: stop the load to compare it")


async def _tables(
    models: ReadModels, organization_id: str, projection: Projection, at: ReadAt
) -> dict[str, dict[Key, Any]]:
    """Read every row; raises TablesMoved when not all of it is of one position."""
    tables: dict[str, dict[Key, Any]] = {}
    for table in projection.tables:
        found: dict[Key, Any] = {}
        cursor: str | None = None
        while True:
            selection = Selection(limit=PAGE_ROWS_MAX, cursor=cursor)
            page = await models.select(organization_id, projection, table.name, selection)
            if page.at != at:
                raise TablesMoved(f"{projection.name} moved on")
            found.update((tuple(getattr(row, name) for name in table.key), row) for row in page.rows)
            cursor = page.next_cursor
            if cursor is None:
                break
        tables[table.name] = found
    return tables


def _compared(name: str, rows: MemoryRows, tables: dict[str, dict[Key, Any]], position: int, head: Head) -> Result:
    problems = [
        f"{table} {key} is {tables[table].get(key)}, the log says {expected.get(key)}"
        for table, expected in rows.tables.items()
        for key in sorted(expected.keys() | tables[table].keys())
        if expected.get(key) != tables[table].get(key)
    ]
    count = sum(len(found) for found in tables.values())
    behind = f", {head.position - position} behind the log" if position < head.position else ""
    return Result(name, f"{count} rows equal the fold at position {position}{behind}", problems)


async def checked_public_positions(models: ReadModels, projection: Projection, organization_id: str) -> Result:
    """Count the public events: from 1 on without a gap."""
    name, expected, problems = "public events", 0, []
    cursor: str | None = None
    while True:
        selection = Selection(sort=(Sort("public_position"),), limit=PAGE_ROWS_MAX, cursor=cursor)
        page = await models.select(organization_id, projection, "events", selection)
        for row in page.rows:
            expected += 1
            if row.public_position != expected:
                problems.append(f"public position {row.public_position} stands where {expected} should")
                expected = row.public_position
        cursor = page.next_cursor
        if cursor is None:
            return Result(name, f"{expected} positions without a gap", problems)


async def checked_copy(audit: Audit, positions: RelayedPositions, head: Head, *, patience_s: float) -> Result:
    """Compare JetStream's copy with the log, as far as it is known to reach; nothing is mended.

    While a service runs, the relay is given `patience_s` to reach the head; without one it may be behind.
    """
    name = "JetStream copy"
    relayed = await _reached(positions, head, patience_s)
    behind = head.position - (0 if relayed is None else relayed.position)
    problems = [f"the relay is {behind} events behind"] if behind > 0 and patience_s else []
    to_go = f", {behind} not known to be sent yet" if behind > 0 else ""
    if relayed is None:
        return Result(name, f"nothing to compare{to_go}", problems)
    report: AuditReport = await audit.audit(relayed, repair=False)
    if report.missing:
        problems.append(f"{report.missing} events are missing")
    if report.damaged:
        problems.append(f"{report.damaged} events differ from the log")
    return Result(name, f"{report.checked - report.damaged} copied events equal the log{to_go}", problems)


async def _reached(positions: RelayedPositions, head: Head, patience_s: float) -> LogPosition | None:
    """Return how far the copy is known to reach, at the latest after `patience_s`."""
    deadline_s = asyncio.get_running_loop().time() + patience_s
    slices = frozenset((slice_of(head.organization_id),))
    while True:
        known = {each.organization_id: each for each in await positions.relayed(slices)}
        relayed = known.get(head.organization_id)
        if relayed is not None and relayed.position >= head.position:
            return relayed
        if asyncio.get_running_loop().time() >= deadline_s:
            return relayed
        await asyncio.sleep(_PAUSE_S)
