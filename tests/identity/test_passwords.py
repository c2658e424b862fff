"""Passwords: the same work for everybody, few tries, and none that anybody would guess first."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from consign.adapters.crypto.argon2 import WAITING_MAX, Argon2
from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.crypto.signing_keys import SigningKeys
from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.machine_store import MemoryMachineStore
from consign.identity.access_tokens import AccessTokens
from consign.identity.ended_sessions import EndedSessions
from consign.identity.known_bad import is_known_bad
from consign.identity.limits import DELAY_MAX_S, GrowingDelays, TooManyTries
from consign.identity.passwords import Passwords, PasswordUnfit
from consign.identity.ports import Ending, SignInBusy, SignInFailed, Visit, Way
from consign.identity.sessions import Sessions, utc_now

KEY = bytes(range(32))
VISIT = Visit("192.0.2.1", "Firefox on Linux", UUID(int=1))
ADA, ADDRESS = "ada", "ada@example.org"
RIGHT, WRONG, NEXT = "four words in a row", "four words in a raw", "five other words in a row"


class CountingArgon2(Argon2):
    """Real verifiers, quickly made; counts how often one is worked out."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, iterations=1)
        self.checked = 0

    async def tells(self, verifier: str, password: str) -> bool:
        self.checked += 1
        return await super().tells(verifier, password)


