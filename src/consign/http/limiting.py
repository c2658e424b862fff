"""Who sends too much is told so, before anything is done: by address at the edge, by account and organization after it.

Requests are of four classes: sign-ins (whatever is posted without showing a token), imports, other commands, queries.
Of queries, looks at receipts under their links count once more by themselves.
Addresses of this machine are not limited, nor are accounts of development tokens, which count on this machine alone.
"""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from consign.http.addresses import is_this_machine, network_of
from consign.http.exchange import Exchange, exchange_of
from consign.http.problems import Refusal
from consign.http.rate_limits import Buckets, RateLimit, RateLimits, Taken

type Check = Callable[[Any], Awaitable[None] | None]
type RequestClass = Literal["queries", "imports", "commands"]
RECEIPT_LINKS = "/r/"
_QUERIES = frozenset(("GET", "HEAD", "OPTIONS"))


class Limiting:
    """Keeps the buckets of a process."""

    def __init__(self, limits: RateLimits, now_s: Callable[[], float] = time.monotonic) -> None:
        def buckets(name: str, limit: RateLimit) -> Buckets:
            return Buckets(name, limit, now_s=now_s)

        self._by_address: dict[RequestClass, Buckets] = {
            "queries": buckets("queries-per-address", limits.queries_per_address),
            "imports": buckets("imports-per-address", limits.imports_per_address),
            "commands": buckets("commands-per-address", limits.commands_per_address),
        }
        self._by_account: dict[RequestClass, Buckets] = {
            "queries": buckets("queries-per-account", limits.queries_per_account),
            "imports": buckets("imports-per-account", limits.imports_per_account),
            "commands": buckets("commands-per-account", limits.commands_per_account),
        }
        self._by_organization: dict[RequestClass, Buckets] = {
            "queries": buckets("queries-per-organization", limits.queries_per_organization),
            "imports": buckets("imports-per-organization", limits.imports_per_organization),
            "commands": buckets("commands-per-organization", limits.commands_per_organization),
        }
        self._sign_ins = buckets("sign-ins-per-address", limits.sign_ins_per_address)
        self._receipt_links = buckets("receipt-links-per-address", limits.receipt_links_per_address)

    def count_address(self, scope: Any, exchange: Exchange) -> None:
        """Count the request for its address; raises Refusal."""
        address = exchange.origin.address
        if not is_this_machine(address):
            taken = self._by_address[_class_of(scope)].take(network_of(address))
            exchange.rate_limit = taken
            _refuse_missing(taken, "this address")

    def counting(self, check: Check) -> Check:
        """Return a check that also counts whomever `check` lets in."""

        def checked(scope: Any) -> Awaitable[None] | None:
            asking = check(scope)
            if asking is not None:
                return self._count_after(asking, scope)
            self._count(scope)
            return None

        return checked

    async def _count_after(self, asking: Awaitable[None], scope: Any) -> None:
        await asking
        self._count(scope)

    def _count(self, scope: Any) -> None:
        exchange = exchange_of(scope)
        caller = exchange.caller
        if caller is None:
            self._count_stranger(scope, exchange)
            return
        kind = _class_of(scope)
        if caller.kind != "development":
            taken = self._by_account[kind].take(caller.account_id)
            exchange.rate_limit = taken
            _refuse_missing(taken, "this account")
        taken = self._by_organization[kind].take(exchange.organization)
        if taken.missing_s:
            exchange.rate_limit = taken
            _refuse_missing(taken, "this organization")

    def _count_stranger(self, scope: Any, exchange: Exchange) -> None:
        """Count what was posted without a token, and looks at receipts under their links."""
        address = exchange.origin.address
        buckets = self._of_strangers(scope)
        if buckets is not None and not is_this_machine(address):
            taken = buckets.take(network_of(address))
            exchange.rate_limit = taken
            _refuse_missing(taken, "this address")

    def _of_strangers(self, scope: Any) -> Buckets | None:
        """Webhooks are signed, and come from few addresses."""
        if scope["method"] == "POST":
            return None if scope["path"].startswith("/webhooks/") else self._sign_ins
        return self._receipt_links if scope["path"].startswith(RECEIPT_LINKS) else None


def _class_of(scope: Any) -> RequestClass:
    if scope["method"] in _QUERIES:
        return "queries"
    return "imports" if "/import-" in scope["path"] else "commands"


def _refuse_missing(taken: Taken, whose: str) -> None:
    if taken.missing_s:
        later = {"Retry-After": str(math.ceil(taken.missing_s))}
        raise Refusal("rate_limited", f"Too many requests of {whose}. Try again later.", headers=later)
