"""Writing down what happens to access itself: a member who was refused, somebody who was shown what is not theirs.

Each such thing is kept once an hour and account, however often it happens: the command's id is made of what it says and
the hour, so that no two processes write it twice. So nobody fills a log by asking.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import structlog

from consign.actors.ports import Issued, LogError
from consign.domain.auditing import AuditCommand, RecordDisclosure, RecordRefusedAccess, Shown
from consign.domain.values import AccountId
from consign.http.exchange import Exchange
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.submit import submitted

_log = structlog.get_logger(__name__)

WINDOW_S = 3600
REFUSALS_PER_ACCOUNT_MAX = 20
REFUSALS_PER_ORGANIZATION_MAX = 200
SHOWN_PER_ACCOUNT_MAX = 1_000
"""Each in a window, and by each process. Whoever has been shown so much is shown no more until the next one."""
KNOWN_MAX = 20_000
REFUSAL_TIMEOUT_S = 2.0
"""Whoever is refused is told so even where it cannot be written down."""

_NAMESPACE = UUID("5f0b0c0e-6a52-5d0e-9a0b-9a4b4c1f7f6e")


class _Thing(NamedTuple):
    organization: str
    command: AuditCommand


class AccessRecords:
    """Writes into the log of the organization that is concerned. `now_s` is the time since 1970."""

    def __init__(self, gateway: CommandGateway, now_s: Callable[[], float] = time.time) -> None:
        self._gateway = gateway
        self._now_s = now_s
        self._window = 0
        self._known: dict[_Thing, None] = {}
        self._refusals: dict[tuple[str, ...], int] = {}
        self._showings: dict[tuple[str, str], int] = {}
        self._refused = self._not_recorded = self._shown = 0

    async def refused(self, exchange: Exchange, endpoint: str, reason: str) -> None:
        """Keep that a member was refused; where that cannot be done it is counted."""
        self._refused += 1
        account = exchange.acting().account_id
        organization = exchange.organization
        thing = _Thing(organization, RecordRefusedAccess(AccountId(account), endpoint, reason))
        if self._is_known(thing):
            return
        if not self._takes((organization, account), REFUSALS_PER_ACCOUNT_MAX):
            return
        if not self._takes((organization,), REFUSALS_PER_ORGANIZATION_MAX):
            return
        try:
            async with asyncio.timeout(REFUSAL_TIMEOUT_S):
                await self._record(exchange, thing)
        except (Refusal, LogError, TimeoutError) as error:
            self._not_recorded += 1
            _log.warning("refusal_not_recorded", endpoint=endpoint, error=type(error).__name__)

    async def shown(self, exchange: Exchange, shown: Shown, about: str, because: str) -> None:
        """Keep that somebody is about to be shown something; raises Refusal where that cannot be done."""
        account = AccountId(exchange.acting().account_id)
        thing = _Thing(exchange.organization, RecordDisclosure(account, shown, about, because))
        if self._is_known(thing):
            return
        whose = (exchange.organization, str(account))
        showings = self._showings.pop(whose, 0)
        if showings >= SHOWN_PER_ACCOUNT_MAX:
            self._showings[whose] = showings
            later = {"Retry-After": str(WINDOW_S - int(self._now_s()) % WINDOW_S)}
            raise Refusal("rate_limited", "This account was shown very much in this hour.", headers=later)
        _forget_oldest(self._showings)
        self._showings[whose] = showings + 1
        await self._record(exchange, thing)
        self._shown += 1

    def counters(self) -> Mapping[str, float]:
        """Tell how often members were refused and how much was shown, and what could not be written down."""
        return {
            "access_refused_total": float(self._refused),
            "access_refusals_not_recorded_total": float(self._not_recorded),
            "data_shown_total": float(self._shown),
        }

    def _is_known(self, thing: _Thing) -> bool:
        window = int(self._now_s() // WINDOW_S)
        if window != self._window:
            self._window = window
            self._known.clear()
            self._refusals.clear()
            self._showings.clear()
        return thing in self._known

    def _takes(self, whose: tuple[str, ...], most: int) -> bool:
        """Count one more refusal in this window, where there were not enough already."""
        taken = self._refusals.get(whose, 0)
        if taken >= most or len(self._refusals) >= KNOWN_MAX:
            return False
        self._refusals[whose] = taken + 1
        return True

    async def _record(self, exchange: Exchange, thing: _Thing) -> None:
        said = f"{self._window}\n{thing.organization}\n{thing.command!r}".encode()
        command_id = uuid5(_NAMESPACE, sha256(said).hexdigest())
        issued = Issued(
            thing.organization,
            command_id,
            exchange.acting().account_id,
            exchange.role or "guest",
            sha256(said).digest(),
            thing.command,
            exchange.correlation_id,
            command_id,
            device_id=exchange.device,
            meta=exchange.meta(),
        )
        await submitted(self._gateway, issued)
        _forget_oldest(self._known)
        self._known[thing] = None


def _forget_oldest(kept: dict[Any, Any]) -> None:
    """Make room for one more."""
    if len(kept) >= KNOWN_MAX:
        del kept[next(iter(kept))]