class ToldFacts:
    """Remembers what was recorded, in a word each."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def signed_in(self, visit: Visit, account: str, session: UUID, way: Way, address: str | None) -> None:
        self.told.append(f"{account} signed in by {way}")

    async def refused(self, visit: Visit, account: str, way: Way) -> None:
        self.told.append(f"{account} was refused")

    async def sessions_ended(self, visit: Visit, account: str, sessions: Sequence[UUID], because: Ending) -> None:
        self.told.append(f"{len(sessions)} ended: {because}")

    async def password_changed(self, visit: Visit, account: str) -> None:
        self.told.append(f"{account} changed the password")


class House:
    """Passwords over a store in memory, and an account without one yet."""

    def __init__(self) -> None:
        self.store = MemoryIdentityStore()
        self.facts = ToldFacts()
        self.argon2 = CountingArgon2()
        self.secrets = IdentitySecrets(KEY)
        tokens = AccessTokens("http://localhost", SigningKeys(KEY))
        self.sessions = Sessions(
            self.store, self.facts, tokens, EndedSessions(self.store, MemoryMachineStore(self.store))
        )
        self.passwords = Passwords(self.store, self.facts, self.secrets, self.argon2, self.sessions)

    async def with_password(self) -> UUID:
        """Give Ada a password; return the session in which she said it."""
        await self.store.claim_address(self.secrets.address_digest(ADDRESS), ADA, utc_now())
        session = (await self.sessions.begin(VISIT, ADA, "link", ADDRESS)).session
        await self.passwords.change(VISIT, ADA, session, RIGHT, None)
        return session

    async def refused(self, address: str = ADDRESS, password: str = WRONG) -> None:
        with pytest.raises(SignInFailed):
            await self.passwords.sign_in(VISIT, address, password)


@pytest.fixture
def house() -> House:
    return House()


async def test_the_right_password_signs_in_and_another_does_not(house: House) -> None:
    await house.with_password()
    assert (await house.passwords.sign_in(VISIT, " Ada@Example.org", RIGHT)).account == ADA
    await house.refused()
    assert house.facts.told[-2:] == ["ada signed in by password", "ada was refused"]


async def test_known_unknown_and_passwordless_cost_the_same_work(house: House) -> None:
    await house.with_password()
    await house.store.claim_address(house.secrets.address_digest("bob@example.org"), "bob", utc_now())
    for address in (ADDRESS, "nobody@example.org", "bob@example.org", "no address"):
        before = house.argon2.checked
        await house.refused(address)
        assert house.argon2.checked == before + 1, address


async def test_nobodys_password_is_no_password(house: House) -> None:
    await house.refused(password="nobody's password, checked in place of one that is not there")


async def test_letters_count_however_they_are_composed(house: House) -> None:
    session = await house.with_password()
    await house.passwords.change(VISIT, ADA, session, "f\u00fcnf Worte am St\u00fcck", RIGHT)
    assert (await house.passwords.sign_in(VISIT, ADDRESS, "fu\u0308nf Worte am Stu\u0308ck")).account == ADA


async def test_a_new_password_needs_the_old_one_or_a_fresh_sign_in(house: House) -> None:
    session = await house.with_password()
    with pytest.raises(SignInFailed):
        await house.passwords.change(VISIT, ADA, session, NEXT, WRONG)
    with pytest.raises(SignInFailed):
        await house.passwords.change(VISIT, ADA, uuid7(), NEXT, None)
    await house.refused(password=NEXT)


async def test_a_new_password_ends_all_other_sessions(house: House) -> None:
    session = await house.with_password()
    await house.passwords.sign_in(VISIT, ADDRESS, RIGHT)
    await house.passwords.change(VISIT, ADA, session, NEXT, RIGHT)
    assert [each.session_id for each in await house.sessions.of(ADA)] == [session]
    assert house.facts.told[-2:] == ["ada changed the password", "1 ended: password_changed"]


@pytest.mark.parametrize("password", ["short words", "x" * 201, "password1234", "aaaaaaaaaaaaaaaa"])
async def test_unfit_passwords_are_refused(house: House, password: str) -> None:
    session = await house.with_password()
    with pytest.raises(PasswordUnfit):
        await house.passwords.change(VISIT, ADA, session, password, RIGHT)


@pytest.mark.parametrize(
    "password", ["qwertzuiop12", "Flohmarkt 2026!", "123456789012", "1q2w3e4r5t6z", "hallohallohallo"]
)
def test_what_is_tried_first_is_known(password: str) -> None:
    assert is_known_bad(password)


@pytest.mark.parametrize("password", ["four words in a row", "tangerine-lamp-42", "836294610385"])
def test_what_nobody_tries_first_is_not(password: str) -> None:
    assert not is_known_bad(password)


async def test_many_wrong_tries_at_once_are_stopped_and_so_is_the_right_one_after_them(house: House) -> None:
    await house.with_password()
    outcomes = await asyncio.gather(
        *(house.passwords.sign_in(VISIT, ADDRESS, WRONG) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(outcome, SignInFailed) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 15
    with pytest.raises(TooManyTries):
        await house.passwords.sign_in(VISIT, ADDRESS, RIGHT)


def test_each_further_try_waits_twice_as_long_and_none_for_ever() -> None:
    now_s = 0.0
    delays = GrowingDelays(free_tries=2, now_s=lambda: now_s)
    delays.begin("ada")
    waited: list[float] = []
    for _ in range(13):
        delays.begin("ada")
        with pytest.raises(TooManyTries) as refused:
            delays.begin("ada")
        waited.append(refused.value.retry_after_s)
        now_s += refused.value.retry_after_s
    assert waited == [2.0**power for power in range(10)] + [DELAY_MAX_S] * 3
    delays.begin("bob")
    delays.succeeded("ada")
    delays.begin("ada")


async def test_more_than_can_be_worked_out_soon_are_sent_away(house: House) -> None:
    verifier = await house.argon2.verifier(RIGHT)
    outcomes = await asyncio.gather(
        *(house.argon2.tells(verifier, RIGHT) for _ in range(WAITING_MAX + 5)), return_exceptions=True
    )
    assert outcomes.count(True) == WAITING_MAX
    assert sum(isinstance(outcome, SignInBusy) for outcome in outcomes) == 5


async def test_a_verifier_says_how_it_was_made() -> None:
    assert (await Argon2().verifier(RIGHT)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
