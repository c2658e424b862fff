"""The internal stream in JetStream: written to by relay and sweep, read by the audit.

It is bounded by bytes alone and drops its oldest messages, because it is a copy: what it lacks is read from the log.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import msgspec
import nats.errors
import nats.js.errors
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo

from consign.actors.audit import Copy
from consign.actors.ownership import slice_of
from consign.actors.relay import Acknowledged, SentRange, StreamUnavailable
from consign.actors.relay_message import EncodedCommit, UnreadableMessage, decode_commit
from consign.adapters.nats.connection import NatsConnection, NatsDown

STREAM = "CONSIGN_LOG"
SUBJECTS = "consignlog.*.*"
ANSWER_LIMIT_S = 5.0
LOOK_INTERVAL_S = 5.0
REQUEST_TIMEOUT_S = 3.0
DUPLICATE_WINDOW_S = 120.0
STREAM_BYTES_MIN = 4 * 1024 * 1024
STREAM_BYTES_MAX = 1024 * 1024 * 1024
_NEARLY_FULL = 0.9

# Account and server limits, storage reservations, and "the store failed", which a full disk is reported as.
_STORE_FULL = frozenset({10002, 10023, 10028, 10047, 10077})

_logger = structlog.get_logger(__name__)


class _ApiError(Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Answer(Struct):
    error: _ApiError | None = None
    seq: int = 0


_decode_answer = msgspec.json.Decoder(_Answer).decode


def commit_subject(organization_id: str) -> str:
    """Return the subject of an organization's commits."""
    return f"consignlog.{slice_of(organization_id)}.{organization_id}"


