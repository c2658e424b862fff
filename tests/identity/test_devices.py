"""Enrolling machines: few tries from one place, and nothing known before the log knows of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.key_store import MemoryKeyStore
from consign.adapters.memory.machine_store import MemoryMachineStore
from consign.identity.devices import DEVICES_MAX, WRONG_CODES, Devices, TooManyDevices
from consign.identity.ended_sessions import EndedSessions
from consign.identity.limits import TooManyTries
from consign.identity.machine_store import DeviceKey
from consign.identity.machines import Machines, is_machines
from consign.identity.ports import SignInFailed, Visit
from consign.identity.sessions import utc_now

TABLET = DeviceKey("alpe", "01900000-0000-7000-8000-0000000000d1")
HERE, ELSEWHERE = (Visit(peer, "Firefox on Linux", UUID(int=1)) for peer in ("192.0.2.1", "192.0.2.2"))


class RefusedError(Exception):
    """The log does not take it."""


class ToldFacts:
    """Takes what is told until it is `full`."""

    def __init__(self) -> None:
        self.enrolled: list[str] = []
        self.full = False

    async def device_enrolled(self, visit: Visit, organization: str, device: str, code_digest: bytes) -> str:
        if self.full:
            raise RefusedError
        self.enrolled.append(f"{organization}/{device}")
        return "Till 1"


class CountingStore(MemoryMachineStore):
    """Counts how often a secret is looked for."""

    def __init__(self, sessions: MemoryIdentityStore) -> None:
        super().__init__(sessions)
        self.looked = 0

    async def device_of_secret(self, secret_digest: bytes) -> DeviceKey | None:
        self.looked += 1
        return await super().device_of_secret(secret_digest)


class House:
    """Devices over a store in memory."""

    def __init__(self) -> None:
        sessions = MemoryIdentityStore()
        self.store = CountingStore(sessions)
        self.facts = ToldFacts()
        ended = EndedSessions(sessions, self.store)
        self.devices = Devices(self.store, self.facts, IdentitySecrets(bytes(range(32))), ended)
        self.machines = Machines(self.store, MemoryKeyStore())

    async def code(self) -> str:
        code = await self.devices.offer(TABLET, utc_now() + timedelta(minutes=10))
        assert code is not None
        return code


@pytest.fixture
def house() -> House:
    return House()


async def test_codes_are_not_guessed_for_long_from_one_place(house: House) -> None:
    code = await house.code()
    for _ in range(WRONG_CODES):
        with pytest.raises(SignInFailed):
            await house.devices.enrol(HERE, "AAAAA-AAAAA")
    with pytest.raises(TooManyTries):
        await house.devices.enrol(HERE, code)
    assert house.facts.enrolled == []
    assert (await house.devices.enrol(ELSEWHERE, code)).device == TABLET.device


async def test_what_the_log_does_not_know_of_is_not_enrolled(house: House) -> None:
    code = await house.code()
    house.facts.full = True
    with pytest.raises(RefusedError):
        await house.devices.enrol(HERE, code)
    house.facts.full = False
    secret = (await house.devices.enrol(HERE, code)).secret
    caller = await house.machines.caller(secret)
    assert caller is not None
    assert (caller.kind, caller.organization, caller.device_id) == ("device", "alpe", TABLET.device)


async def test_the_same_is_done_for_secrets_that_are_somebodys_and_nobodys(house: House) -> None:
    secret = (await house.devices.enrol(HERE, await house.code())).secret
    nearly = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for shown, known in ((secret, True), (nearly, False), (f"cd_{'0' * 32}_{'A' * 43}", False)):
        before = house.store.looked
        assert is_machines(shown)
        assert (await house.machines.caller(shown) is not None) is known
        assert house.store.looked == before + 1


async def test_an_organization_has_so_many_devices_and_no_more(house: House) -> None:
    for number in range(DEVICES_MAX - 1):
        await house.store.offer_code(DeviceKey("alpe", f"device {number}"), number.to_bytes(32), utc_now())
    await house.devices.require_room("alpe")
    await house.code()
    with pytest.raises(TooManyDevices):
        await house.devices.require_room("alpe")
    await house.devices.require_room("other")
