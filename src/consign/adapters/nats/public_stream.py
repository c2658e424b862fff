"""The stream of public events, on the account that integrators reach: CloudEvents 1.0 in the binary mode for NATS."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

import nats.errors
import nats.js.errors
import structlog
from msgspec import to_builtins
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, PubAck, RetentionPolicy, StorageType, StreamConfig

from consign.actors.relay import StreamUnavailable
from consign.adapters.nats.connection import NatsConnection, NatsDown
from consign.projections.public_events import PublicEventRow, nats_subject

STREAM = "CONSIGN_PUBLIC"
SUBJECTS = "consign.v1.>"
REQUEST_TIMEOUT_S = 3.0
ANSWERS_TIMEOUT_S = 10.0
UNANSWERED_MAX = 40
"""The client writes and reads what it holds in one go, some 70 µs a message."""

FIRST_LOOKED_AT = 4 * UNANSWERED_MAX
"""How many events may stand before what a lost stream is filled with again: what a few processes had on its way."""

STREAM_BYTES_MAX = 1024 * 1024 * 1024
STREAM_BYTES_MIN = 4 * 1024 * 1024
POSITION_HEADER = "ce-publicposition"
KEPT_S = 30 * 24 * 3600.0

_STORE_FULL = frozenset({10002, 10023, 10028, 10047, 10077})
_logger = structlog.get_logger(__name__)


class NatsPublicStream:
    """Fulfils `PublicStream` of `consign.actors.publisher`; the stream is created where it is missing."""

    def __init__(self, connection: NatsConnection, *, bytes_max: int = STREAM_BYTES_MAX) -> None:
        self._connection = connection
        self._bytes_max = bytes_max
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._is_open = False
        self._openings = 0
        connection.on_connected(self._on_connected)

    @property
    def kept_s(self) -> float:
        """How long the stream keeps an event."""
        return KEPT_S

    async def opened(self) -> int:
        """Open the stream unless it is open, and return how often that was done; raises StreamUnavailable."""
        try:
            client = self._connection.client()
            if not self._is_open or client is not self._client:
                if client is not self._client:
                    self._stream = client.jetstream(timeout=REQUEST_TIMEOUT_S, publish_async_max_pending=UNANSWERED_MAX)
                    self._client = client
                await self._ensure(self._context())
                self._is_open = True
                self._openings += 1
        except (NatsDown, nats.errors.Error, TimeoutError) as error:
            raise StreamUnavailable(repr(error)) from error
        return self._openings

    async def last(self, organization_id: str) -> int:
        """Return the count of the last event that the stream holds of an organization; raises StreamUnavailable."""
        try:
            found = await self._context().get_msg(STREAM, subject=f"consign.v1.{organization_id}.>")
        except nats.js.errors.NotFoundError:
            return 0
        except (nats.errors.Error, TimeoutError) as error:
            self._is_open = False
            raise StreamUnavailable(repr(error)) from error
        return int((found.headers or {}).get(POSITION_HEADER, 0))

    async def begins_with(self, organization_id: str, public_position: int) -> bool:
        """Whether this is among the first events that the stream has of an organization, or made room for others.

        Among the first: what several processes had on its way to a stream that was lost may stand before it.
        """
        subject, sequence = f"consign.v1.{organization_id}.>", 1
        try:
            if (await self._context().stream_info(STREAM)).state.first_seq > 1:
                return True
            for _ in range(FIRST_LOOKED_AT):
                found = await self._context().get_msg(STREAM, seq=sequence, subject=subject, next=True)
                if int((found.headers or {}).get(POSITION_HEADER, 0)) == public_position:
                    return True
                assert found.seq is not None
                sequence = found.seq + 1
        except nats.js.errors.NotFoundError:
            return False
        except (nats.errors.Error, TimeoutError) as error:
            self._is_open = False
            raise StreamUnavailable(repr(error)) from error
        return False

    async def publish(self, organization_id: str, log_id: UUID, rows: Sequence[PublicEventRow]) -> None:
        """Publish the rows and return once all are stored; raises StreamUnavailable, also where it is not open."""
        if not self._is_open or self._connection.client() is not self._client:
            raise StreamUnavailable("the stream is to be opened anew")
        try:
            for some in batched(rows, UNANSWERED_MAX, strict=False):
                await self._publish(organization_id, log_id, some)
        except (NatsDown, nats.errors.Error, TimeoutError) as error:
            self._is_open = False
            raise StreamUnavailable(repr(error)) from error

    async def _publish(self, organization_id: str, log_id: UUID, rows: Sequence[PublicEventRow]) -> None:
        answers: list[asyncio.Future[PubAck]] = []
        try:
            for row in rows:
                headers = dict(cloud_event_headers(organization_id, log_id, row))
                subject = nats_subject(organization_id, row)
                answers.append(await self._context().publish_async(subject, row.data.encode(), headers=headers))
            async with asyncio.timeout(ANSWERS_TIMEOUT_S):
                await asyncio.gather(*answers)
        finally:
            for answer in answers:
                answer.cancel()  # one that nobody waits for any more would count as under way for ever

    async def _on_connected(self, _: Client) -> None:
        """The server may be another one than before, with other data."""
        self._is_open = False

    def _context(self) -> JetStreamContext:
        """Return the client's one context: each has an inbox of its own."""
        assert self._stream is not None, "the stream was opened before"
        return self._stream

    async def _ensure(self, stream: JetStreamContext) -> None:
        try:
            await stream.stream_info(STREAM)
        except nats.js.errors.NotFoundError:
            bytes_max = self._bytes_max
            while True:
                try:
                    await stream.add_stream(_configuration(bytes_max))
                except nats.js.errors.APIError as error:
                    if error.err_code not in _STORE_FULL or bytes_max // 2 < STREAM_BYTES_MIN:
                        raise
                    bytes_max //= 2
                else:
                    break
            _logger.info("public stream created", bytes_max=bytes_max)


def cloud_event_headers(organization_id: str, log_id: UUID, row: PublicEventRow) -> Mapping[str, str]:
    """Return the attributes of the event, and the id by which the stream recognises it when it comes again."""
    time: str = to_builtins(row.time)
    return {
        "ce-specversion": "1.0",
        "ce-id": row.id,
        "ce-source": row.source,
        "ce-type": row.type,
        "ce-subject": row.subject,
        "ce-time": time,
        "ce-dataschema": row.dataschema,
        "ce-datacontenttype": "application/json",
        POSITION_HEADER: str(row.public_position),
        "Nats-Msg-Id": f"{log_id}:{organization_id}:{row.public_position}",
    }


def _configuration(bytes_max: int) -> StreamConfig:
    options: dict[str, Any] = {
        "name": STREAM,
        "description": "what happened, for integrators; everything older is at GET /events",
        "subjects": [SUBJECTS],
        "retention": RetentionPolicy.LIMITS,
        "storage": StorageType.FILE,
        "discard": DiscardPolicy.OLD,
        "max_bytes": bytes_max,
        "max_age": KEPT_S,
        "allow_direct": True,
    }
    return StreamConfig(**options)
