"""Deleting an account goes on where it stopped, at whichever step that was, until nothing is left."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from consign.adapters.crypto.signing_keys import SigningKeys
from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.machine_store import MemoryMachineStore
from consign.identity.access_tokens import AccessTokens
from consign.identity.deletions import Deletions, LeadsAlone
from consign.identity.ended_sessions import EndedSessions
from consign.identity.ports import Ending, SignInFailed, Visit, Way
from consign.identity.sessions import Sessions
from consign.identity.store import Deletion, IdentityUnavailable, Session

NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)
VISIT = Visit("192.0.2.1", "Firefox on Linux", UUID(int=1))
ADA, ADDRESS = "ada", bytes(32)


class World:
    """What is asked beside the store; each step fails as often as `failures` says."""

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}
        self.over: set[str] = set()
        self.memberships = {"alpha", "beta"}
        self.led_alone: list[str] = []
        self.ended: list[str] = []
        self.mails = {ADDRESS}

    def step(self, name: str) -> None:
        if self.failures.get(name, 0) > 0:
            self.failures[name] -= 1
            raise IdentityUnavailable(name)

    async def signed_in(self, visit: Visit, account: str, session: UUID, way: Way, address: str | None) -> None: ...

    async def refused(self, visit: Visit, account: str, way: Way) -> None: ...

    async def password_changed(self, visit: Visit, account: str) -> None: ...

    async def sessions_ended(self, visit: Visit, account: str, sessions: Sequence[UUID], because: Ending) -> None:
        self.step("sessions")
        self.ended.append(because)

    async def account_deleted(self, visit: Visit, account: str, by: str, deletion: UUID) -> None:
        self.step("platform")
        assert not self.mails, "mails go before what tells whose they are"
        self.over.add(account)

    async def forgotten(self, accounts: Collection[str]) -> Collection[str]:
        return self.over & set(accounts)

    async def forget(self, address_digests: Collection[bytes]) -> None:
        self.mails -= set(address_digests)
        self.step("mails")

    async def led_alone_by(self, account: str) -> Sequence[str]:
        return self.led_alone

    async def left(self, deletion: Deletion) -> Sequence[str]:
        self.memberships.discard("alpha")
        try:
            self.step("beta")
        except IdentityUnavailable:
            return ["beta"]
        self.memberships.discard("beta")
        return []


class House:
    """Ada has an address, a password, a subject of an issuer, and a session."""

    def __init__(self) -> None:
        self.store, self.world, self.session = MemoryIdentityStore(), World(), uuid7()
        ended = EndedSessions(self.store, MemoryMachineStore(self.store), lambda: NOON)
        tokens = AccessTokens("http://localhost", SigningKeys(bytes(range(32))))
        sessions = Sessions(self.store, self.world, tokens, ended, lambda: NOON)
        self.deletions = Deletions(self.store, self.world, sessions, self.world, self.world, lambda: NOON)

    async def ready(self) -> None:
        await self.store.claim_address(ADDRESS, ADA, NOON)
        await self.store.claim_subject(ADDRESS, ADA, NOON)
        await self.store.keep_verifier(ADA, "verifier", NOON)
        await self.signed_in(NOON - timedelta(minutes=15))

    async def signed_in(self, at: datetime) -> None:
        session = Session(self.session, "Firefox on Linux", at, at, NOON + timedelta(days=1))
        await self.store.begin_session(ADA, session, b"token")

    async def is_nothing_left(self) -> bool:
        return (
            self.world.over == {ADA}
            and not self.world.memberships
            and not self.world.mails
            and await self.store.account_of(ADDRESS) is None
            and await self.store.account_of_subject(ADDRESS) is None
            and await self.store.verifier_of(ADA) is None
            and await self.store.sessions_of(ADA, NOON) == []
            and await self.store.deletions(NOON, 9) == []
        )


@pytest.fixture
async def house() -> House:
    house = House()
    await house.ready()
    return house


async def test_an_account_is_deleted_whole_by_whoever_signed_in_a_moment_ago(house: House) -> None:
    assert await house.deletions.delete_own(VISIT, ADA, house.session, forgets=False)
    assert await house.is_nothing_left()
    assert house.world.ended == ["account_deleted"]


@pytest.mark.parametrize("step", ["mails", "platform", "sessions", "beta"])
async def test_what_stopped_on_the_way_goes_on_later(house: House, step: str) -> None:
    house.world.failures[step] = 1
    if step == "beta":
        assert not await house.deletions.delete_own(VISIT, ADA, house.session, forgets=False)
    else:
        with pytest.raises(IdentityUnavailable):
            await house.deletions.delete_own(VISIT, ADA, house.session, forgets=False)
    assert not await house.is_nothing_left()
    assert [await house.deletions.go_on(NOON, 9) for _ in range(2)] == [1, 0]
    assert await house.is_nothing_left()


async def test_who_signed_in_longer_ago_or_leads_alone_keeps_the_account(house: House) -> None:
    house.session = uuid7()
    await house.signed_in(NOON - timedelta(minutes=15, seconds=1))
    with pytest.raises(SignInFailed):
        await house.deletions.delete_own(VISIT, ADA, house.session, forgets=False)
    house.world.led_alone = ["alpha"]
    with pytest.raises(LeadsAlone):
        await house.deletions.delete(VISIT, ADA, by="olive", forgets=False)
    assert await house.deletions.go_on(NOON, 9) == 0
    assert await house.store.account_of(ADDRESS) == ADA


async def test_what_a_restore_brings_back_is_deleted_again_and_nobody_else_is(house: House) -> None:
    await house.store.claim_address(bytes([1]) * 32, "ben", NOON)
    house.world.over = {ADA}
    assert await house.deletions.begin_again() == 1
    assert await house.deletions.go_on(NOON, 9) == 1
    assert await house.is_nothing_left()
    assert await house.store.account_of(bytes([1]) * 32) == "ben"
