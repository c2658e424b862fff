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
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from consign.actors.relay import StreamUnavailable
from consign.adapters.nats.connection import NatsConnection, NatsDown
from consign.projections.public_events import PublicEventRow, nats_subject

STREAM = "CONSIGN_PUBLIC"
SUBJECTS = "consign.v1.>"
REQUEST_TIMEOUT_S = 3.0
ANSWERS_TIMEOUT_S = 10.0
UNANSWERED_MAX = 40
"""The client writes and reads what it holds in one go, some 70 µs a message."""

STREAM_BYTES_MAX = 1024 * 1024 * 1024
STREAM_BYTES_MIN = 4 * 1024 * 1024
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
        connection.on_connected(self._on_connected)

    async def publish(self, organization_id: str, log_id: UUID, rows: Sequence[PublicEventRow]) -> None:
        """Publish the rows and return once all are stored; raises StreamUnavailable."""
        try:
            stream = await self._ready()
            for some in batched(rows, UNANSWERED_MAX, strict=False):
                answers = [
                    await stream.publish_async(
                        nats_subject(organization_id, row),
                        row.data.encode(),
                        headers=dict(cloud_event_headers(organization_id, log_id, row)),
                    )
                    for row in some
                ]
                async with asyncio.timeout(ANSWERS_TIMEOUT_S):
                    await asyncio.gather(*answers)
        except (NatsDown, nats.errors.Error, TimeoutError) as error:
            self._stream = None
            raise StreamUnavailable(repr(error)) from error

    async def _on_connected(self, _: Client) -> None:
        """The server may be another one than before, with other data."""
        self._stream = None

    async def _ready(self) -> JetStreamContext:
        """Return the stream, looked for once a connection: each context has an inbox of its own."""
        client = self._connection.client()
        if self._stream is None or client is not self._client:
            stream = client.jetstream(timeout=REQUEST_TIMEOUT_S, publish_async_max_pending=UNANSWERED_MAX)
            await self._ensure(stream)
            self._client, self._stream = client, stream
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
        "ce-publicposition": str(row.public_position),
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
