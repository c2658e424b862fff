"""Domains pass from holders who do not show them any more to whoever does, and both hear of it, whatever stops."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from consign.adapters.memory.web_store import MemoryWebStore
from consign.identity.domain_watch import DomainWatch, FactsUnavailable, Untold
from consign.identity.domains import ChallengeNotAnswered, Domains, Proof
from consign.identity.store import IdentityUnavailable

FAIR = "fair.example.org"
NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GRACE = timedelta(days=7)

type Fact = tuple[str, str] | tuple[str, str, datetime | None]


class Zone:
    """What stands in the DNS; nothing is at any web server."""

    def __init__(self) -> None:
        self.shown: set[str] = set()
        self.asked: list[str] = []

    async def texts(self, domain: str) -> Sequence[bytes]:
        self.asked.append(domain)
        return [f"consign-challenge={digest(f'domain {each}/{domain}'.encode()).hex()}".encode() for each in self.shown]

    async def answer(self, domain: str) -> bytes:
        raise ChallengeNotAnswered(domain)


class Logs:
    """What logs were told; `fails` says which fact stops there before it is told."""

    def __init__(self) -> None:
        self.told: list[Fact] = []
        self.fails: Callable[[Fact], bool] = lambda _: False
        self.gone: set[str] = set()

    async def shown(self, organization: str, domain: str) -> bool:
        assert domain == FAIR
        self._tell(("shown", organization))
        return organization not in self.gone

    async def doubted(self, organization: str, domain: str, passes_at: datetime | None) -> None:
        assert domain == FAIR
        self._tell(("doubted", organization, passes_at))

    async def lost(self, organization: str, domain: str) -> None:
        assert domain == FAIR
        self._tell(("lost", organization))

    def _tell(self, fact: Fact) -> None:
        if self.fails(fact):
            raise FactsUnavailable(str(fact))
        if not self.told or self.told[-1] != fact:
            self.told.append(fact)


def digest(content: bytes) -> bytes:
    return sha256(content).digest()


class Installation:
    """Two organizations and a domain that the first one holds; `at` is the time."""

    def __init__(self) -> None:
        self.at = NOW
        self.store, self.zone, self.logs = MemoryWebStore(), Zone(), Logs()
        self.domains = Domains(self.store, lambda: self.at)
        self.watch = self.another()

    def another(self) -> DomainWatch:
        """Return what another process does."""
        proof = Proof(digest, self.zone, self.zone)
        return DomainWatch(self.store, proof, self.logs, every=DAY, grace=GRACE, now=lambda: self.at)

    async def after(self, time: timedelta) -> None:
        """Let time go by, hour by hour, while somebody looks."""
        until = self.at + time
        while self.at < until:
            self.at += HOUR
            await self.watch.look(self.at)

    async def holder(self) -> str | None:
        return (await self.store.domains(None))[FAIR]


@pytest.fixture
async def installation() -> Installation:
    made = Installation()
    made.zone.shown = {"alpe"}
    assert await made.domains.claim(FAIR, "alpe")
    return made


async def test_a_holder_is_asked_again_each_day_and_nothing_is_told_while_they_show_it(
    installation: Installation,
) -> None:
    await installation.after(3 * DAY)
    assert installation.zone.asked == [FAIR] * 3
    assert installation.logs.told == []


async def test_a_holder_who_does_not_show_it_keeps_what_nobody_else_wants(installation: Installation) -> None:
    installation.zone.shown = set()
    await installation.after(30 * DAY)
    assert await installation.holder() == "alpe"
    assert installation.logs.told == [("doubted", "alpe", None)]
    installation.zone.shown = {"alpe"}
    await installation.after(DAY)
    assert installation.logs.told[1:] == [("shown", "alpe")]


async def test_it_passes_to_whoever_shows_it_once_its_holder_has_not_for_so_long(installation: Installation) -> None:
    installation.zone.shown = {"other"}
    await installation.after(20 * DAY)
    assert not await installation.domains.claim(FAIR, "other")
    wanted_since = installation.at
    await installation.after(GRACE - HOUR)
    assert await installation.holder() == "alpe", "it was in doubt for weeks, but nobody wanted it"
    assert installation.logs.told == [("doubted", "alpe", None), ("doubted", "alpe", wanted_since + GRACE)]
    await installation.after(2 * HOUR)
    assert await installation.holder() == "other"
    assert installation.logs.told[2:] == [("lost", "alpe"), ("shown", "other")]
    assert await installation.store.untold_domains(1) == []
    assert installation.watch.counters()["domains_passed_total"] == 1


async def test_a_holder_who_shows_it_in_time_keeps_it_and_nobody_wants_it_any_more(installation: Installation) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    await installation.after(GRACE - HOUR)
    installation.zone.shown = {"alpe", "other"}
    await installation.after(30 * DAY)
    assert await installation.holder() == "alpe"
    assert installation.logs.told[-1] == ("shown", "alpe")
    installation.zone.shown = {"other"}
    await installation.after(30 * DAY)
    assert await installation.holder() == "alpe", "the other one has to say so again"


async def test_whoever_wanted_it_and_does_not_show_it_either_gets_nothing(installation: Installation) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    installation.zone.shown = set()
    await installation.after(30 * DAY)
    assert await installation.holder() == "alpe"


async def test_of_two_who_want_it_the_one_who_showed_it_last_gets_it_and_the_holder_has_no_more_time_for_that(
    installation: Installation,
) -> None:
    installation.zone.shown = {"other", "third"}
    await installation.domains.claim(FAIR, "other")
    await installation.after(GRACE - DAY)
    await installation.domains.claim(FAIR, "third")
    await installation.after(DAY + HOUR)
    assert await installation.holder() == "third"
    assert installation.logs.told[-2:] == [("lost", "alpe"), ("shown", "third")]
    assert not await installation.domains.claim(FAIR, "other")


async def test_what_its_holder_gives_up_passes_at_once(installation: Installation) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    await installation.domains.release(FAIR, "alpe")
    await installation.after(HOUR)
    assert await installation.holder() == "other"
    assert installation.logs.told == [("shown", "other")]


@pytest.mark.parametrize("stopped", [("lost", "alpe"), ("shown", "other")])
async def test_what_stops_between_passing_and_telling_is_told_by_whoever_looks_next(
    installation: Installation, stopped: Fact
) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    installation.logs.fails = lambda fact: fact == stopped
    await installation.after(GRACE + 3 * HOUR)
    assert await installation.holder() == "other"
    assert await installation.store.untold_domains(1) == [Untold(FAIR, "other", "alpe")]
    assert stopped not in installation.logs.told
    installation.logs.fails = lambda _: False
    await installation.another().look(installation.at)
    assert installation.logs.told[-2:] == [("lost", "alpe"), ("shown", "other")]
    assert await installation.store.untold_domains(1) == []


async def test_a_log_that_cannot_be_told_of_its_doubt_loses_nothing_without_being_told(
    installation: Installation,
) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    installation.logs.fails = lambda fact: fact[0] == "doubted"
    await installation.after(2 * GRACE)
    assert await installation.holder() == "alpe"
    assert installation.watch.counters()["domain_watch_failures_total"] > 1


async def test_whoever_got_what_they_want_no_more_gives_it_up(installation: Installation) -> None:
    installation.zone.shown = {"other"}
    await installation.domains.claim(FAIR, "other")
    installation.logs.gone = {"other"}
    await installation.after(GRACE + 3 * HOUR)
    assert await installation.holder() is None
    assert await installation.store.untold_domains(1) == []


async def test_while_the_database_is_away_nothing_passes_and_looking_goes_on(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise IdentityUnavailable("away")

    monkeypatch.setattr(installation.store, "domains_to_ask", away)
    await installation.watch.look(NOW + DAY)
    assert installation.watch.counters()["domain_watch_failures_total"] == 1
