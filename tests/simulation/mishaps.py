"""What can befall a running site: each mishap happens, is left to last for a while, and is over."""

import contextlib
import random
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from consign.adapters.nats.commit_stream import STREAM
from consign.local.servers import LocalServers
from tests.e2e.proof import connected
from tests.e2e.service_process import ServiceProcess, Site
from tests.e2e.stored import administer
from tests.support.eventually import eventually


class Stage:
    """The servers, the processes over them, and the chance that picks what happens."""

    def __init__(self, servers: LocalServers, site: Site, chance: random.Random) -> None:
        self.servers = servers
        self.site = site
        self.chance = chance

    def any_process(self) -> ServiceProcess:
        return self.chance.choice(self.site.processes)


type Mishap = Callable[[Stage], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def process_killed(stage: Stage) -> AsyncIterator[None]:
    process = stage.any_process()
    await process.kill()
    yield
    await process.start()


@asynccontextmanager
async def process_restarted_in_order(stage: Stage) -> AsyncIterator[None]:
    process = stage.any_process()
    assert await process.stop() == 0
    yield
    await process.start()


@asynccontextmanager
async def process_frozen(stage: Stage) -> AsyncIterator[None]:
    process = stage.any_process()
    process.freeze()
    yield
    process.thaw()
    await process.serving()


@asynccontextmanager
async def event_loop_wedged(stage: Stage) -> AsyncIterator[None]:
    process = stage.any_process()
    process.send(signal.SIGUSR1)
    yield
    await process.serving()


@asynccontextmanager
async def postgres_killed(stage: Stage) -> AsyncIterator[None]:
    await stage.servers.postgres.kill()
    yield
    await stage.servers.postgres.start()


@asynccontextmanager
async def postgres_restarted(stage: Stage) -> AsyncIterator[None]:
    await stage.servers.postgres.stop(stage.chance.choice(["fast", "immediate"]))
    yield
    await stage.servers.postgres.start()


@asynccontextmanager
async def connections_broken(stage: Stage) -> AsyncIterator[None]:
    await administer(
        stage.site.database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    yield


@asynccontextmanager
async def nats_killed(stage: Stage) -> AsyncIterator[None]:
    await stage.servers.nats.kill()
    yield
    await stage.servers.nats.start()


@asynccontextmanager
async def nats_wiped(stage: Stage) -> AsyncIterator[None]:
    await stage.servers.nats.stop()
    stage.servers.nats.wipe_store()
    yield
    await stage.servers.nats.start()


async def held_by(jetstream: JetStreamContext) -> Sequence[int]:
    """Return the numbers of the stream's messages; none while there is no stream, after its data were deleted."""
    try:
        state = (await jetstream.stream_info(STREAM)).state
    except NotFoundError:
        return ()
    return range(state.first_seq, state.last_seq + 1)


_GONE = frozenset((10043, 10057, 10059))
"""What JetStream calls a sequence, a message and a stream that are not there."""


@asynccontextmanager
async def messages_lost(stage: Stage) -> AsyncIterator[None]:
    """Let the stream forget messages it has acknowledged."""
    async with connected(stage.site.nats_url) as connection:
        jetstream = connection.client().jetstream()
        held = await eventually(lambda: held_by(jetstream))
        for sequence in stage.chance.sample(held, min(5, len(held))):
            try:
                await jetstream.delete_msg(STREAM, sequence)
            except APIError as error:
                if error.err_code not in _GONE:
                    raise  # else lost before: the audit deletes messages too, and a stream may be filled anew just now
    yield


@asynccontextmanager
async def messages_repeated_out_of_order(stage: Stage) -> AsyncIterator[None]:
    async with connected(stage.site.nats_url) as connection:
        jetstream = connection.client().jetstream()
        found = []
        for sequence in (await eventually(lambda: held_by(jetstream)))[-20:]:
            with contextlib.suppress(NotFoundError):  # one that an earlier mishap deleted
                found.append(await jetstream.get_msg(STREAM, sequence))
        stage.chance.shuffle(found)
        for message in found:
            assert message.subject is not None
            await jetstream.publish(message.subject, message.data or b"")
    yield


ON_PROCESSES: tuple[Mishap, ...] = (
    process_killed,
    process_restarted_in_order,
    process_frozen,
    event_loop_wedged,
    connections_broken,
)
ON_SERVERS: tuple[Mishap, ...] = (postgres_killed, postgres_restarted, nats_killed, nats_wiped)
ON_MESSAGES: tuple[Mishap, ...] = (messages_lost, messages_repeated_out_of_order)
ALL: tuple[Mishap, ...] = (*ON_PROCESSES, *ON_SERVERS, *ON_MESSAGES)
