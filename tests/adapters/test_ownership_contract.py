"""What nodes may rely on when they share slices: the same promises in memory and in Postgres."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

import pytest

from consign.actors.ownership import SLICES, Heartbeat, Identity, OwnershipUnavailable, OwnershipView, SliceStore
from consign.adapters.memory.ownership import MemoryOwnership
from consign.adapters.postgres.ownership import PostgresHeartbeat, PostgresSliceStore
from tests.support.cluster import Database
from tests.support.eventually import eventually

LONG_S = 60.0
SHORT_S = 0.05


class Ownership(Protocol):
    slices: SliceStore
    heartbeat: Heartbeat


class _Both:
    def __init__(self, slices: SliceStore, heartbeat: Heartbeat) -> None:
        self.slices = slices
        self.heartbeat = heartbeat


@pytest.fixture(params=["memory", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    database: Database = request.getfixturevalue("database")
    return database.writer_url


@pytest.fixture
async def ownership(url: str | None) -> AsyncIterator[Ownership]:
    if url is None:
        memory = MemoryOwnership()
        yield _Both(memory, memory)
        return
    store, heartbeat = PostgresSliceStore(url), PostgresHeartbeat(url)
    yield _Both(store, heartbeat)
    await store.close()
    await heartbeat.close()


def node(number: int = 1) -> Identity:
    return Identity.new(UUID(int=number))


def owners(view: OwnershipView) -> set[Identity | None]:
    return {row.owner for row in view.slices}


async def test_at_first_nobody_owns_any_of_the_256_slices(ownership: Ownership) -> None:
    view = await ownership.slices.view()
    assert [row.slice_number for row in view.slices] == list(range(SLICES))
    assert owners(view) == {None}
    assert view.nodes == frozenset()


async def test_one_claim_takes_all_slices_and_raises_their_epochs(ownership: Ownership) -> None:
    me = node()
    await ownership.heartbeat.join(me, LONG_S)
    view = await ownership.slices.view()
    assert await ownership.slices.claim(me, view.slices) == {row.slice_number: row.epoch + 1 for row in view.slices}
    view = await ownership.slices.view()
    assert owners(view) == {me}
    assert all(row.owner_lives for row in view.slices)
    assert view.nodes == {me.node_id}


async def test_a_live_owners_slices_cannot_be_claimed(ownership: Ownership) -> None:
    first, second = node(1), node(2)
    await ownership.heartbeat.join(first, LONG_S)
    await ownership.slices.claim(first, (await ownership.slices.view()).slices)
    await ownership.heartbeat.join(second, LONG_S)
    assert await ownership.slices.claim(second, (await ownership.slices.view()).slices) == {}


async def test_a_dead_owners_slices_can(ownership: Ownership) -> None:
    first, second = node(1), node(2)
    await ownership.heartbeat.join(first, SHORT_S)
    await ownership.slices.claim(first, (await ownership.slices.view()).slices)
    await ownership.heartbeat.join(second, LONG_S)

    taken: dict[int, int] = {}

    async def all_taken() -> bool:
        # The owner may die in the middle of a claim: that one then takes some of its slices, the next one the rest.
        taken.update(await ownership.slices.claim(second, (await ownership.slices.view()).slices))
        return len(taken) == SLICES

    await eventually(all_taken)


async def test_of_two_claims_on_the_same_view_one_wins(ownership: Ownership) -> None:
    first, second = node(1), node(2)
    await ownership.heartbeat.join(first, SHORT_S)
    await ownership.heartbeat.join(second, LONG_S)
    seen = (await ownership.slices.view()).slices
    await ownership.slices.claim(first, seen)

    async def first_died() -> bool:
        return first.node_id not in (await ownership.slices.view()).nodes

    await eventually(first_died)
    assert await ownership.slices.claim(second, seen) == {}


async def test_a_new_incarnation_supersedes_the_old_one_at_once(ownership: Ownership) -> None:
    old, new = node(1), node(1)
    await ownership.heartbeat.join(old, LONG_S)
    await ownership.slices.claim(old, (await ownership.slices.view()).slices)
    await ownership.heartbeat.join(new, LONG_S)
    assert not await ownership.heartbeat.beat(old, LONG_S)
    taken = await ownership.slices.claim(new, (await ownership.slices.view()).slices)
    assert set(taken.values()) == {2}
    assert owners(await ownership.slices.view()) == {new}


async def test_what_is_released_can_be_claimed_by_a_live_nodes_neighbour(ownership: Ownership) -> None:
    first, second = node(1), node(2)
    await ownership.heartbeat.join(first, LONG_S)
    await ownership.heartbeat.join(second, LONG_S)
    await ownership.slices.claim(first, (await ownership.slices.view()).slices)
    await ownership.slices.release(first, [3, 4])
    assert await ownership.slices.claim(second, (await ownership.slices.view()).slices) == {3: 2, 4: 2}


async def test_nobody_releases_what_is_anothers(ownership: Ownership) -> None:
    first, second = node(1), node(2)
    await ownership.heartbeat.join(first, LONG_S)
    await ownership.slices.claim(first, (await ownership.slices.view()).slices)
    await ownership.slices.release(second, [3])
    assert owners(await ownership.slices.view()) == {first}


async def test_who_leaves_owns_nothing_and_is_forgotten(ownership: Ownership) -> None:
    me = node()
    await ownership.heartbeat.join(me, LONG_S)
    await ownership.slices.claim(me, (await ownership.slices.view()).slices)
    await ownership.slices.leave(me)
    view = await ownership.slices.view()
    assert owners(view) == {None}
    assert view.nodes == frozenset()


async def test_a_node_that_was_forgotten_while_it_slept_lives_again_by_its_next_beat(ownership: Ownership) -> None:
    me = node()
    await ownership.heartbeat.join(me, LONG_S)
    await ownership.slices.leave(me)
    assert await ownership.heartbeat.beat(me, LONG_S)
    assert (await ownership.slices.view()).nodes == {me.node_id}


async def test_a_database_out_of_reach_is_named_so() -> None:
    store = PostgresSliceStore("postgres://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(OwnershipUnavailable):
        await store.view()
    with pytest.raises(OwnershipUnavailable):
        await PostgresHeartbeat("postgres://nobody:secret@127.0.0.1:1/nothing").beat(node(), LONG_S)
