"""Tells other processes that a read model moved, over the plain subject `consignlive.<organization>`.

Nothing is stored: whoever misses a change learns of the next one, and a reader who waits looks for itself too.
"""

import asyncio
from uuid import UUID, uuid4

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from consign.actors.runner_changes import Change, ChangeFeed, Subscription
from consign.adapters.nats.connection import NatsConnection, NatsDown

# Screens redraw at most this often; a burst of steps leaves as one message with the newest.
PAUSE_S = 0.02
IDLE_S = 60.0

_logger = structlog.get_logger(__name__)
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(tuple[UUID, list[Change]])


class LiveChanges:
    """Sends the changes of this process's `feed` and announces there what other processes send; see `run`."""

    def __init__(self, connection: NatsConnection, feed: ChangeFeed) -> None:
        self._connection = connection
        self._feed = feed
        self._process = uuid4()
        self._own = Subscription(None)
        self._client: Client | None = None
        feed.listen(self._own.offer)
        connection.on_connected(self._subscribe)

    async def run(self) -> None:
        """Send changes until cancelled; while NATS is away they are dropped."""
        while True:
            changes = await self._own.changes(IDLE_S)
            of_organization: dict[str, list[Change]] = {}
            for change in changes:
                of_organization.setdefault(change.organization_id, []).append(change)
            try:
                for organization_id, its_changes in of_organization.items():
                    payload = _encoder.encode((self._process, its_changes))
                    await self._connection.client().publish(f"consignlive.{organization_id}", payload)
            except (NatsDown, nats.errors.Error) as error:
                _logger.debug("live changes dropped", error=repr(error))
            await asyncio.sleep(PAUSE_S)

    async def _subscribe(self, client: Client) -> None:
        if client is not self._client:
            await client.subscribe("consignlive.*", cb=self._announce)
            self._client = client

    async def _announce(self, message: Msg) -> None:
        try:
            process, changes = _decoder.decode(message.data)
        except msgspec.MsgspecError as error:
            _logger.warning("unreadable live change", error=str(error))
            return
        if process != self._process:
            for change in changes:
                self._feed.announce(change)
