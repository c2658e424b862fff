"""Takes any command on any process: decides it here when this process owns it, else forwards it to the owner.

Every owner listens on one subject a slice and epoch, not on a wildcard: the broker then tells a forwarder at once that
nobody serves an epoch any more, and a deposed owner cannot be asked by anybody who knows the new epoch.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct

from consign.actors.gateway_messages import OwnerReply, decode_issued, decode_reply, encode_issued, encode_reply
from consign.actors.node import NOT_OWNER, slice_number_of
from consign.actors.ownership import OwnershipUnavailable, SliceStore
from consign.actors.ownership_lease import Holdings
from consign.actors.ports import Business, Issued, Refused, Reply, Unavailable

FORWARDED_COMMAND_BYTES_MAX = 1_000_000
"""Below NATS's own default limit of a message; more than this comes in chunks or by reference."""

OWNER_REPLY_BYTES_MAX = 1_000_000

_DOWN = Unavailable("forwarding_unavailable", "The owner of this organization cannot be reached. Try again.", 1.0)
_NO_ANSWER = Unavailable("owner_silent", "The owner did not answer in time. Try again with the same key.", 1.0)
_MOVING = Unavailable(NOT_OWNER, "The organization is moving to another process. Try again.", 0.5)
_NO_MAP = Unavailable("log_unavailable", "The database cannot be reached. Try again.", 1.0)
_BUSY = Unavailable("owner_busy", "The owner has too many commands under way. Try again shortly.", 1.0)
_DEFECT = Unavailable("internal_error", "The owner failed to decide this. It has been logged.", 5.0)
_FOREIGN = Unavailable("not_understood", "The owner runs a version that does not know this command. Try again.", 5.0)
_ANSWER_TOO_LARGE = Unavailable(
    "answer_too_large", "The answer is too large to be forwarded. Send smaller chunks.", 5.0
)

_log = structlog.get_logger(__name__)


class TransportDown(Exception):
    """The broker cannot be reached; nothing was sent."""


class NobodyServes(Exception):
    """No process listens for this slice and epoch."""


class NoAnswer(Exception):
    """Nothing came back in time; the command may have been decided."""


type Answer = Callable[[bytes], Awaitable[bytes]]


class CommandTransport(Protocol):
    """Carries commands to owners. Nothing is stored on the way."""

    async def request(self, slice_number: int, epoch: int, payload: bytes, timeout_s: float) -> bytes:
        """Ask the owner; raises TransportDown, NobodyServes and NoAnswer."""
        ...

    async def serve(self, slice_number: int, epoch: int, answer: Answer) -> None:
        """Answer what is asked under this epoch, also after the broker was away; instead of any earlier epoch."""
        ...

    async def withdraw(self, slices: Collection[int]) -> None:
        """Serve these slices no more; what has arrived already is still answered."""
        ...


class LocalNode(Protocol):
    """Decides commands of organizations whose slices this process owns; others it answers `not_owner`."""

    async def submit(self, issued: Issued) -> Reply:
        """Decide the command."""
        ...


class GatewayLimits(Struct, frozen=True, kw_only=True):
    """How long a command looks for its owner, and how often."""

    timeout_s: float = 5.0
    attempt_timeout_s: float = 2.0
    pause_s: float = 0.02
    pause_max_s: float = 0.25


class SliceMap:
    """Which epoch serves each slice, as last read. Callers that find it wrong refresh it; they share one reading."""

    def __init__(self, store: SliceStore) -> None:
        self._store = store
        self._epochs: Mapping[int, int] = {}
        self._reading = asyncio.Lock()
        self.version = 0

    def epoch(self, slice_number: int) -> int | None:
        """Return the epoch of the slice's live owner; None where there was none."""
        return self._epochs.get(slice_number)

    async def refresh(self, seen_version: int) -> None:
        """Read the map again unless somebody did since `seen_version`; raises OwnershipUnavailable."""
        async with self._reading:
            if self.version != seen_version:
                return
            view = await self._store.view()
            self._epochs = {row.slice_number: row.epoch for row in view.slices if row.owner_lives}
            self.version += 1


