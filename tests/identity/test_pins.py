"""PINs: the same work for everybody, few tries, none that anybody would guess first, and nothing to guess them from."""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec.structs import replace

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.crypto.signing_keys import SigningKeys
from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.machine_store import MemoryMachineStore
from consign.adapters.memory.pin_store import MemoryPinStore
from consign.http.identity.built_in import BuiltInIssuer
from consign.identity.access_tokens import AccessTokens
from consign.identity.ended_sessions import EndedSessions
from consign.identity.limits import TooManyTries
from consign.identity.machine_store import DeviceKey
from consign.identity.pin_tries import FREE_OF_ACCOUNT_AT_DEVICE
from consign.identity.pins import CachedVerifier, Pins, PinUnfit, require_fit
from consign.identity.ports import Asker, SignInFailed, Visit, WrongPin
from consign.identity.sessions import BOUND_LIFETIME, Sessions, utc_now
from tests.identity.test_passwords import CountingArgon2, ToldFacts

KEY = bytes(range(32))
VISIT = Visit("192.0.2.1", "Firefox on Linux", UUID(int=1))
TABLET = DeviceKey("alpe", "01900000-0000-7000-8000-0000000000d1")
OLIVE, PETRA, RIGHT, WRONG = "olive", "petra", "4096173", "4096174"
SECRET = f"cd_{'0' * 32}_{'A' * 43}"


class ToldHolders:
    """What the log says of who has a PIN."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}

    async def version(self, organization: str, account: str) -> int | None:
        return self.versions.get(account)


class ToldDevices:
    """What the organization's log is told of wrong PINs."""

    def __init__(self) -> None:
        self.told: list[tuple[Asker, WrongPin]] = []

    async def pin_refused(self, visit: Visit, asker: Asker, wrong: WrongPin) -> None:
        self.told.append((asker, wrong))


class House:
    """PINs over stores in memory; Olive has one."""

    def __init__(self) -> None:
        self.sessions_store = MemoryIdentityStore()
        self.store = MemoryPinStore(self.sessions_store)
        self.facts, self.holders, self.argon2 = ToldFacts(), ToldHolders(), CountingArgon2()
        self.devices = ToldDevices()
        self.now = utc_now()
        self.tokens = AccessTokens("http://localhost", SigningKeys(KEY))
        ended = EndedSessions(self.sessions_store, MemoryMachineStore(self.sessions_store))
        self.sessions = Sessions(self.sessions_store, self.facts, self.tokens, ended, self.moment)
        secrets = IdentitySecrets(KEY)
        self.pins = Pins(
            *(self.store, self.holders, self.facts, self.devices, secrets),
            *(self.argon2, self.sessions, ended, self.moment),
        )

    def moment(self) -> datetime:
        return self.now

    async def set(self, account: str, version: int, pin: str = RIGHT) -> None:
        self.holders.versions[account] = version
        await self.pins.keep("alpe", account, version, await self.pins.verifier(pin))

    async def refused(self, account: str, pin: str) -> None:
        with pytest.raises(SignInFailed):
            await self.pins.sign_in(VISIT, TABLET, account, pin)


@pytest.fixture
async def house() -> House:
    house = House()
    await house.set(OLIVE, 1)
    return house


@pytest.mark.parametrize(
    "pin", ["0000", "1234", "4321", "8765", "7890", "2580", "1212", "4747", "112211", "1987", "2026"]
)
def test_what_is_tried_first_is_no_pin(pin: str) -> None:
    with pytest.raises(PinUnfit) as unfit:
        require_fit(pin)
    assert unfit.value.because == "known"


@pytest.mark.parametrize("pin", ["", "407", "407361852", "40 7361", "407a", "\u0664\u0660\u0667\u0663", "-407"])
def test_a_pin_is_four_to_eight_plain_digits(pin: str) -> None:
    with pytest.raises(PinUnfit) as unfit:
        require_fit(pin)
    assert unfit.value.because == "form"


def test_others_are_pins() -> None:
    for pin in ("4073", "40736185", RIGHT):
        require_fit(pin)


async def test_a_pin_signs_in_at_the_device_and_reaches_nothing_beyond(house: House) -> None:
    tokens = await house.pins.sign_in(VISIT, TABLET, OLIVE, RIGHT)
    _, claims, _ = tokens.access_token.split(".")
    caller = BuiltInIssuer(house.tokens).caller(base64.urlsafe_b64decode(claims + "=="))
    assert (caller.account_id, caller.organization, caller.device_id) == (OLIVE, "alpe", TABLET.device)
    assert TABLET.qualified in caller.endings
    assert house.facts.told == ["olive signed in by pin"]


