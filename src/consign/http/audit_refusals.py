"""What becomes of requests that are refused, beside their answer.

A member's refusal is kept in the organization's log. Whoever is no member there writes nothing into it: those are
counted, and so is everybody who did not show who they are. Of both the service's own log holds the first lines a minute
of each reason, and how many it left out.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from consign.http.audit_records import AccessRecords
from consign.http.exchange import Exchange
from consign.http.problems import REASONS, Refusal

_log = structlog.get_logger(__name__)

LINES_PER_REASON = 20
LINES_WINDOW_S = 60.0
_FORBIDDEN = 403
_OUR_FAULT = 500


class Sampling:
    """Lets so many lines of a reason through in a window; what it left out it says when the next one begins.

    Reasons are a closed list, so what is kept is bounded.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._until_s = 0.0
        self._seen: dict[str, int] = {}
        self.left_out = 0

    def takes(self, reason: str) -> bool:
        """Say whether a line of this reason is to be written."""
        now_s = self._now_s()
        if now_s >= self._until_s:
            self._begin(now_s + LINES_WINDOW_S)
        seen = self._seen[reason] = self._seen.get(reason, 0) + 1
        if seen <= LINES_PER_REASON:
            return True
        self.left_out += 1
        return False

    def _begin(self, until_s: float) -> None:
        for reason, seen in self._seen.items():
            if seen > LINES_PER_REASON:
                _log.warning("request_lines_left_out", reason=reason, lines=seen - LINES_PER_REASON)
        self._until_s = until_s
        self._seen.clear()


class Refusals:
    """Told of every refusal by the edge, and asked there which of them to write a line of."""

    def __init__(self, records: AccessRecords, sampling: Sampling | None = None) -> None:
        self._records = records
        self._sampling = sampling or Sampling()
        self._strangers = self._unauthenticated = 0

    async def note(self, scope: Any, exchange: Exchange, refusal: Refusal) -> None:
        """Keep or count the refusal."""
        if refusal.reason == "unauthenticated":
            self._unauthenticated += 1
        elif _is_strangers(exchange, refusal.reason):
            self._strangers += 1
        elif exchange.caller is not None and exchange.organization and REASONS[refusal.reason].status == _FORBIDDEN:
            await self._records.refused(exchange, scope["route_handler"].opt["rule"], refusal.reason)

    def has_line(self, exchange: Exchange) -> bool:
        """Say whether the request is to leave its line in the service's log."""
        reason = exchange.reason
        if not reason or exchange.status >= _OUR_FAULT:
            return True
        if exchange.caller is not None and not _is_strangers(exchange, reason):
            return True
        return self._sampling.takes(reason)

    def counters(self) -> Mapping[str, float]:
        """Tell the figures."""
        return {
            **self._records.counters(),
            "strangers_refused_total": float(self._strangers),
            "unauthenticated_total": float(self._unauthenticated),
            "request_lines_left_out_total": float(self._sampling.left_out),
        }


def _is_strangers(exchange: Exchange, reason: str) -> bool:
    """Whether somebody asked for an organization that they are no member of, or that there is not."""
    return exchange.caller is not None and reason == "unknown_organization"
