"""What PINs may rely on: the same promises in memory and in Postgres, and over two processes there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.memory.pin_store import MemoryPinStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.pin_store import PostgresPinStore
from consign.identity.limits import TooManyTries
from consign.identity.pin_store import KeptPin, PinStore
from consign.identity.pin_tries import (
    DELAY_FIRST,
    DELAY_MAX,
    FORGOTTEN_AFTER,
    FREE_AT_DEVICE,
    FREE_OF_ACCOUNT,
    FREE_OF_ACCOUNT_AT_DEVICE,
    Subjects,
)
from consign.identity.store import Bound, IdentityStore, Session

NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TABLET, OTHER_TABLET = (f"01900000-0000-7000-8000-0000000000d{number}" for number in (1, 2))
OLIVE = Subjects("olive", TABLET)


class Processes:
    """The stores of two processes over the same rows; in memory there is one."""

    def __init__(self, pins: Sequence[PinStore], sessions: IdentityStore) -> None:
        self.pins = pins
        self.sessions = sessions

    @property
    def store(self) -> PinStore:
        return self.pins[0]

    async def tried(self, subjects: Sequence[Subjects], at: datetime = NOW, organization: str = "alpe") -> int:
        """Try all at once, in turn by each process; return how many of the tries counted."""

        async def counts(index: int, subject: Subjects) -> bool:
            try:
                await self.pins[index % len(self.pins)].begin_try(organization, subject, at)
            except TooManyTries:
                return False
            return True

        return sum(await asyncio.gather(*(counts(index, subject) for index, subject in enumerate(subjects))))


@pytest.fixture
async def processes(identity_url: str | None) -> AsyncIterator[Processes]:
    if identity_url is None:
        sessions = MemoryIdentityStore()
        yield Processes([MemoryPinStore(sessions)], sessions)
        return
    both = [PostgresIdentityStore(identity_url) for _ in range(2)]
    yield Processes([PostgresPinStore(each.connections) for each in both], both[0])
    for each in both:
        await each.close()


async def test_however_many_guess_at_once_in_two_processes_no_more_count_than_are_free(processes: Processes) -> None:
    assert await processes.tried([OLIVE] * 30) == FREE_OF_ACCOUNT_AT_DEVICE


async def test_each_further_try_waits_twice_as_long_up_to_an_hour(processes: Processes) -> None:
    at, waits = NOW, []
    await processes.tried([OLIVE] * FREE_OF_ACCOUNT_AT_DEVICE)
    for _ in range(9):
        with pytest.raises(TooManyTries) as early:
            await processes.store.begin_try("alpe", OLIVE, at)
        waits.append(timedelta(seconds=early.value.retry_after_s))
        at += waits[-1]
        await processes.store.begin_try("alpe", OLIVE, at)
    assert waits == [min(DELAY_FIRST * 2**number, DELAY_MAX) for number in range(9)]


async def test_more_devices_give_an_account_no_more_tries_than_are_free_in_all(processes: Processes) -> None:
    guesses = [Subjects("olive", str(uuid4())) for _ in range(2 * FREE_OF_ACCOUNT)]
    assert await processes.tried(guesses) == FREE_OF_ACCOUNT


async def test_more_accounts_give_a_device_no_more_tries_than_are_free_in_all(processes: Processes) -> None:
    guesses = [Subjects(f"account-{number}", TABLET) for number in range(2 * FREE_AT_DEVICE)]
    assert await processes.tried(guesses) == FREE_AT_DEVICE
    assert await processes.tried([Subjects("olive", OTHER_TABLET)]) == 1
    assert await processes.tried([OLIVE], organization="other") == 1


async def test_what_comes_too_early_is_counted_for_nothing(processes: Processes) -> None:
    await processes.tried([OLIVE] * 100)
    others = [Subjects(f"account-{number}", TABLET) for number in range(2 * FREE_AT_DEVICE)]
    assert await processes.tried(others) == FREE_AT_DEVICE - FREE_OF_ACCOUNT_AT_DEVICE


async def test_success_forgets_the_tries_at_the_device_and_takes_back_no_more_than_itself_of_the_sums(
    processes: Processes,
) -> None:
    """Whoever knows a PIN of their own must not gain tries for another one by it."""
    store, petra = processes.store, Subjects("petra", TABLET)
    for _ in range(FREE_AT_DEVICE):
        await store.begin_try("alpe", petra, NOW)
        await store.succeeded("alpe", petra, NOW)
    assert await processes.tried([OLIVE] * 4) == 4
    await store.begin_try("alpe", petra, NOW)
    await store.succeeded("alpe", petra, NOW)
    assert await processes.tried([OLIVE] * 4) == 1


async def test_tries_are_forgotten_after_hours_of_rest(processes: Processes) -> None:
    await processes.tried([OLIVE] * 30)
    rested = NOW + DELAY_FIRST + FORGOTTEN_AFTER + SECOND
    assert await processes.tried([OLIVE] * 30, rested) == FREE_OF_ACCOUNT_AT_DEVICE


async def test_a_newer_pin_stays_whatever_comes_late(processes: Processes) -> None:
    store = processes.store
    for version, verifier in ((1, b"first"), (3, b"third"), (2, b"second"), (1, None)):
        await store.keep_pin("alpe", "olive", version, verifier, NOW)
    assert await store.pins_of("alpe", ["olive", "petra"]) == {"olive": KeptPin(3, b"third")}
    assert await store.pins_of("other", ["olive"]) == {}
    await store.keep_pin("alpe", "olive", 4, None, NOW)
    await store.keep_pin("alpe", "olive", 3, b"third", NOW)
    assert await store.pins_of("alpe", ["olive"]) == {}


async def test_whoever_signed_in_by_the_pin_before_is_signed_out_and_nobody_else(processes: Processes) -> None:
    bounds = {
        "by PIN": Bound("alpe", TABLET),
        "by PIN elsewhere": Bound("other", TABLET),
        "otherwise": None,
    }
    begun = {}
    for number, (how, bound) in enumerate(bounds.items()):
        session = Session(uuid4(), "Firefox on Linux", NOW, NOW, NOW + timedelta(days=1), bound)
        await processes.sessions.begin_session("olive", session, number.to_bytes(32))
        begun[how] = session.session_id
    assert list(await processes.store.keep_pin("alpe", "petra", 1, b"first", NOW)) == []
    assert list(await processes.store.keep_pin("alpe", "olive", 2, b"second", NOW)) == [begun["by PIN"]]
    assert list(await processes.store.keep_pin("alpe", "olive", 1, b"first", NOW)) == []
