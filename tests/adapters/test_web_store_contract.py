"""What processes know of the web alike: the same promises in memory and in Postgres."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

import pytest

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.memory.web_store import MemoryWebStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.identity.domains import Domains, DomainStore
from consign.identity.live_tickets import LiveTickets, TicketStore
from consign.identity.store import IdentityUnavailable

FAIR, LATELY = "fair.example.org", timedelta(minutes=5)
NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
TICKET, OTHER_TICKET = sha256(b"one").digest(), sha256(b"other").digest()


class Store(DomainStore, TicketStore, Protocol): ...


@pytest.fixture
async def store(identity_url: str | None) -> AsyncIterator[Store]:
    if identity_url is None:
        yield MemoryWebStore()
        return
    identity = PostgresIdentityStore(identity_url)
    yield PostgresWebStore(identity.connections)
    await identity.close()


async def test_a_domain_stays_with_whoever_claimed_it_until_they_give_it_up(store: Store) -> None:
    assert await store.claim_domain(FAIR, "alpe") == "alpe"
    assert await store.claim_domain(FAIR, "other") == "alpe"
    assert await store.claim_domain(FAIR, "alpe") == "alpe"
    await store.release_domain(FAIR, "other")
    assert await store.domains(None) == {FAIR: "alpe"}
    await store.release_domain(FAIR, "alpe")
    assert await store.claim_domain(FAIR, "other") == "other"


async def test_changes_are_told_also_that_somebody_gave_a_domain_up(store: Store) -> None:
    await store.claim_domain(FAIR, "alpe")
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
