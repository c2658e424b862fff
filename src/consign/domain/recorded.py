"""What the log hands back: an event as it is stored, and the streams events belong to."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

type StreamName = str
"""`<aggregate>-<id>`, for instance `ledger-0192…`; the aggregate's name holds no hyphen."""


class StoredEvent(Struct, frozen=True, gc=False, array_like=True):
    """One row of the log, exactly as stored; the hash covers every column before it.

    The field order is the order of the hash's encoding and of messages on the internal stream.
    """

    organization_id: str
    position: int
    stream: StreamName
    version: int
    type: str
    schema: int
    event_id: UUID
    commit_position: int
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID
    account_id: str
    role: str
    on_behalf_of: str | None
    device_id: str | None
    occurred_at: datetime
    recorded_at: datetime
    meta: str
    data: bytes
    hash: bytes

    @property
    def ends_its_command(self) -> bool:
        """Whether this is the last event of its command: readers act on whole commands only."""
        return self.position == self.commit_position


def stream_name(aggregate: str, identity: str) -> StreamName:
    """Name the stream of one aggregate."""
    return f"{aggregate}-{identity}"


def aggregate_of(stream: StreamName) -> str:
    """Return the aggregate's name, for instance `ledger`."""
    return stream.partition("-")[0]


def identity_of(stream: StreamName) -> str:
    """Return the id behind the aggregate's name."""
    return stream.partition("-")[2]
