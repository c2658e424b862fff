"""What the runtime needs from the business and from the log, as small protocols."""

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

from msgspec import Struct

from consign.domain.decision import Decision
from consign.domain.recorded import StoredEvent, StreamName
from consign.domain.values import AccountId, Actor, Role, Scope

TIMER_ACCOUNT = "timer"
"""The account that fired timers act under: their command's id is the timer's, cleared in the same append."""


FORMAT = 1
"""The newest storage format this code reads and writes; a log that says it needs a newer one is left to newer code."""


class CommandKey(NamedTuple):
    """What makes a command unique: the client's id, scoped to organization and account."""

    command_id: UUID
    organization_id: str
    account_id: str


class Issued(Struct, frozen=True, gc=False):
    """A command as it reaches the owner: what to do, who asks, and the hash that tells a retry from another body.

    `scope` is how far the role reaches by the policy.
    """

    organization_id: str
    command_id: UUID
    account_id: str
    role: str
    request_hash: bytes
    command: Any
    correlation_id: UUID
    causation_id: UUID
    on_behalf_of: str | None = None
    device_id: str | None = None
    occurred_at: datetime | None = None
    meta: str = "{}"
    scope: Scope = "all"

    @property
    def actor(self) -> Actor:
        """Who asks, in which role, and how far that reaches."""
        return Actor(AccountId(self.account_id), cast("Role", self.role), self.scope)

    @property
    def key(self) -> CommandKey:
        """The identity under which the answer is stored."""
        return CommandKey(self.command_id, self.organization_id, self.account_id)


class Accepted(Struct, frozen=True, gc=False, tag="accepted"):
    """Durable. `answer` is a JSON object without the position; `repeated` when it was stored earlier."""

    position: int
    answer: bytes
    repeated: bool = False


class Refused(Struct, frozen=True, gc=False, tag="refused"):
    """The business said no, on durable state. `reason` is from the closed list; `detail` is for people."""

    reason: str
    detail: str
    position: int
    errors: tuple[Mapping[str, Any], ...] = ()


class Unavailable(Struct, frozen=True, gc=False, tag="unavailable"):
    """Not decided, or the outcome is not known here: try again with the same id after `retry_after_s`."""

    reason: str
    detail: str
    retry_after_s: float = 1.0


type Reply = Accepted | Refused | Unavailable


class CommandRecord(Struct, frozen=True, gc=False):
    """The stored answer of an accepted command."""

    key: CommandKey
    request_hash: bytes
    position: int
    answer: bytes


class TimerRow(Struct, frozen=True, gc=False):
    """A stored timer; `command` is the encoded command."""

    organization_id: str
    timer_id: UUID
    due_at: datetime
    command: bytes


class Head(Struct, frozen=True, gc=False):
    """Where an organization's log ends, and who may write to it."""

    organization_id: str
    log_id: UUID
    epoch: int
    position: int
    hash: bytes
    recorded_at: datetime | None = None
    min_format: int = FORMAT


class OrganizationAppend(Struct, frozen=True, gc=False):
    """One organization's share of a batch: sealed events after `expected`, under the writer's `epoch`.

    With no events and no records it only asks whether the writer still owns the log (the output gate).
    """

    organization_id: str
    epoch: int
    expected: int
    events: Sequence[StoredEvent]
    records: Sequence[CommandRecord]
    timers: Sequence[TimerRow] = ()
    fired: Sequence[UUID] = ()


class Snapshot(Struct, frozen=True, gc=False):
    """A cached fold of one stream up to `version`, true only for its log_id and the hash at `position`."""

    organization_id: str
    stream: StreamName
    fold_version: int
    log_id: UUID
    position: int
    version: int
    hash: bytes
    state: bytes


