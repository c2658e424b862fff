"""Fires timers: rows that decisions wrote become commands once they are due, on the process that owns their slice.

The command's id is the timer's, so however often it is submitted it takes effect once; the append that decides it
clears the row. An organization that sleeps is woken like by any command.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from consign.actors.ownership_lease import Holdings
from consign.actors.ports import (
    TIMER_ACCOUNT,
    Accepted,
    Business,
    Issued,
    LogUnavailable,
    Refused,
    Reply,
    TimerRow,
    Unavailable,
)

TIMER_ROLE = "system"

_log = structlog.get_logger(__name__)


class Due(NamedTuple):
    """Timers whose time has come, oldest first, and the seconds until the next one, if there is any."""

    rows: Sequence[TimerRow]
    next_in_s: float | None


class TimerStore(Protocol):
    """The timers table. Every method may raise LogUnavailable."""

    async def due(self, slices: Collection[int], except_organizations: Collection[str], limit: int) -> Due:
        """Return what is due in these slices, by the database's clock."""
        ...

    async def remove(self, organization_id: str, timer_id: UUID) -> None:
        """Forget a timer."""
        ...


class TimerNode(Protocol):
    """Decides commands of organizations whose slices this process owns."""

    async def submit(self, issued: Issued) -> Reply:
        """Decide the command."""
        ...


class TimerSettings(Struct, frozen=True, kw_only=True):
    """The pace of timers: a row written by another process is seen after `poll_s` at the latest."""

    poll_s: float = 1.0
    batch_max: int = 256
    reply_timeout_s: float = 30.0
    rest_s: float = 0.5
    rest_max_s: float = 30.0
    unreadable_rest_s: float = 60.0


class _Rest(NamedTuple):
    """How long an organization is left alone after a timer of its could not be decided."""

    until_s: float
    length_s: float


class TimerLoop:
    """Fires what is due in the slices of `holdings` while `run` runs. One organization's trouble holds up no other."""

    def __init__(
        self,
        *,
        holdings: Holdings,
        node: TimerNode,
        store: TimerStore,
        business: Business,
        settings: TimerSettings | None = None,
    ) -> None:
        self._holdings = holdings
        self._node = node
        self._store = store
        self._business = business
        self._settings = settings or TimerSettings()
        self._firing: set[str] = set()
        self._resting: dict[str, _Rest] = {}
        self._wake = asyncio.Event()
        self._trouble = ""

    async def run(self) -> None:
        """Poll and fire until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                pause_s = await self._poll(tasks)
                await self._pause(pause_s)

    async def _poll(self, tasks: asyncio.TaskGroup) -> float:
        """Start firing what is due; return the seconds until there may be more."""
        slices = self._holdings.slices()
        if not slices:
            return self._settings.poll_s
        try:
            due = await self._store.due(slices, self._left_alone(), self._settings.batch_max)
        except LogUnavailable as error:
            self._note(str(error))
            return self._settings.poll_s
        self._note("")
        rows_of: defaultdict[str, list[TimerRow]] = defaultdict(list)
        for row in due.rows:
            rows_of[row.organization_id].append(row)
        for organization_id, rows in rows_of.items():
            self._firing.add(organization_id)
            tasks.create_task(self._fire(organization_id, rows))
        if len(due.rows) >= self._settings.batch_max:
            return 0.0
        next_in_s = self._settings.poll_s if due.next_in_s is None else max(due.next_in_s, 0.0)
        return min(next_in_s, self._settings.poll_s)

    def _left_alone(self) -> list[str]:
        """Name the organizations whose timers are under way or rest; who rested long enough is tried again."""
        now_s = asyncio.get_running_loop().time()
        resting = {organization_id for organization_id, rest in self._resting.items() if rest.until_s > now_s}
        return list(self._firing | resting)

    async def _fire(self, organization_id: str, rows: Sequence[TimerRow]) -> None:
        try:
            settled = await asyncio.gather(*(self._fire_one(row) for row in rows))
            if all(settled):
                self._resting.pop(organization_id, None)
        except LogUnavailable as error:
            self._note(str(error))
            self._let_rest(organization_id)
        finally:
            self._firing.discard(organization_id)
            if len(rows) > 1:
                self._wake.set()

    async def _fire_one(self, row: TimerRow) -> bool:
        """Submit one timer's command; return whether nothing is left to do for it."""
        try:
            issued = self._issue(row)
        except msgspec.MsgspecError as error:
            # A newer version may have written it: left in place for a process that understands it.
            _log.error("timer_unreadable", timer=str(row.timer_id), organization=row.organization_id, error=str(error))
            self._let_rest(row.organization_id, self._settings.unreadable_rest_s)
            return False
        try:
            async with asyncio.timeout(self._settings.reply_timeout_s):
                reply = await self._node.submit(issued)
        except Exception:
            # The boundary of one timer: a defect in a decision must not end every organization's timers.
            _log.exception("timer_failed", timer=str(row.timer_id), organization=row.organization_id)
            self._let_rest(row.organization_id)
            return False
        return await self._settle(row, reply)

    async def _settle(self, row: TimerRow, reply: Reply) -> bool:
        match reply:
            case Accepted(repeated=repeated):
                if repeated:  # decided earlier, so no append of this command will clear the row again
                    await self._store.remove(row.organization_id, row.timer_id)
                return True
            case Refused(reason=reason):
                _log.warning("timer_parked", timer=str(row.timer_id), organization=row.organization_id, reason=reason)
                await self._store.remove(row.organization_id, row.timer_id)
                return True
            case Unavailable():
                self._let_rest(row.organization_id)
                return False

    def _issue(self, row: TimerRow) -> Issued:
        return Issued(
            organization_id=row.organization_id,
            command_id=row.timer_id,
            account_id=TIMER_ACCOUNT,
            role=TIMER_ROLE,
            request_hash=sha256(row.command).digest(),
            command=self._business.decode_command(row.command),
            correlation_id=row.timer_id,
            causation_id=row.timer_id,
        )

    def _let_rest(self, organization_id: str, at_least_s: float = 0.0) -> None:
        """Leave the organization alone for a while, twice as long as last time, within bounds and with jitter."""
        now_s = asyncio.get_running_loop().time()
        rest = self._resting.get(organization_id)
        if rest is not None and rest.until_s > now_s:
            return
        doubled_s = self._settings.rest_s if rest is None else rest.length_s * 2
        length_s = max(min(doubled_s, self._settings.rest_max_s), at_least_s)
        self._resting[organization_id] = _Rest(now_s + length_s * random.uniform(0.75, 1.25), length_s)  # noqa: S311 - jitter

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("timers_unavailable" if trouble else "timers_available_again", trouble=trouble or None)

    async def _pause(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._wake.wait()
        except TimeoutError:
            return
