"""Read models follow the log, whatever arrives and whatever does not."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from msgspec.structs import replace

from consign.actors.ports import Committed
from consign.actors.relay_message import CommitMessage, decode_commit, encode_committed
from consign.actors.runner import Runner, RunnerLimits
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_organization import BatchLimits, OrganizationRunner
from consign.actors.runner_retries import Retries
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Projection
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.read_models import ReadModels, folded, read_models
from tests.support.toy_business import Added, ToyBusiness, counter_stream
from tests.support.toy_log import ToyLog
from tests.support.toy_projection import COUNTERS, counters

EVERY_SLICE = frozenset(range(256))
NEVER_POLLS = RunnerLimits(poll_interval_s=3600)
HEALTHY = replace(COUNTERS, name="healthy", apply=lambda *_: ())
POLLS = RunnerLimits(poll_interval_s=0.02, recheck_halted_s=0.1, retry_pause_s=0.05, retry_pause_max_s=0.2)

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database, COUNTERS, HEALTHY) as models:
        yield models


@asynccontextmanager
async def running(
    models: ReadModels, *projections: Projection, limits: RunnerLimits = NEVER_POLLS, feed: ChangeFeed | None = None
) -> AsyncIterator[Runner]:
    runner = Runner(
        projections or (COUNTERS,),
        store=models.store,
        log=models.store,
        heads=models.store,
        decode=ToyBusiness().decode_event,
        changes=feed or ChangeFeed(),
        served=lambda: EVERY_SLICE,
        limits=limits,
    )
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


def message(committed: Committed) -> CommitMessage:
    return decode_commit(encode_committed(committed).payload)


async def reaches(models: ReadModels, position: int, *, organization: str = "acme") -> None:
    async def there() -> bool:
        return await models.position(organization=organization) == position

    await eventually(there)


async def test_what_the_journal_commits_is_shown(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models) as runner:
        for committed in await log.add("apples", 3, 4, -7, 2):
            runner.offer([committed])
        await reaches(models, 4)
    assert await models.tables() == folded(log.events)


async def test_what_arrives_on_the_stream_is_shown(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models) as runner:
        for committed in await log.add("apples", 3, 4):
            runner.receive(message(committed))
        await reaches(models, 2)
    assert await models.tables() == folded(log.events)


async def test_duplicate_reordered_and_missing_messages_change_nothing(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    sent = [message(committed) for committed in await log.add("apples", *range(1, 41))]
    shuffled = [each for each in sent * 3 if each.last % 7]
    random.Random(4).shuffle(shuffled)
    async with running(models) as runner:
        for each in shuffled:
            runner.receive(each)
        runner.receive(message((await log.add("pears", 1))[0]))
        await reaches(models, 41)
    assert await models.tables() == folded(log.events)


async def test_with_no_message_at_all_the_log_is_polled(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models, limits=POLLS):
        await log.add("apples", 1, 2, 3)
        await reaches(models, 3)
    assert await models.tables() == folded(log.events)


async def test_a_message_too_large_to_carry_events_sends_the_reader_to_the_log(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models) as runner:
        runner.receive(replace(message((await log.add("apples", 5))[0]), events=None))
        await reaches(models, 1)
    assert await models.tables() == folded(log.events)


async def test_half_a_command_is_not_shown(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    whole = message(await log.commit([("apples", 1)], [("apples", 1), ("pears", 2), ("plums", 3)]))
    assert whole.events is not None
    half = replace(whole, last=3, hash=whole.events[2].hash, events=whole.events[:3])
    shown: list[int] = []
    feed = ChangeFeed()
    feed.listen(lambda change: shown.append(change.position))
    async with running(models, feed=feed) as runner:
        runner.receive(half)
        await reaches(models, 4)
    assert shown == [1, 4]
    assert await models.tables() == folded(log.events)


async def test_a_command_larger_than_a_step_is_taken_whole(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.commit([(f"counter{number}", 1) for number in range(700)])
    async with running(models, limits=POLLS):
        await reaches(models, 700)
    assert await models.tables() == folded(log.events)


async def test_two_runners_apply_nothing_twice(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models) as one, running(models) as other:
        for number in range(60):
            for committed in await log.add(f"counter{number % 5}", 1):
                one.receive(message(committed))
                other.receive(message(committed))
        await reaches(models, 60)
    assert await models.tables() == folded(log.events)


async def test_a_runner_goes_on_where_another_ended(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    for amounts in ([1, 2, 3], [4, 5], [6]):
        await log.add("apples", *amounts)
        async with running(models, limits=POLLS):
            await reaches(models, log.head.position)
    assert await models.tables() == folded(log.events)


@pytest.mark.parametrize("counter", ["poison", "unstorable"])
async def test_a_poison_event_stops_its_projection_where_it_is_and_says_why(models: ReadModels, counter: str) -> None:
    log = await ToyLog.begin(models.log)
    await log.commit([("apples", 1)], [("apples", 2), (counter, 1), ("apples", 3)], [("apples", 4)])

    async def stopped() -> bool:
        return bool((await models.serving())["status"] == "stopped")

    async def healthy_at_the_head() -> bool:
        return await models.position("healthy") == 5

    async with running(models, COUNTERS, HEALTHY, limits=POLLS):
        await eventually(stopped)
        await eventually(healthy_at_the_head)
    row = await models.serving()
    assert row["checkpoint"] == 1
    assert await models.tables() == folded(log.events[:1])
    if counter == "poison":
        assert (row["failed_position"], row["failed_event_id"]) == (3, log.events[2].event_id)
        assert row["error"] == "ValueError: this counter cannot be shown"
    else:
        assert row["failed_position"] in (2, 3)
        assert "cannot be converted to text" in row["error"]


async def test_a_key_that_cannot_be_looked_up_stops_its_projection_at_its_event(models: ReadModels) -> None:
    def reads(stored: StoredEvent, event: Added) -> Sequence[tuple[str, Key]]:
        keys = list(COUNTERS.reads(stored, event))
        return [*keys, ("counters", ("\x00",))] if stored.stream == counter_stream("odd") else keys

    log = await ToyLog.begin(models.log)
    await log.commit([("apples", 1)], [("pears", 2)], [("plums", 1), ("odd", 3)], [("apples", 4)])

    async def stopped() -> bool:
        return bool((await models.serving())["status"] == "stopped")

    async with running(models, replace(COUNTERS, reads=reads), HEALTHY, limits=POLLS):
        await eventually(stopped)
    row = await models.serving()
    assert (row["checkpoint"], row["failed_position"]) == (2, 3)
    assert await models.tables() == folded(log.events[:2])


async def test_a_log_that_was_restored_stops_its_projections(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1, 2)
    async with running(models, limits=POLLS):
        await reaches(models, 2)
        await models.administer("UPDATE consign.heads SET log_id = gen_random_uuid()")
        await log.add("apples", 3)

        async def forked() -> bool:
            return bool((await models.serving())["status"] == "forked")

        await eventually(forked)
    row = await models.serving()
    assert row["checkpoint"] == 2
    assert "this read model was made from" in row["error"]


async def test_another_history_under_the_same_log_id_is_noticed_by_its_hash(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1)
    async with running(models, limits=POLLS):
        await reaches(models, 1)
    await models.administer("UPDATE consign.projection SET hash = sha256('another event')")
    await log.add("apples", 1)
    async with running(models, limits=POLLS):

        async def forked() -> bool:
            return bool((await models.serving())["status"] == "forked")

        await eventually(forked)
    assert "another one than this read model was made from" in (await models.serving())["error"]


async def test_a_message_of_a_forked_log_is_not_believed(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models) as runner:
        (first,) = await log.add("apples", 1)
        runner.offer([first])
        await reaches(models, 1)
        (second,) = await log.add("apples", 1)
        runner.receive(replace(message(second), log_id=uuid4()))
        runner.receive(replace(message(second), previous_hash=bytes(32)))
        await reaches(models, 2)
    assert await models.tables() == folded(log.events)
    assert (await models.serving())["status"] == "running"


async def test_a_resumed_projection_goes_on(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("poison", 1)

    async def stopped() -> bool:
        return bool((await models.serving())["status"] == "stopped")

    async with running(models, limits=POLLS):
        await eventually(stopped)
    mended = counters(apply=lambda stored, event, rows: ())
    async with running(models, mended, limits=POLLS):
        await models.administer("UPDATE consign.projection SET status = 'running', error = NULL")
        await reaches(models, 1)


async def test_whoever_follows_is_told_the_last_step(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    feed = ChangeFeed()
    async with running(models, feed=feed) as runner:
        with feed.subscribe("acme") as subscription, feed.subscribe("other") as other:
            for committed in await log.add("apples", *range(1, 30)):
                runner.offer([committed])
            await reaches(models, 29)
            (change,) = await subscription.changes(1.0)
            assert (change.projection, change.log_id, change.position) == ("counters", log.head.log_id, 29)
            assert await other.changes(0.0) == []


async def test_with_the_database_away_it_waits_and_goes_on(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    async with running(models, limits=POLLS) as runner:
        (committed,) = await log.add("apples", 1)
        await reaches(models, 1)
        (committed,) = await log.add("apples", 1)
        await models.end_connections("consign_projector")
        runner.offer([committed])
        await reaches(models, 2)
    assert await models.tables() == folded(log.events)


async def status_is(models: ReadModels, status: str, *, organization: str = "acme") -> None:
    async def so() -> bool:
        return bool((await models.serving(organization=organization))["status"] == status)

    await eventually(so)


async def positions_reach(models: ReadModels, name: str, position: int) -> None:
    async def there() -> bool:
        return await models.position(name) == position

    await eventually(there)


AWAY = "ALTER TABLE consign.rm_counters_v1_counters RENAME TO elsewhere"
BACK = "ALTER TABLE consign.elsewhere RENAME TO rm_counters_v1_counters"
RAISES = (
    "CREATE FUNCTION consign.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$; "
    "CREATE TRIGGER fail BEFORE INSERT ON consign.rm_counters_v1_additions EXECUTE FUNCTION consign.fail()"
)
RAISES_NO_MORE = "DROP FUNCTION consign.fail CASCADE"


@pytest.mark.parametrize(
    ("cause", "cure", "error"),
    [(AWAY, BACK, "UndefinedTableError"), (RAISES, RAISES_NO_MORE, "RaiseError: not today")],
    ids=["read", "written"],
)
async def test_a_read_model_that_the_database_fails_stands_still_alone_and_comes_back_by_itself(
    models: ReadModels, cause: str, cure: str, error: str
) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1, 2)
    async with running(models, COUNTERS, HEALTHY, limits=POLLS) as runner:
        await reaches(models, 2)
        await models.administer(cause)
        for committed in await log.add("pears", 3, 4):
            runner.offer([committed])
        await status_is(models, "failing")
        assert runner.halted() == {"failing": 1}
        await log.add("apples", 5, 6)
        await positions_reach(models, "healthy", 6)
        row = await models.serving()
        assert (row["checkpoint"], row["status"]) == (2, "failing")
        assert error in row["error"]
        await models.administer(cure)
        await reaches(models, 6)
        await eventually(lambda: not runner.halted())
    row = await models.serving()
    assert (row["status"], row["error"]) == ("running", None)
    assert await models.tables() == folded(log.events)


async def test_what_failed_in_one_process_is_tried_again_by_the_next(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await models.administer(AWAY)
    await log.add("apples", 1)
    async with running(models, COUNTERS, HEALTHY, limits=POLLS):
        await status_is(models, "failing")
    await models.administer(BACK)
    async with running(models, COUNTERS, HEALTHY, limits=POLLS):
        await reaches(models, 1)
    assert await models.tables() == folded(log.events)


async def test_what_another_process_tried_with_success_is_noticed_by_trying_too(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1, 2)
    here, elsewhere = (
        OrganizationRunner(
            "acme",
            (COUNTERS,),
            *(models.store, models.store, ToyBusiness().decode_event, ChangeFeed()),
            *(BatchLimits(), Retries(0.0, 0.0)),
        )
        for _ in range(2)
    )
    await models.administer(AWAY)
    for each in (here, elsewhere):
        await each.advance()
        assert each.halted == ["failing"]
    await models.administer(BACK)
    assert await elsewhere.retry()
    assert elsewhere.halted == []
    assert await here.retry()
    await here.advance()
    assert (here.halted, here.settled_at) == ([], (log.head.log_id, 2))
