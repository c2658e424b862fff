"""The keys of another issuer: fetched ahead of need by a task of their own, and kept while the issuer is away.

Nobody who shows a known key waits. An unknown one makes the task ask again, at most once a minute, so that keys may be
changed at any time and nobody can make this service flood its issuer.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from msgspec import Struct

from consign.adapters.oidc.fetching import NotFetched, fetched, new_client
from consign.adapters.oidc.key_set import KeySetInvalid, key_set
from consign.identity.keys import KeysUnavailable, VerifyingKey

_log = structlog.get_logger(__name__)

WAITING_MAX = 200


class Pace(Struct, frozen=True):
    """How often the issuer is asked, and how long its last answer counts."""

    refreshed_s: float = 600.0
    asked_again_s: float = 60.0
    retried_s: float = 5.0
    round_timeout_s: float = 5.0
    kept_s: float = 24 * 3600.0


class _Discovered(Struct, frozen=True):
    issuer: str
    jwks_uri: str


class IssuerKeys:
    """Keeps the keys of `issuer`. Without `jwks_uri` the issuer's discovery document says where they are."""

    def __init__(
        self,
        issuer: str,
        *,
        jwks_uri: str | None = None,
        pace: Pace | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self.failures = 0
        self._jwks_uri = jwks_uri
        self._pace = pace or Pace()
        self._now_s = now_s
        self._keys: Mapping[str, VerifyingKey] = {}
        self._fetched_s: float | None = None
        self._not_before_s = 0.0
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._done = asyncio.Event()
        self._failing = True

    @property
    def age_s(self) -> float | None:
        """How old the issuer's last answer is; None: there is none."""
        return None if self._fetched_s is None else self._now_s() - self._fetched_s

    @property
    def is_failing(self) -> bool:
        """Whether the issuer was not asked yet, or asked in vain."""
        return self._failing

    def known(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key where the issuer named it, not longer ago than an answer counts."""
        return self._keys.get(key_id) if key_id is not None and self._counts() else None

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key, having asked the issuer if it is unknown; raises KeysUnavailable."""
        found = self.known(key_id)
        if found is not None or key_id is None:
            return found
        if self._now_s() >= self._not_before_s:
            await self._asked()
        found = self.known(key_id)
        if found is None and self._failing:
            raise KeysUnavailable(self.issuer)
        return found

    async def run(self) -> None:
        """Ask from time to time, and when somebody shows an unknown key."""
        async with new_client() as client:
            while True:
                self._failing = not await self._round(client)
                pace = self._pace
                self._not_before_s = self._now_s() + (pace.retried_s if self._failing else pace.asked_again_s)
                done, self._done = self._done, asyncio.Event()
                done.set()
                self._wanted.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pace.retried_s if self._failing else pace.refreshed_s):
                        await self._wanted.wait()

    def _counts(self) -> bool:
        return self._fetched_s is not None and self._now_s() - self._fetched_s <= self._pace.kept_s

    async def _asked(self) -> None:
        """Wait for the round that is under way or begins now; not longer than it may take."""
        if self._waiting >= WAITING_MAX:
            raise KeysUnavailable(self.issuer)
        done = self._done
        self._wanted.set()
        self._waiting += 1
        try:
            async with asyncio.timeout(2 * self._pace.round_timeout_s):
                await done.wait()
        except TimeoutError:
            raise KeysUnavailable(self.issuer) from None
        finally:
            self._waiting -= 1

    async def _round(self, client: httpx.AsyncClient) -> bool:
        """Ask once; what fails leaves the keys that are known as they are."""
        try:
            async with asyncio.timeout(self._pace.round_timeout_s):
                uri = self._jwks_uri or await self._discovered(client)
                self._keys = key_set(await fetched(client, uri))
        except (NotFetched, KeySetInvalid, TimeoutError) as error:
            self.failures += 1
            _log.warning("issuer_keys_not_fetched", issuer=self.issuer, why=str(error) or type(error).__name__)
            return False
        except Exception:  # whatever an issuer answers, the others' tokens go on being checked
            self.failures += 1
            _log.exception("issuer_keys_not_understood", issuer=self.issuer)
            return False
        self._fetched_s = self._now_s()
        return True

    async def _discovered(self, client: httpx.AsyncClient) -> str:
        """Ask where the keys are: only the issuer itself, and only for a place of its own."""
        content = await fetched(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            read = msgspec.json.decode(content, type=_Discovered)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise KeySetInvalid("not a discovery document") from error
        if read.issuer != self.issuer:
            raise KeySetInvalid("the discovery document is another issuer's")
        if _origin(read.jwks_uri) != _origin(self.issuer):
            raise KeySetInvalid("the keys are elsewhere: name their jwks_uri in the settings to believe that place")
        return read.jwks_uri


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
