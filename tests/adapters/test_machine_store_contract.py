"""What devices may rely on: the same promises in memory and in Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest

from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.machine_store import MemoryMachineStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.machine_store import PostgresMachineStore
from consign.identity.machine_store import DeviceKey, MachineStore
from consign.identity.store import Bound, IdentityStore, Session, SessionKey

NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=20)
TABLET = "01900000-0000-7000-8000-0000000000d1"
OURS, THEIRS = DeviceKey("alpe", TABLET), DeviceKey("other", TABLET)
CODE, OTHER_CODE, SECRET, OTHER_SECRET = (sha256(each).digest() for each in (b"code", b"other", b"secret", b"more"))
FIRST, SECOND = (sha256(each).digest() for each in (b"first", b"second"))
YEAR = timedelta(days=365)


class Stores(NamedTuple):
    machines: MachineStore
    sessions: IdentityStore


@pytest.fixture
async def stores(identity_url: str | None) -> AsyncIterator[Stores]:
    if identity_url is None:
        sessions = MemoryIdentityStore()
        yield Stores(MemoryMachineStore(sessions), sessions)
        return
    postgres = PostgresIdentityStore(identity_url)
    yield Stores(PostgresMachineStore(postgres.connections), postgres)
    await postgres.close()


async def enrolled(machines: MachineStore, key: DeviceKey = OURS, secret: bytes = SECRET) -> None:
    assert await machines.offer_code(key, CODE, NOW + timedelta(minutes=10))
    assert await machines.enrol(CODE, secret, SOON) == key


async def begun(sessions: IdentityStore, bound: Bound | None, token: bytes = FIRST) -> UUID:
    session = Session(uuid4(), "Firefox on Linux", NOW, NOW, LATER, bound)
    await sessions.begin_session("ada", session, token)
    return session.session_id


async def test_a_code_enrols_one_machine_in_time(stores: Stores) -> None:
    machines = stores.machines
    assert await machines.offer_code(OURS, CODE, NOW + timedelta(minutes=10))
    assert await machines.device_of_code(CODE, SOON) == OURS
    assert await machines.device_of_code(CODE, LATER) is None
    assert await machines.enrol(CODE, SECRET, LATER) is None
    assert await machines.device_of_secret(SECRET) is None
    both = await asyncio.gather(machines.enrol(CODE, SECRET, SOON), machines.enrol(CODE, OTHER_SECRET, SOON))
    assert sorted(map(str, both)) == sorted(map(str, (OURS, None)))
    known = [await machines.device_of_secret(each) for each in (SECRET, OTHER_SECRET)]
    assert known in ([OURS, None], [None, OURS])


async def test_another_code_takes_the_place_of_the_first_and_none_is_given_to_an_enrolled_device(
    stores: Stores,
) -> None:
    machines = stores.machines
    for code in (OTHER_CODE, CODE):
        assert await machines.offer_code(OURS, code, LATER)
    assert await machines.enrol(OTHER_CODE, SECRET, SOON) is None
    assert await machines.enrol(CODE, SECRET, SOON) == OURS
    assert not await machines.offer_code(OURS, CODE, LATER)


async def test_two_organizations_may_call_their_devices_the_same(stores: Stores) -> None:
    machines = stores.machines
    await enrolled(machines)
    await enrolled(machines, THEIRS, OTHER_SECRET)
    await machines.revoke_device(THEIRS, SOON)
    assert await machines.device_of_secret(SECRET) == OURS
    assert await machines.device_of_secret(OTHER_SECRET) is None
    assert set(await machines.revoked_since(SOON)) == {THEIRS.qualified}
    assert (await machines.count_devices("alpe"), await machines.count_devices("other")) == (1, 0)


async def test_a_revoked_device_is_told_of_stays_so_and_ends_what_began_on_it(stores: Stores) -> None:
    machines, sessions = stores
    await enrolled(machines)
    at_it = await begun(sessions, Bound("alpe", TABLET))
    for number, bound in enumerate((Bound("other", TABLET), Bound("alpe", str(uuid4())), None)):
        await begun(sessions, bound, sha256(bytes([number])).digest())
    assert list(await machines.revoke_device(OURS, SOON)) == [at_it]
    assert await machines.revoke_device(OURS, LATER) == []
    assert await machines.revoked_since(LATER) == []
    assert not await machines.offer_code(OURS, CODE, LATER)
    assert len(await sessions.sessions_of("ada", SOON)) == 3
    assert await sessions.spend_token(FIRST, SECOND, SOON, unused=YEAR, lifetime=YEAR) is None


async def test_a_device_that_was_never_enrolled_is_revoked_too(stores: Stores) -> None:
    machines = stores.machines
    await machines.revoke_device(OURS, NOW)
    assert not await machines.offer_code(OURS, CODE, LATER)
    assert set(await machines.revoked_since(NOW)) == {OURS.qualified}


async def test_when_a_device_was_there_is_kept_to_some_minutes(stores: Stores) -> None:
    machines = stores.machines
    assert await machines.seen("alpe", [TABLET]) == {}
    await enrolled(machines)
    for seconds in (1, 299, 300):
        await machines.see_device(OURS, SOON + timedelta(seconds=seconds))
    assert await machines.seen("alpe", [TABLET]) == {TABLET: SOON + timedelta(seconds=300)}
    assert await machines.seen("other", [TABLET]) == {}


async def test_a_session_on_a_device_ends_when_it_was_said_to_however_much_it_is_used(stores: Stores) -> None:
    sessions, bound = stores.sessions, Bound("alpe", TABLET)
    session = await begun(sessions, bound)
    assert await sessions.spend_token(FIRST, SECOND, SOON, unused=YEAR, lifetime=YEAR) == SessionKey(
        session, "ada", bound
    )
    (listed,) = await sessions.sessions_of("ada", SOON)
    assert (listed.expires_at, listed.bound) == (LATER, bound)


async def test_a_device_is_there_while_somebody_works_at_it(stores: Stores) -> None:
    await enrolled(stores.machines)
    await begun(stores.sessions, Bound("alpe", TABLET))
    at = SOON + timedelta(minutes=10)
    assert await stores.sessions.spend_token(FIRST, SECOND, at, unused=YEAR, lifetime=YEAR) is not None
    assert await stores.machines.seen("alpe", [TABLET]) == {TABLET: at}
