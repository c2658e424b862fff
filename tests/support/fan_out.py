"""Relay, sweep, audit and feed of one process, over real servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from consign.actors.audit import Audit
from consign.actors.relay import Relay
from consign.actors.relay_message import CommitMessage, decode_commit
from consign.actors.sweep import Sweep
from consign.adapters.nats.commit_stream import STREAM, NatsCommitStream
from consign.adapters.nats.commit_stream_feed import NatsCommitFeed
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.postgres.projection_progress import PostgresRelayProgress
from tests.support.read_models import ReadModels

EVERY_SLICE = frozenset(range(256))


class FanOut:
    def __init__(self, models: ReadModels, nats_url: str, *, sweep_interval_s: float) -> None:
        self.connection = NatsConnection(nats_url, name="test")
        self.stream = NatsCommitStream(self.connection)
        self.relay = Relay(self.stream)
        progress = PostgresRelayProgress(models.pool)
        self.sweep = Sweep(
            self.relay,
            self.stream,
            log=models.store,
            progress=progress,
            served=lambda: EVERY_SLICE,
            interval_s=sweep_interval_s,
        )
        self.audit = Audit(
            stream=self.stream,
            copy=self.stream,
            log=models.store,
            positions=progress,
            served=lambda: EVERY_SLICE,
            interval_s=0.1,
            pause_s=0.0,
        )

    def feed(self, receive: Callable[[CommitMessage], None]) -> NatsCommitFeed:
        return NatsCommitFeed(self.connection, receive=receive, wanted=lambda: EVERY_SLICE)


@asynccontextmanager
async def background(*coroutines: object) -> AsyncIterator[None]:
    """Run them for as long as the context is open; an error of theirs is the test's."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


@asynccontextmanager
async def fan_out(models: ReadModels, nats_url: str, *, sweep_interval_s: float = 0.05) -> AsyncIterator[FanOut]:
    """Relay and sweep run; audit and feed are for the test to start."""
    fan = FanOut(models, nats_url, sweep_interval_s=sweep_interval_s)
    async with background(fan.connection.run(), fan.relay.run(), fan.sweep.run()):
        yield fan


@asynccontextmanager
async def jetstream(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(nats_url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def copied(nats_url: str) -> list[CommitMessage]:
    """Return every message of the internal stream, in its order."""
    found: list[CommitMessage] = []
    async with jetstream(nats_url) as stream:
        try:
            last = (await stream.stream_info(STREAM)).state.last_seq
        except NotFoundError:
            return []
        for sequence in range(1, last + 1):
            try:
                message = await stream.get_msg(STREAM, sequence)
            except NotFoundError:
                continue
            found.append(decode_commit(message.data or b""))
    return found


def positions(messages: list[CommitMessage], organization: str = "acme") -> list[int]:
    """Return the positions that the messages hold, in order, each as often as it is held."""
    return sorted(
        position
        for message in messages
        if message.organization_id == organization
        for position in range(message.first, message.last + 1)
    )