async def test_it_goes_on_for_a_days_work_on_the_same_device_and_then_ends(house: House) -> None:
    tokens = await house.pins.sign_in(VISIT, TABLET, OLIVE, RIGHT)
    for _ in range(3):
        house.now += BOUND_LIFETIME / 4
        tokens = await house.sessions.refresh(VISIT, tokens.refresh_token)
        _, claims, _ = tokens.access_token.split(".")
        assert BuiltInIssuer(house.tokens).caller(base64.urlsafe_b64decode(claims + "==")).device_id == TABLET.device
    house.now += BOUND_LIFETIME / 4
    with pytest.raises(SignInFailed):
        await house.sessions.refresh(VISIT, tokens.refresh_token)


async def test_the_same_is_worked_out_whoever_is_named_and_whatever_is_shown(house: House) -> None:
    await house.set(PETRA, 1)
    await house.pins.keep("alpe", PETRA, 2, None)
    for account, pin in (
        (OLIVE, RIGHT),
        (OLIVE, WRONG),
        (PETRA, RIGHT),
        ("nobody", RIGHT),
        ("nobody", "no PIN has letters"),
    ):
        before = house.argon2.checked
        if (account, pin) == (OLIVE, RIGHT):
            await house.pins.sign_in(VISIT, TABLET, account, pin)
        else:
            await house.refused(account, pin)
        assert house.argon2.checked == before + 1, account


async def test_a_pin_counts_only_as_the_log_knows_it(house: House) -> None:
    house.holders.versions[OLIVE] = 2
    await house.refused(OLIVE, RIGHT)
    del house.holders.versions[OLIVE]
    await house.refused(OLIVE, RIGHT)
    assert house.facts.told == ["olive was refused"], "who is no member is no business of anybody's"


async def test_guessing_is_locked_out_and_the_right_one_with_it(house: House) -> None:
    for _ in range(FREE_OF_ACCOUNT_AT_DEVICE):
        await house.refused(OLIVE, WRONG)
    worked_out = house.argon2.checked
    with pytest.raises(TooManyTries):
        await house.pins.sign_in(VISIT, TABLET, OLIVE, RIGHT)
    assert house.argon2.checked == worked_out
    house.now += timedelta(seconds=30)
    await house.pins.sign_in(VISIT, TABLET, OLIVE, RIGHT)


async def test_the_organization_is_told_of_each_wrong_pin_and_of_no_more_than_may_be_tried(house: House) -> None:
    for account in (OLIVE, "nobody", OLIVE):
        await house.refused(account, WRONG)
    with pytest.raises(SignInFailed):
        await house.pins.approved(VISIT, Asker(PETRA, "cashier"), TABLET, OLIVE, WRONG)
    device, wrong = Asker(TABLET.device, "device"), WrongPin("alpe", TABLET.device, OLIVE, "sign_in", 1)
    told = [
        (device, wrong),
        (device, replace(wrong, account=None)),
        (device, replace(wrong, times=2)),
        (Asker(PETRA, "cashier"), replace(wrong, use="approval", times=3)),
    ]
    assert house.devices.told == told
    await house.refused(OLIVE, WRONG)
    await house.refused(OLIVE, WRONG)
    for _ in range(20):
        with pytest.raises(TooManyTries):
            await house.pins.sign_in(VISIT, TABLET, OLIVE, WRONG)
    assert len(house.devices.told) == len(told) + 2


async def test_an_unknown_name_is_locked_out_just_so(house: House) -> None:
    for _ in range(FREE_OF_ACCOUNT_AT_DEVICE):
        await house.refused("nobody", WRONG)
    with pytest.raises(TooManyTries):
        await house.pins.sign_in(VISIT, TABLET, "nobody", WRONG)


async def test_what_is_kept_cannot_be_guessed_from_without_the_installations_key(house: House) -> None:
    kept = (await house.store.pins_of("alpe", [OLIVE]))[OLIVE]
    assert b"argon2" not in kept.verifier_sealed
    opened = IdentitySecrets(KEY).unseal(kept.verifier_sealed).decode()
    assert await house.argon2.tells(opened, RIGHT)


def on_the_device(cached: CachedVerifier, pin: str, secret: str) -> bool:
    """Check a PIN as a device does that is offline."""
    kdf = Argon2id(
        salt=base64.b64decode(cached.salt),
        length=32,
        iterations=cached.iterations,
        lanes=cached.lanes,
        memory_cost=cached.memory_kib,
    )
    digest = hmac.digest(secret.encode(), kdf.derive(pin.encode()), sha256)
    return hmac.compare_digest(digest, base64.b64decode(cached.digest))


async def test_a_device_checks_pins_by_itself_with_its_own_secret_alone(house: House) -> None:
    cached = (await house.pins.cached("alpe", [OLIVE, PETRA], SECRET))[OLIVE]
    assert cached.version == 1
    assert on_the_device(cached, RIGHT, SECRET)
    assert not on_the_device(cached, WRONG, SECRET)
    assert not on_the_device(cached, RIGHT, f"{SECRET[:-1]}B")
    assert list(await house.pins.cached("alpe", [PETRA], SECRET)) == []
