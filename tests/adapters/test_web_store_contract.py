"""What processes know of the web alike: the same promises in memory and in Postgres."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import pytest

from consign.adapters.memory.web_store import MemoryWebStore
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.identity.domains import Domains, DomainStore
from consign.identity.store import IdentityUnavailable
from tests.support.cluster import Database

FAIR, LATELY = "fair.example.org", timedelta(minutes=5)


class Store(DomainStore, Protocol): ...


@pytest.fixture(params=["memory", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    database: Database = request.getfixturevalue("database")
    return database.identity_url


@pytest.fixture
async def store(url: str | None) -> AsyncIterator[Store]:
    if url is None:
        yield MemoryWebStore()
        return
    postgres = PostgresWebStore(url)
    yield postgres
    await postgres.close()


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
    away = PostgresWebStore("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(IdentityUnavailable):
        await away.domains(None)
    await away.close()
