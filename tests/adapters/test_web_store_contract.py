"""What processes know of the web alike: the same promises in memory and in Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

import pytest

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.memory.web_store import MemoryWebStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.identity.domain_watch import Untold, Watched, WatchStore
from consign.identity.domains import Domains, DomainStore
from consign.identity.live_tickets import LiveTickets, TicketStore
from consign.identity.store import IdentityUnavailable

FAIR, LATELY = "fair.example.org", timedelta(minutes=5)
NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
TICKET, OTHER_TICKET = sha256(b"one").digest(), sha256(b"other").digest()


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Store(DomainStore, WatchStore, TicketStore, Protocol): ...


@pytest.fixture
async def store(identity_url: str | None) -> AsyncIterator[Store]:
    if identity_url is None:
        yield MemoryWebStore()
        return
    identity = PostgresIdentityStore(identity_url)
    yield PostgresWebStore(identity.connections)
    await identity.close()


async def test_a_domain_stays_with_whoever_claimed_it_until_they_give_it_up(store: Store) -> None:
    assert await store.claim_domain(FAIR, "alpe", NOW) == "alpe"
    assert await store.claim_domain(FAIR, "other", NOW) == "alpe"
    assert await store.claim_domain(FAIR, "alpe", NOW) == "alpe"
    await store.release_domain(FAIR, "other")
    assert await store.domains(None) == {FAIR: "alpe"}
    await store.release_domain(FAIR, "alpe")
    assert await store.claim_domain(FAIR, "other", NOW) == "other"


async def test_changes_are_told_also_that_somebody_gave_a_domain_up(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    assert await store.domains(LATELY) == {FAIR: "alpe"}
    await store.release_domain(FAIR, "alpe")
    assert await store.domains(LATELY) == await store.domains(None) == {FAIR: None}


async def test_what_one_process_claims_and_gives_up_others_hear_of(store: Store) -> None:
    here, there = Domains(store), Domains(store)
    assert await here.claim(FAIR, "alpe")
    assert not await there.claim(FAIR, "other")
    assert (here.organization_of(FAIR), there.organization_of(FAIR)) == ("alpe", "alpe")
    await here.release(FAIR, "alpe")
    await there.look(LATELY)
    assert (here.organization_of(FAIR), there.organization_of(FAIR)) == (None, None)


async def asked(store: Store, now: datetime) -> list[Watched]:
    return list(await store.domains_to_ask(now, DAY, HOUR, 10))


async def test_a_holder_is_asked_after_a_while_once_among_all_who_ask(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    assert await asked(store, NOW + HOUR) == []
    answers = await asyncio.gather(*(asked(store, NOW + DAY) for _ in range(3)))
    assert sorted(map(len, answers)) == [0, 0, 1]
    assert await asked(store, NOW + DAY + HOUR) == []
    assert await asked(store, NOW + 2 * DAY) == [Watched(FAIR, "alpe")]


async def test_whoever_shows_anothers_domain_wants_it_and_its_holder_is_asked_at_once_and_often(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    assert await store.claim_domain(FAIR, "other", NOW + HOUR) == "alpe"
    assert await asked(store, NOW + HOUR) == [Watched(FAIR, "alpe", None, "other", NOW + HOUR)]
    await store.claim_domain(FAIR, "third", NOW + 2 * HOUR)
    assert await asked(store, NOW + 2 * HOUR) == [Watched(FAIR, "alpe", None, "third", NOW + HOUR)]
    assert await asked(store, NOW + 2.5 * HOUR) == []
    await store.unwant_domain(FAIR, "other")
    await store.trust_domain(FAIR, "other")
    assert len(await asked(store, NOW + 3 * HOUR)) == 1
    await store.trust_domain(FAIR, "alpe")
    assert await asked(store, NOW + 5 * HOUR) == []


async def test_what_somebody_wants_is_asked_for_first(store: Store) -> None:
    for domain in ("a.example.org", FAIR, "z.example.org"):
        await store.claim_domain(domain, "alpe", NOW)
    await store.claim_domain(FAIR, "other", NOW + DAY)
    (first,) = await store.domains_to_ask(NOW + 2 * DAY, DAY, HOUR, 1)
    assert first.domain == FAIR
    assert len(await asked(store, NOW + 2 * DAY)) == 2


async def test_what_its_holder_shows_again_is_wanted_by_nobody(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    await store.claim_domain(FAIR, "other", NOW)
    await store.doubt_domain(FAIR, "alpe", NOW)
    assert await store.claim_domain(FAIR, "alpe", NOW + HOUR) == "alpe"
    assert not await store.pass_domain(FAIR, "alpe", "other")
    assert await asked(store, NOW + 2 * DAY) == [Watched(FAIR, "alpe")]


async def test_a_domain_passes_when_it_is_in_doubt_to_whom_wants_it_and_once(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    await store.claim_domain(FAIR, "other", NOW)
    assert not await store.pass_domain(FAIR, "alpe", "other"), "nobody doubts it"
    assert await store.doubt_domain(FAIR, "other", NOW) is None
    await store.doubt_domain(FAIR, "alpe", NOW)
    doubted = await store.doubt_domain(FAIR, "alpe", NOW + DAY)
    assert doubted == Watched(FAIR, "alpe", NOW, "other", NOW)
    for former, to in (("third", "other"), ("alpe", "third"), (None, "other")):
        assert not await store.pass_domain(FAIR, former, to)
    passed = await asyncio.gather(*(store.pass_domain(FAIR, "alpe", "other") for _ in range(3)))
    assert sorted(passed) == [False, False, True]
    assert await store.domains(LATELY) == {FAIR: "other"}
    assert await store.untold_domains(10) == [Untold(FAIR, "other", "alpe")]


async def test_what_logs_do_not_know_is_kept_until_they_do_and_nothing_passes_again_before(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    await store.claim_domain(FAIR, "other", NOW)
    await store.doubt_domain(FAIR, "alpe", NOW)
    await store.pass_domain(FAIR, "alpe", "other")
    await store.claim_domain(FAIR, "third", NOW)
    await store.doubt_domain(FAIR, "other", NOW)
    assert not await store.pass_domain(FAIR, "other", "third")
    await store.release_domain(FAIR, "other")
    await store.domain_told(Untold(FAIR, "other", "alpe"))
    assert await store.untold_domains(10) == [Untold(FAIR, None, "alpe")]
    await store.domain_told(Untold(FAIR, None, "alpe"))
    assert await store.untold_domains(10) == []
    assert await store.pass_domain(FAIR, None, "third")


async def test_whoever_gives_up_wants_it_no_more(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe", NOW)
    await store.claim_domain(FAIR, "other", NOW)
    await store.release_domain(FAIR, "other")
    await store.doubt_domain(FAIR, "alpe", NOW)
    assert not await store.pass_domain(FAIR, "alpe", "other")
    assert await store.domains(None) == {FAIR: "alpe"}


async def test_a_database_that_is_away_is_told() -> None:
    identity = PostgresIdentityStore("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(IdentityUnavailable):
        await PostgresWebStore(identity.connections).domains(None)
    await identity.close()


async def test_a_ticket_is_taken_once_and_in_time(store: Store) -> None:
    await store.keep_ticket(TICKET, b"sealed", NOW, SOON)
    await store.keep_ticket(OTHER_TICKET, b"other", NOW, SOON)
    assert await store.take_ticket(TICKET, NOW) == b"sealed"
    assert await store.take_ticket(TICKET, NOW) is None
    assert await store.take_ticket(OTHER_TICKET, SOON) is None
    await store.keep_ticket(TICKET, b"sealed", SOON + LATELY, SOON + 2 * LATELY)
    assert await store.take_ticket(OTHER_TICKET, NOW) is None


async def test_a_ticket_opens_a_stream_of_the_organization_that_it_was_bought_for(store: Store) -> None:
    tickets = LiveTickets(store, IdentitySecrets(b"root"), lambda: NOW)
    assert await tickets.take("alpe", (await tickets.sell("alpe", b"Bearer a")).ticket) == b"Bearer a"
    others = (await tickets.sell("alpe", b"Bearer a")).ticket
    assert [await tickets.take(each, others) for each in ("other", "alpe")] == [None, None]
