"""Which domains name which organization, known in every process.

A domain is claimed for one organization over the whole installation, by whoever shows first that they hold it. Every
process asks for changes again and again; what it changed itself it knows at once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Protocol

import structlog

from consign.identity.sessions import utc_now
from consign.identity.store import IdentityUnavailable

ASKED_EVERY_S = 1.0
CHALLENGE_PATH = "/.well-known/consign-challenge"
RECORD_LABEL = "_consign-challenge"
_OVERLAP = timedelta(minutes=5)
"""A change may be seen late by as much; after a longer silence everything is asked for again."""

_log = structlog.get_logger(__name__)


class DomainStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def claim_domain(self, domain: str, organization: str, now: datetime) -> str:
        """Give the domain to the organization that has shown it; if it is another's keep that this one wants it.

        Returns whose it is.
        """
        ...

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up; that of another one stays."""
        ...

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:
        """Return whose each domain is that changed lately, nobody's where it was given up; None: all of them."""
        ...


class ChallengeNotAnswered(Exception):
    """The domain did not show who holds it; the message says why, for people."""


class Challenges(Protocol):
    """Asks the web servers of domains for what only whoever holds them can put there."""

    async def answer(self, domain: str) -> bytes:
        """Return what stands at the domain's challenge address; raises ChallengeNotAnswered."""
        ...


class Records(Protocol):
    """Asks the DNS for what only whoever holds a domain can put there."""

    async def texts(self, domain: str) -> Sequence[bytes]:
        """Return what stands in the TXT records of the domain's challenge; raises ChallengeNotAnswered."""
        ...


class Proof:
    """Says what an organization has to put at a domain to show that it holds it, and whether it is there.

    `digest` is keyed, so that only this installation makes it. It is the same each time: a record may stay.
    """

    def __init__(self, digest: Callable[[bytes], bytes], records: Records, challenges: Challenges) -> None:
        self._digest = digest
        self._records = records
        self._challenges = challenges

    def content(self, organization: str, domain: str) -> str:
        """Return what is to stand there."""
        return f"consign-challenge={self._digest(f'domain {organization}/{domain}'.encode()).hex()}"

    async def require(self, organization: str, domain: str) -> None:
        """Ask the DNS, and if it is not there the domain's web server; raises ChallengeNotAnswered."""
        content = self.content(organization, domain).encode()
        try:
            texts = await self._records.texts(domain)
            if any(compare_digest(text.strip(), content) for text in texts):
                return
            in_dns = f"{RECORD_LABEL}.{domain} says something else"
        except ChallengeNotAnswered as error:
            in_dns = str(error)
        try:
            answer = await self._challenges.answer(domain)
        except ChallengeNotAnswered as error:
            raise ChallengeNotAnswered(f"{error}, and {in_dns}") from error
        if not compare_digest(answer.strip(), content):
            raise ChallengeNotAnswered(f"{domain} answered {CHALLENGE_PATH} with something else, and {in_dns}")


class Domains:
    """Claims domains, and knows whose each is."""

    def __init__(self, store: DomainStore, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, str] = {}
        self._failing = False

    def organization_of(self, domain: str) -> str | None:
        """Return whom the domain names, as it was known a moment ago."""
        return self._known.get(domain)

    def domain_of(self, organization: str) -> str | None:
        """Return the domain that names the organization: the shortest, so that every process says the same."""
        held = (domain for domain, holder in self._known.items() if holder == organization)
        return min(held, key=lambda domain: (len(domain), domain), default=None)

    async def claim(self, domain: str, organization: str) -> bool:
        """Claim it for the organization, which has shown it; say whether it is its. Raises IdentityUnavailable."""
        owner = await self._store.claim_domain(domain, organization, self._now())
        self._known[domain] = owner
        return owner == organization

    async def release(self, domain: str, organization: str) -> None:
        """Give it up; raises IdentityUnavailable."""
        await self._store.release_domain(domain, organization)
        if self._known.get(domain) == organization:
            del self._known[domain]

    async def look(self, changed_within: timedelta | None = None) -> None:
        """Ask for what changed in other processes, or for everything; raises IdentityUnavailable."""
        for domain, organization in (await self._store.domains(changed_within)).items():
            if organization is None:
                self._known.pop(domain, None)
            else:
                self._known[domain] = organization

    async def run(self) -> None:
        """Go on asking; while the store is away the last answer counts."""
        loop = asyncio.get_running_loop()
        answered_s = loop.time()
        while True:
            await asyncio.sleep(ASKED_EVERY_S)
            asked_s = loop.time()
            recently = asked_s - answered_s < _OVERLAP.total_seconds() / 2
            try:
                await self.look(_OVERLAP if recently else None)
            except IdentityUnavailable as error:
                if not self._failing:
                    _log.warning("domains_unknown", error=str(error))
                self._failing = True
                continue
            answered_s, self._failing = asked_s, False
