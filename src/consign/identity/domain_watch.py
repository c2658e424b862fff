"""Asking holders of domains again whether they hold them, and handing on what its holder shows no more.

A domain stays with its holder for as long as nobody else shows it, whatever its holder shows: what was shown over HTTP
is gone once the domain leads here. When somebody else has shown it, the holder is asked often, and told until when. If
the holder has not shown it by then, and the other one still does, it passes. Whose it is, is decided by one row in one
step; the logs of both are told afterwards, again and again until they know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from msgspec import Struct

from consign.identity.domains import ChallengeNotAnswered, Proof
from consign.identity.sessions import utc_now
from consign.identity.store import IdentityUnavailable

LOOKED_EVERY_S = 60.0
AT_A_TIME = 20
"""So many domains are asked each time at most, one after the other."""
WANTED_ASKED_EVERY = timedelta(hours=1)
"""So often the holder of a domain is asked that somebody else wants."""

_log = structlog.get_logger(__name__)


class Watched(Struct, frozen=True):
    """A domain as its row says: nobody's, where it was given up while somebody wanted it."""

    domain: str
    organization: str | None
    doubted_since: datetime | None = None
    wanted_by: str | None = None
    wanted_since: datetime | None = None

    def passes_at(self, grace: timedelta) -> datetime | None:
        """Return when it passes to whoever wants it unless its holder shows it before; None: nobody wants it."""
        if self.wanted_since is None:
            return None
        return max(self.wanted_since, self.doubted_since or self.wanted_since) + grace


class Untold(Struct, frozen=True):
    """A domain that passed, of which logs may not know yet. Its holder now may have given it up since."""

    domain: str
    organization: str | None
    former: str | None


class WatchStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def domains_to_ask(
        self, now: datetime, every: timedelta, wanted_every: timedelta, limit: int
    ) -> Sequence[Watched]:
        """Return domains that nobody asked for so long, and hold that they are asked now, by nobody else."""
        ...

    async def trust_domain(self, domain: str, organization: str) -> None:
        """Keep that its holder has shown it: nobody else gets it."""
        ...

    async def doubt_domain(self, domain: str, organization: str, now: datetime) -> Watched | None:
        """Keep that its holder has not shown it, since when first; None: the holder is another one by now."""
        ...

    async def pass_domain(self, domain: str, former: str | None, to: str) -> bool:
        """Hand it on, if it still is the former one's, in doubt, and wanted by this one, and logs know all before."""
        ...

    async def unwant_domain(self, domain: str, organization: str) -> None:
        """Keep that the organization wants it no more."""
        ...

    async def untold_domains(self, limit: int) -> Sequence[Untold]:
        """Return domains that passed, of which logs may not know yet."""
        ...

    async def domain_told(self, told: Untold) -> None:
        """Keep that logs know, if nothing has changed meanwhile."""
        ...

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        ...


class DomainFacts(Protocol):
    """Records in organizations' logs what becomes of their domains; repeating changes nothing.

    Each may raise FactsUnavailable.
    """

    async def shown(self, organization: str, domain: str) -> bool:
        """The organization shows the domain; False: it wants it no more, or is no more."""
        ...

    async def doubted(self, organization: str, domain: str, passes_at: datetime | None) -> None:
        """The organization does not show it, and loses it at that time unless it does; None: nobody wants it."""
        ...

    async def lost(self, organization: str, domain: str) -> None:
        """Another organization has the domain now."""
        ...


class FactsUnavailable(Exception):
    """What happened cannot be recorded at the moment."""


class DomainWatch:
    """Asks each domain's holder again after the time `every`, and hands on what was in doubt for the time `grace`."""

    def __init__(
        self,
        store: WatchStore,
        proof: Proof,
        facts: DomainFacts,
        *,
        every: timedelta,
        grace: timedelta,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._proof = proof
        self._facts = facts
        self._every = every
        self._grace = grace
        self._now = now
        self._passed = self._failures = 0

    async def run(self) -> None:
        """Go on looking; what fails is tried again."""
        while True:
            await asyncio.sleep(LOOKED_EVERY_S)
            await self.look(self._now())

    async def look(self, now: datetime) -> None:
        """Ask holders who were not asked for long, hand on what is to be, and tell logs what they do not know."""
        try:
            for watched in await self._store.domains_to_ask(now, self._every, WANTED_ASKED_EVERY, AT_A_TIME):
                await self._attempted(self._ask(watched, now), watched.domain)
            for untold in await self._store.untold_domains(AT_A_TIME):
                await self._attempted(self._tell(untold), untold.domain)
        except IdentityUnavailable as error:
            self._failures += 1
            _log.warning("domains_not_watched", error=str(error))

    def counters(self) -> dict[str, float]:
        """Tell what was handed on and what failed."""
        return {
            "domains_passed_total": float(self._passed),
            "domain_watch_failures_total": float(self._failures),
        }

    async def _attempted(self, work: Awaitable[None], domain: str) -> None:
        """Do it; what one log cannot be told at the moment holds up no other domain."""
        try:
            await work
        except FactsUnavailable as error:
            self._failures += 1
            _log.warning("domain_not_watched", domain=domain, error=str(error))

    async def _ask(self, watched: Watched, now: datetime) -> None:
        holder = watched.organization
        if holder is None:
            await self._hand_on(watched)
        elif await self._is_shown(holder, watched.domain):
            if watched.doubted_since is not None:
                await self._facts.shown(holder, watched.domain)
            await self._store.trust_domain(watched.domain, holder)
        else:
            doubted = await self._store.doubt_domain(watched.domain, holder, now)
            if doubted is None:
                return
            passes_at = doubted.passes_at(self._grace)
            await self._facts.doubted(holder, watched.domain, passes_at)
            if passes_at is not None and passes_at <= now:
                await self._hand_on(doubted)

    async def _hand_on(self, watched: Watched) -> None:
        """Let whoever wants it have it, if they show it still."""
        wanting = watched.wanted_by
        if wanting is None:
            return
        if not await self._is_shown(wanting, watched.domain):
            await self._store.unwant_domain(watched.domain, wanting)
        elif await self._store.pass_domain(watched.domain, watched.organization, wanting):
            self._passed += 1
            _log.info("domain_passed", domain=watched.domain, former=watched.organization, to=wanting)

    async def _tell(self, untold: Untold) -> None:
        if untold.former is not None and untold.former != untold.organization:
            await self._facts.lost(untold.former, untold.domain)
        if untold.organization is not None and not await self._facts.shown(untold.organization, untold.domain):
            await self._store.release_domain(untold.domain, untold.organization)
        await self._store.domain_told(untold)

    async def _is_shown(self, organization: str, domain: str) -> bool:
        try:
            await self._proof.require(organization, domain)
        except ChallengeNotAnswered:
            return False
        return True