class NatsCommitStream:
    """Fulfils `CommitStream` of `consign.actors.relay` and `CommitCopy` of `consign.actors.audit`.

    Answers come to one inbox and are counted there, so that sending waits for none of them. At most `unanswered_max`
    messages are under way; one that stays unanswered for `ANSWER_LIMIT_S` counts as lost. Every `look_interval_s` it is
    compared how many messages the stream holds and should hold, so that a loss is noticed long before an audit's turn.
    """

    def __init__(
        self,
        connection: NatsConnection,
        *,
        bytes_max: int = STREAM_BYTES_MAX,
        unanswered_max: int = 2000,
        look_interval_s: float = LOOK_INTERVAL_S,
    ) -> None:
        self._connection = connection
        self._bytes_max = bytes_max
        self._unanswered_max = unanswered_max
        self._look_interval_s = look_interval_s
        self._unanswered: OrderedDict[str, tuple[float, SentRange]] = OrderedDict()
        self._acknowledged: list[Acknowledged] = []
        self._lost: list[Callable[[], None]] = []
        self._known_since: datetime | None = None
        self._last_stored = 0
        self._gone = 0
        self._look_at_s = 0.0
        self._inbox_client: Client | None = None
        self._inbox = ""
        self._sent = 0
        self._ready = False
        self._full = False
        self._ensuring = asyncio.Lock()
        connection.on_connected(self._on_connected)

    def on_acknowledged(self, acknowledged: Acknowledged) -> None:
        """Call this for every message that the stream has stored."""
        self._acknowledged.append(acknowledged)

    def on_lost(self, lost: Callable[[], None]) -> None:
        """Call this when messages are gone that were acknowledged, or the stream is another one than was known."""
        self._lost.append(lost)

    async def send(self, message: EncodedCommit, *, again: bool = False) -> None:
        """Send without waiting for the answer; raises StreamUnavailable."""
        client = self._connected()
        if not self._ready or client is not self._inbox_client:
            raise StreamUnavailable("the stream is not known to exist")
        self._forget_unanswered()
        if len(self._unanswered) >= self._unanswered_max:
            raise StreamUnavailable("too many messages are unanswered")
        self._sent += 1
        token = str(self._sent)
        sent = SentRange(message.organization_id, message.log_id, message.first, message.last)
        self._unanswered[token] = (asyncio.get_running_loop().time(), sent)
        # The stream remembers ids for a while even of messages it has lost.
        message_id = f"{message.message_id}:{self._inbox}{token}" if again else message.message_id
        try:
            await client.publish(
                commit_subject(message.organization_id),
                message.payload,
                reply=f"{self._inbox}.{token}",
                headers={"Nats-Msg-Id": message_id},
            )
        except nats.errors.Error as error:
            self._unanswered.pop(token, None)
            raise StreamUnavailable(repr(error)) from error

    async def ensure(self) -> None:
        """Create the stream where it is missing, make it smaller where the store is full, see whether it lost anything.

        Raises StreamUnavailable.
        """
        async with self._ensuring:
            client = self._connected()
            is_well = self._ready and not self._full and client is self._inbox_client
            if is_well and asyncio.get_running_loop().time() < self._look_at_s:
                return
            try:
                await self._listen(client)
                await self._mend(client.jetstream(timeout=REQUEST_TIMEOUT_S))
            except (nats.errors.Error, TimeoutError) as error:
                raise StreamUnavailable(repr(error)) from error

    async def copies(self, organization_id: str) -> AsyncIterator[Copy]:
        """Yield every message held about the organization, oldest first; raises StreamUnavailable."""
        sequence = 1
        while True:
            try:
                stream = self._connected().jetstream(timeout=REQUEST_TIMEOUT_S)
                found = await stream.get_msg(
                    STREAM, seq=sequence, subject=commit_subject(organization_id), next=True, direct=True
                )
            except nats.js.errors.NotFoundError:
                return
            except (nats.errors.Error, TimeoutError) as error:
                raise StreamUnavailable(repr(error)) from error
            assert found.seq is not None
            try:
                yield Copy(found.seq, decode_commit(found.data or b""))
            except UnreadableMessage:
                yield Copy(found.seq, None)
            sequence = found.seq + 1

    async def dropped_any(self) -> bool:
        """Return whether the stream is so full that it drops its oldest messages."""
        try:
            info = await self._connected().jetstream(timeout=REQUEST_TIMEOUT_S).stream_info(STREAM)
        except (nats.errors.Error, TimeoutError) as error:
            raise StreamUnavailable(repr(error)) from error
        return _drops(info)

    async def delete(self, sequence: int) -> None:
        """Delete one message; raises StreamUnavailable."""
        try:
            await self._connected().jetstream(timeout=REQUEST_TIMEOUT_S).delete_msg(STREAM, sequence)
        except nats.js.errors.NotFoundError:
            return
        except (nats.errors.Error, TimeoutError) as error:
            raise StreamUnavailable(repr(error)) from error

    def _connected(self) -> Client:
        try:
            return self._connection.client()
        except NatsDown as error:
            raise StreamUnavailable(str(error)) from error

    async def _on_connected(self, _: Client) -> None:
        """The server may be another one than before, with other data."""
        self._ready = False
        try:
            await self.ensure()
        except StreamUnavailable as error:
            _logger.warning("commit stream not ready", error=str(error))

    async def _listen(self, client: Client) -> None:
        if client is not self._inbox_client:
            self._unanswered.clear()
            self._inbox = client.new_inbox()
            await client.subscribe(f"{self._inbox}.*", cb=self._note)
            self._inbox_client = client

    async def _mend(self, stream: JetStreamContext) -> None:
        stored = self._last_stored
        try:
            info = await stream.stream_info(STREAM)
        except nats.js.errors.NotFoundError:
            info = await self._create(stream)
        else:
            if self._full:
                await self._shrink(stream, info)
        self._full = False
        self._ready = True
        self._look_at_s = asyncio.get_running_loop().time() + self._look_interval_s
        self._compare(info, stored)

    def _compare(self, info: StreamInfo, stored: int) -> None:
        """Tell of a loss, and of a new stream too: only one of several processes creates it, and each has to know."""
        gone = info.state.last_seq - info.state.messages
        is_new = info.created != self._known_since
        lost = info.state.last_seq < stored or (gone > self._gone and not _drops(info))
        self._known_since, self._gone = info.created, gone
        if is_new or lost:
            self._last_stored = info.state.last_seq
            _logger.info("commit stream to be compared", is_new=is_new, messages=info.state.messages, gone=gone)
            for tell in self._lost:
                tell()

    async def _create(self, stream: JetStreamContext) -> StreamInfo:
        """Create the stream as large as the server allows."""
        bytes_max = self._bytes_max
        while True:
            try:
                info = await stream.add_stream(_configuration(bytes_max))
            except nats.js.errors.APIError as error:
                if error.err_code not in _STORE_FULL or bytes_max // 2 < STREAM_BYTES_MIN:
                    raise
                bytes_max //= 2
            else:
                _logger.info("commit stream created", bytes_max=bytes_max)
                return info

    async def _shrink(self, stream: JetStreamContext, info: StreamInfo) -> None:
        """Give half of what the stream holds back to a store that is full."""
        bytes_max = max(STREAM_BYTES_MIN, info.state.bytes // 2)
        if bytes_max < (info.config.max_bytes or 0):
            await stream.update_stream(info.config.evolve(max_bytes=bytes_max))
            _logger.warning("commit stream made smaller: the store is full", bytes_max=bytes_max)

    async def _note(self, answer: Msg) -> None:
        entry = self._unanswered.pop(answer.subject.rpartition(".")[2], None)
        if answer.headers and answer.headers.get("Status"):
            self._ready = False
            return
        try:
            decoded = _decode_answer(answer.data)
        except msgspec.MsgspecError as unreadable:
            decoded = _Answer(_ApiError(description=str(unreadable)))
        if decoded.error is not None:
            self._note_error(decoded.error)
            return
        self._last_stored = max(self._last_stored, decoded.seq)
        if entry is not None:
            for acknowledged in self._acknowledged:
                acknowledged(entry[1])

    def _note_error(self, error: _ApiError) -> None:
        if error.err_code in _STORE_FULL:
            if not self._full:
                _logger.warning("commit stream full", error=error.description)
            self._full = True
        else:
            _logger.warning("commit stream refused a message", error=error.description, code=error.err_code)
            self._ready = False

    def _forget_unanswered(self) -> None:
        overdue = asyncio.get_running_loop().time() - ANSWER_LIMIT_S
        while self._unanswered:
            token, (sent_at, _) = next(iter(self._unanswered.items()))
            if sent_at > overdue:
                return
            del self._unanswered[token]


def _drops(info: StreamInfo) -> bool:
    """Return whether the stream is so full that it drops its oldest messages."""
    return info.state.first_seq > 1 and info.state.bytes >= (info.config.max_bytes or 0) * _NEARLY_FULL


def _configuration(bytes_max: int) -> StreamConfig:
    options: dict[str, Any] = {
        "name": STREAM,
        "description": "a repairable copy of the log: one message a commit and organization",
        "subjects": [SUBJECTS],
        "retention": RetentionPolicy.LIMITS,
        "storage": StorageType.FILE,
        "discard": DiscardPolicy.OLD,
        "max_bytes": bytes_max,
        "duplicate_window": DUPLICATE_WINDOW_S,
        "allow_direct": True,
    }
    return StreamConfig(**options)
