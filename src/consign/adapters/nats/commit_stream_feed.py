"""Reads the internal stream as it grows, for slices whose commits are made in other processes.

The consumer begins with what is new and is never acknowledged: what was missed is read from the log. It lives on the
server's heartbeats, and is made anew when they cease, whatever the reason.
"""

import asyncio
from collections.abc import Callable

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from consign.actors.relay_message import CommitMessage, UnreadableMessage, decode_commit
from consign.actors.runner_ports import ServedSlices
from consign.adapters.nats.commit_stream import REQUEST_TIMEOUT_S, STREAM
from consign.adapters.nats.connection import NatsConnection, NatsDown

HEARTBEAT_S = 1.0
SILENCE_MAX_S = 3.5
CHECK_INTERVAL_S = 0.5
FORGOTTEN_AFTER_S = 30.0
PENDING_MESSAGES_MAX = 10_000
PENDING_BYTES_MAX = 64 * 1024 * 1024
_EVERY_SLICE = 256

_logger = structlog.get_logger(__name__)


class NatsCommitFeed:
    """`run` hands every new commit of the wanted slices to `receive`, until cancelled.

    What `holds` recognises by its id is dropped undecoded: in a process that commits, that is nearly all.
    """

    def __init__(
        self,
        connection: NatsConnection,
        *,
        receive: Callable[[CommitMessage], None],
        wanted: ServedSlices,
        holds: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.following = False
        self._connection = connection
        self._receive = receive
        self._wanted = wanted
        self._holds = holds
        self._heard_at = 0.0

    async def run(self) -> None:
        """Follow the stream until cancelled."""
        while True:
            wanted = self._wanted()
            if wanted:
                try:
                    await self._follow(self._connection.client(), wanted)
                except (NatsDown, nats.errors.Error, TimeoutError) as error:
                    _logger.debug("commit feed waits", error=repr(error))
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def _follow(self, client: Client, wanted: frozenset[int]) -> None:
        """Follow until the client is another one, the slices are others, or the server fell silent."""
        inbox = client.new_inbox()
        subscription = await client.subscribe(
            inbox,
            cb=self._take,
            pending_msgs_limit=PENDING_MESSAGES_MAX,
            pending_bytes_limit=PENDING_BYTES_MAX,
        )
        try:
            stream = client.jetstream(timeout=REQUEST_TIMEOUT_S)
            await stream.add_consumer(STREAM, _consumer(inbox, wanted))
            self._heard_at = asyncio.get_running_loop().time()
            self.following = True
            while self._connection.client() is client and self._wanted() == wanted:
                if asyncio.get_running_loop().time() - self._heard_at > SILENCE_MAX_S:
                    return
                await asyncio.sleep(CHECK_INTERVAL_S)
        finally:
            self.following = False
            if not client.is_closed:
                await subscription.unsubscribe()

    async def _take(self, message: Msg) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if not message.data or (message.headers and self._holds(message.headers.get("Nats-Msg-Id", ""))):
            return
        try:
            commit = decode_commit(message.data)
        except UnreadableMessage as error:
            # The audit deletes it; its events are found in the log.
            _logger.warning("unreadable commit message", subject=message.subject, error=str(error))
            return
        self._receive(commit)


def _consumer(inbox: str, wanted: frozenset[int]) -> ConsumerConfig:
    subjects = (
        ["consignlog.>"] if len(wanted) == _EVERY_SLICE else [f"consignlog.{number}.*" for number in sorted(wanted)]
    )
    return ConsumerConfig(
        deliver_subject=inbox,
        deliver_policy=DeliverPolicy.NEW,
        ack_policy=AckPolicy.NONE,
        max_deliver=1,
        filter_subjects=subjects,
        idle_heartbeat=HEARTBEAT_S,
        inactive_threshold=FORGOTTEN_AFTER_S,
        mem_storage=True,
        num_replicas=1,
    )
