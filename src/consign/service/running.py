"""Running a process of the service. Imports little, so that the servers can start while the rest is still imported."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from consign.actors.ownership import Identity
from consign.adapters.installation import node_identity
from consign.http.log_lines import configure_log_lines
from consign.settings import Settings

if TYPE_CHECKING:
    from consign.local.servers import LocalServers
    from consign.service.process import Service

type OnReady = Callable[[Service], Awaitable[None] | None]
"""What is done with the service once it serves, before it counts as started."""

COLLECT_AFTER_OBJECTS = 10_000
"""Made and not yet gone; each such collection takes one to three milliseconds."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_service(settings: Settings) -> "AsyncIterator[Service]":
    """Run a whole process for as long as the context is open; it ends in order."""
    async with AsyncExitStack() as stack:
        importing = asyncio.create_task(asyncio.to_thread(_imported))
        stack.push_async_callback(asyncio.wait, [importing])
        me = Identity.new(stack.enter_context(_node_id(settings)))
        embedded = await stack.enter_async_context(_embedded_servers(settings))
        service = await (await importing)(settings, embedded, me)
        stack.push_async_callback(service.close)
        async with asyncio.TaskGroup() as tasks:
            await service.start(tasks)
            _log.info("serving", url=service.url, role=settings.role, node_id=str(me.node_id))
            try:
                yield service
            finally:
                await service.stop()


@asynccontextmanager
async def _embedded_servers(settings: Settings) -> "AsyncIterator[LocalServers | None]":
    """Run the embedded servers for as long as the context is open, if none are named."""
    if not settings.is_embedded:
        yield None
        return
    from consign.local.servers import local_servers  # noqa: PLC0415 - an extra that production does not carry

    async with local_servers(settings.data_directory) as servers:
        yield servers


@contextmanager
def _node_id(settings: Settings) -> Iterator[UUID]:
    """Lend this process's id as a node: the one it was given, or one of the installation's."""
    if settings.node_id is not None:
        yield settings.node_id
        return
    with node_identity(settings.data_directory) as found:
        yield found


def serve(settings: Settings, on_ready: "OnReady" = lambda _: None) -> None:
    """Be the process: configure logging, run on the fast event loop, tell when it serves, return after the drain.

    SIGTERM and SIGINT end it in order; one that comes while it starts ends the start.
    """
    configure_log_lines(settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_until_stopped(settings, on_ready))


async def _until_stopped(settings: Settings, on_ready: "OnReady") -> None:
    stop = asyncio.Event()
    ready = False

    async def served() -> None:
        nonlocal ready
        async with running_service(settings) as service:
            told = on_ready(service)
            if told is not None:
                await told
            ready = True
            _spare_collections()
            await stop.wait()

    serving = asyncio.create_task(served())

    def end() -> None:
        stop.set()
        if not ready:
            serving.cancel()

    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, end)
    await asyncio.wait({serving})
    if not serving.cancelled():
        serving.result()


def _spare_collections() -> None:
    """Keep what was made for the start out of every later collection, which would hold the loop to look at it again.

    Collections are rarer than Python has them: nearly all that a request makes is gone by itself when it is answered,
    and what is alive when a collection begins is mostly the requests under way, looked at for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)


def _imported() -> "Callable[[Settings, LocalServers | None, Identity], Awaitable[Service]]":
    from consign.service.assembly import assembled  # noqa: PLC0415 - on a thread, while the servers start

    return assembled


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not there on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