class Gateway:
    """Gets a command decided, wherever its owner is. Safe to repeat: the command's id makes it take effect once."""

    def __init__(
        self,
        *,
        node: LocalNode | None,
        slice_map: SliceMap,
        transport: CommandTransport,
        business: Business,
        limits: GatewayLimits | None = None,
    ) -> None:
        self._node = node
        self._map = slice_map
        self._transport = transport
        self._business = business
        self._limits = limits or GatewayLimits()

    async def submit(self, issued: Issued) -> Reply:
        """Return the owner's reply, or Unavailable when none was found within the limit.

        The limit begins here and runs on while the process stands still: whoever asked before that has asked elsewhere
        since, and may have been refused there what would be accepted now.
        """
        deadline_s = asyncio.get_running_loop().time() + self._limits.timeout_s
        reply = await self._decide_here(issued)
        return await self._find_owner(issued, deadline_s) if reply is None else reply

    async def _decide_here(self, issued: Issued) -> Reply | None:
        """Return this process's reply, None where the organization is another's."""
        if self._node is None:
            return None
        reply = await self._node.submit(issued)
        return None if _moved(reply) else reply

    async def _find_owner(self, issued: Issued, deadline_s: float) -> Reply:
        payload = encode_issued(issued, self._business)
        if len(payload) > FORWARDED_COMMAND_BYTES_MAX:
            detail = f"A command may hold {FORWARDED_COMMAND_BYTES_MAX:,} bytes. Send it in chunks."
            return Refused("payload_too_large", detail, 0)
        loop = asyncio.get_running_loop()
        pause_s = self._limits.pause_s
        slice_number = slice_number_of(issued.organization_id)
        reply: Reply = _MOVING
        try:
            if self._map.epoch(slice_number) is None:
                await self._map.refresh(self._map.version)
            while loop.time() < deadline_s:
                map_version = self._map.version
                reply = await self._ask_owner(slice_number, payload, deadline_s - loop.time())
                if reply is not _NO_ANSWER and not _moved(reply):
                    return reply
                if deadline_s - loop.time() <= pause_s:
                    return reply
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                pause_s = min(pause_s * 2, self._limits.pause_max_s)
                await self._map.refresh(map_version)
                here = await self._decide_here(issued) if loop.time() < deadline_s else None
                if here is not None:
                    return here
        except OwnershipUnavailable:
            return _NO_MAP
        return reply

    async def _ask_owner(self, slice_number: int, payload: bytes, left_s: float) -> Reply:
        epoch = self._map.epoch(slice_number)
        if epoch is None:
            return _MOVING
        timeout_s = min(left_s, self._limits.attempt_timeout_s)
        try:
            answered = decode_reply(await self._transport.request(slice_number, epoch, payload, timeout_s))
        except NobodyServes:
            return _MOVING
        except NoAnswer:
            return _NO_ANSWER
        except TransportDown:
            return _DOWN
        return answered.reply if answered.epoch == epoch else _MOVING


class CommandServer:
    """Answers forwarded commands for the slices this process owns. A SliceListener."""

    def __init__(
        self,
        *,
        node: LocalNode,
        holdings: Holdings,
        transport: CommandTransport,
        business: Business,
        in_flight_max: int = 5000,
        in_flight_bytes_max: int = 64 * 1024 * 1024,
    ) -> None:
        self._node = node
        self._holdings = holdings
        self._transport = transport
        self._business = business
        self._in_flight_max = in_flight_max
        self._in_flight = 0
        self._in_flight_bytes_max = in_flight_bytes_max
        self._in_flight_bytes = 0

    async def took(self, slices: Mapping[int, int]) -> None:
        """Listen for these slices under their epochs."""
        for slice_number, epoch in slices.items():
            await self._transport.serve(slice_number, epoch, self._answer_under(slice_number, epoch))

    async def draining(self, slices: Collection[int]) -> None:
        """Go on listening: whoever asks is told at once to look for the next owner."""

    async def lost(self, slices: Collection[int]) -> None:
        """Listen no more."""
        await self._transport.withdraw(slices)

    def _answer_under(self, slice_number: int, epoch: int) -> Answer:
        async def answer(payload: bytes) -> bytes:
            reply = await self._reply(slice_number, epoch, payload)
            encoded = encode_reply(OwnerReply(epoch, reply))
            if len(encoded) > OWNER_REPLY_BYTES_MAX:
                _log.error("owner_reply_too_large", slice=slice_number, bytes=len(encoded))
                return encode_reply(OwnerReply(epoch, _ANSWER_TOO_LARGE))
            return encoded

        return answer

    async def _reply(self, slice_number: int, epoch: int, payload: bytes) -> Reply:
        if self._holdings.epoch(slice_number) != epoch:
            return _MOVING
        if self._in_flight >= self._in_flight_max or self._in_flight_bytes >= self._in_flight_bytes_max:
            return _BUSY
        try:
            issued = decode_issued(payload, self._business)
        except msgspec.MsgspecError as error:
            _log.warning("forwarded_command_unreadable", slice=slice_number, error=str(error))
            return _FOREIGN
        self._in_flight += 1
        self._in_flight_bytes += len(payload)
        try:
            return await self._node.submit(issued)
        except Exception:
            # The boundary between two processes: the defect is logged here, and the asker gets an answer.
            _log.exception("forwarded_command_failed", organization=issued.organization_id)
            return _DEFECT
        finally:
            self._in_flight -= 1
            self._in_flight_bytes -= len(payload)


def _moved(reply: Reply) -> bool:
    return isinstance(reply, Unavailable) and reply.reason == NOT_OWNER
