"""Running a process of the service. Imports little, so that the servers can start while the rest is still imported."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from consign.actors.ownership import Identity
from consign.http.log_lines import configure_log_lines
from consign.service.keys import opened_keys
from consign.service.places import node_id, places, prepare
from consign.settings import Settings

if TYPE_CHECKING:
    from consign.service.process import Service

COLLECT_AFTER_OBJECTS = 10_000
"""Made and not yet gone; each such collection takes one to three milliseconds."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_service(settings: Settings) -> "AsyncIterator[Service]":
    """Run a whole process for as long as the context is open; it ends in order."""
    async with AsyncExitStack() as stack:
        importing = asyncio.create_task(asyncio.to_thread(_imported))
        stack.push_async_callback(asyncio.wait, [importing])
        me = Identity.new(stack.enter_context(node_id(settings)))
        where = await stack.enter_async_context(places(settings))
        await prepare(where.database)
        keys = await opened_keys(settings, where.database)
        service = (await importing)(settings, where, me, keys)
        stack.push_async_callback(service.close)
        async with asyncio.TaskGroup() as tasks:
            await service.start(tasks)
            _log.info("serving", url=service.url, role=settings.role, node_id=str(me.node_id))
            try:
                yield service
            finally:
                await service.stop()


async def run_service(settings: Settings, on_ready: "Callable[[Service], None]" = lambda _: None) -> None:
    """Serve until SIGTERM or SIGINT, then end in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    async with running_service(settings) as service:
        _spare_collections()
        on_ready(service)
        await stop.wait()


def serve(settings: Settings, on_ready: "Callable[[Service], None]" = lambda _: None) -> None:
    """Be the process: configure logging, run on the fast event loop where there is one, return after the drain."""
    configure_log_lines(settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run_service(settings, on_ready))


def _spare_collections() -> None:
    """Keep what was made for the start out of every later collection, which would hold the loop to look at it again.

    Collections are rarer than Python has them: nearly all that a request makes is gone by itself when it is answered,
    and what is alive when a collection begins is mostly the requests under way, looked at for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)


def _imported() -> "type[Service]":
    from consign.service.process import Service  # noqa: PLC0415 - on a thread, while the servers start

    return Service


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not there on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