class Log(Protocol):
    """The event store. Every method may raise `LogUnavailable`; `append` also `OutcomeUnknown` and `AppendRefused`."""

    async def append(self, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
        """Write the batch in one transaction; return the organizations whose fence held (the others wrote nothing)."""
        ...

    async def find_commands(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, CommandRecord]:
        """Return the records of those commands that were accepted before."""
        ...

    async def head(self, organization_id: str) -> Head | None:
        """Return the head, or None where the organization has no log yet."""
        ...

    async def found(self, organization_id: str, slice_number: int, log_id: UUID) -> None:
        """Begin an organization's log; one that is there already stays as it is."""
        ...

    async def adopt(self, organization_id: str, slice_number: int, owner: UUID, slice_epoch: int) -> Head | None:
        """Fence every other writer of this log and return its head, read afterwards; None: this owner lost the slice.

        Raises UnknownOrganization where no log was begun, FormatTooNew where this code is too old for it.
        """
        ...

    async def raise_epoch(self, head: Head) -> Head | None:
        """Fence what this writer itself may still have in flight and return the head; None: somebody else owns it."""
        ...

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        ...

    async def read_stream(
        self, organization_id: str, stream: StreamName, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return up to `limit` events of one stream with version > after_version, in order."""
        ...

    async def load_snapshot(
        self, organization_id: str, stream: StreamName, fold_version: int, log_id: UUID
    ) -> Snapshot | None:
        """Return a snapshot whose log_id and hash still match the log, or None."""
        ...

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the snapshot in place of an older one."""
        ...


class Business(Protocol):
    """The pure side: which actors a command decides over, the decision, the fold, and the storage format."""

    def needs(self, command: Any, states: Mapping[StreamName, Any]) -> tuple[StreamName, ...]:
        """Name the streams to load; called again with what was loaded until it names nothing new."""
        ...

    def decide(self, command: Any, states: Mapping[StreamName, Any], now: datetime, actor: Actor) -> Decision:
        """Decide over the loaded states what `actor` asks; raises `consign.domain.rejection.Rejected`."""
        ...

    def initial(self, stream: StreamName) -> Any:
        """Return the state of a stream without events."""
        ...

    def evolve(self, stream: StreamName, state: Any, event: Any) -> Any:
        """Return the state after the event; total over every event of the stream's aggregate."""
        ...

    def encode_event(self, event: Any) -> tuple[str, int, bytes]:
        """Return type, schema and stored bytes."""
        ...

    def decode_event(self, stored: StoredEvent) -> Any:
        """Return the event, upcast to its newest schema."""
        ...

    def encode_command(self, command: Any) -> bytes:
        """Encode a command for a timer or for forwarding."""
        ...

    def decode_command(self, data: bytes) -> Any:
        """Decode what `encode_command` made."""
        ...

    def fold_version(self, stream: StreamName) -> int:
        """Return the version of the aggregate's fold: snapshots of another one are ignored."""
        ...

    def encode_state(self, stream: StreamName, state: Any) -> Generator[None, None, bytes]:
        """Encode a state for a snapshot; yields between slices of a large one."""
        ...

    def decode_state(self, stream: StreamName, data: bytes) -> Generator[None, None, Any]:
        """Decode what `encode_state` made; yields as that does."""
        ...


class Clock(Protocol):
    """Tells the time; a parameter so that tests and simulations own it."""

    def __call__(self) -> datetime:
        """Return now, in UTC."""
        ...


class Committed(Struct, frozen=True, gc=False):
    """What one batch made durable for one organization; handed to the relay and to waiting readers."""

    head: Head
    previous_hash: bytes
    events: Sequence[StoredEvent]


class LogError(Exception):
    """The log could not do what was asked."""


class LogUnavailable(LogError):
    """The log cannot be reached; nothing was written by this call."""


class UnknownOrganization(LogError):
    """No organization has this name."""


class FormatTooNew(LogError):
    """The log was written by newer code, which must serve it."""


class OutcomeUnknown(LogError):
    """The connection was lost while committing; the batch may or may not be durable."""


class AppendRefused(LogError):
    """The database refused a row of the batch; nothing of the batch was written."""
