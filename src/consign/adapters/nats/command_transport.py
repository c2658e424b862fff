"""Commands to their owners over core NATS: `consigncmd.<slice>.<epoch>`, request and reply, nothing stored."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import nats.errors
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from consign.actors.gateway import Answer, NoAnswer, NobodyServes, TransportDown
from consign.adapters.nats.connection import NatsConnection, NatsDown

PENDING_MESSAGES_MAX = 2_000
PENDING_BYTES_MAX = 16 * 1024 * 1024
WITHDRAW_TIMEOUT_S = 1.0

_log = structlog.get_logger(__name__)


class _Served(Struct):
    epoch: int
    answer: Answer
    subscription: Subscription | None = None


def command_subject(slice_number: int, epoch: int) -> str:
    """Name the subject on which the owner of a slice answers under one epoch."""
    return f"consigncmd.{slice_number}.{epoch}"


class NatsCommandTransport:
    """Fulfils `consign.actors.gateway.CommandTransport`; answers are given in `run`'s task group."""

    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._client: Client | None = None
        self._served: dict[int, _Served] = {}
        self._changing = asyncio.Lock()
        self._tasks: asyncio.TaskGroup | None = None
        connection.on_connected(self._subscribe_all)

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await asyncio.Event().wait()
            finally:
                self._tasks = None

    async def request(self, slice_number: int, epoch: int, payload: bytes, timeout_s: float) -> bytes:
        """Ask the owner; raises TransportDown, NobodyServes and NoAnswer."""
        try:
            client = self._connection.client()
            message = await client.request(command_subject(slice_number, epoch), payload, timeout=timeout_s)
        except nats.errors.NoRespondersError as error:
            raise NobodyServes(command_subject(slice_number, epoch)) from error
        except nats.errors.TimeoutError as error:
            raise NoAnswer(command_subject(slice_number, epoch)) from error
        except (NatsDown, nats.errors.Error, OSError) as error:
            raise TransportDown(repr(error)) from error
        return message.data

    async def serve(self, slice_number: int, epoch: int, answer: Answer) -> None:
        """Answer under this epoch from now on, and again after each time NATS was away."""
        async with self._changing:
            served = self._served.get(slice_number)
            if served is not None and served.epoch == epoch:
                return
            if served is not None:
                await _end(served, self._client)
            served = self._served[slice_number] = _Served(epoch, answer)
            if self._client is not None and not self._client.is_closed:
                await self._subscribe(self._client, slice_number, served)

    async def withdraw(self, slices: Collection[int]) -> None:
        """Serve these slices no more; what has arrived already is still answered."""
        async with self._changing:
            leaving = [self._served.pop(slice_number) for slice_number in slices if slice_number in self._served]
            await asyncio.gather(*(_end(served, self._client) for served in leaving))

    async def _subscribe_all(self, client: Client) -> None:
        """Subscribe on a new client; the subscriptions of one that merely reconnected come back by themselves."""
        async with self._changing:
            if client is self._client:
                return
            self._client = client
            for slice_number, served in self._served.items():
                await self._subscribe(client, slice_number, served)

    async def _subscribe(self, client: Client, slice_number: int, served: _Served) -> None:
        try:
            served.subscription = await client.subscribe(
                command_subject(slice_number, served.epoch),
                cb=self._callback(served.answer),
                pending_msgs_limit=PENDING_MESSAGES_MAX,
                pending_bytes_limit=PENDING_BYTES_MAX,
            )
        except nats.errors.Error as error:
            _log.warning("slice_not_served_yet", slice=slice_number, error=repr(error))

    def _callback(self, answer: Answer) -> Callable[[Msg], Awaitable[None]]:
        async def callback(message: Msg) -> None:
            # A task each: the driver hands over a subscription's messages one after another.
            if self._tasks is not None:
                self._tasks.create_task(_respond(message, answer))

        return callback


async def _respond(message: Msg, answer: Answer) -> None:
    try:
        await message.respond(await answer(message.data))
    except nats.errors.Error as error:
        # The asker hears nothing and asks again with the same command id.
        _log.warning("forwarded_reply_lost", subject=message.subject, error=repr(error))


async def _end(served: _Served, client: Client | None) -> None:
    """Unsubscribe, and where the broker is there have what arrived before answered."""
    subscription = served.subscription
    if subscription is None:
        return
    try:
        async with asyncio.timeout(WITHDRAW_TIMEOUT_S):
            if client is not None and client.is_connected:
                # The driver writes a PING at once but everything else a moment later, so that the PONG that `drain`
                # waits for may overtake its own UNSUB: a message of that moment would be dropped unanswered.
                await client._send_unsubscribe(subscription._id)  # noqa: SLF001 - `unsubscribe` would drop messages
                await client.flush()
                await subscription.drain()  # type: ignore[no-untyped-call]
            else:
                await subscription.unsubscribe()
    except (nats.errors.Error, TimeoutError) as error:
        _log.info("subscription_cut_short", error=repr(error))
