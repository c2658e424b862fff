"""What deciding a command yields: events for one or more streams, timers, and the answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from consign.domain.recorded import StreamName
from consign.domain.values import AccountId


class Emitted(Struct, frozen=True, gc=False):
    """An event for a stream; its position and version are given by the writer."""

    stream: StreamName
    event: Any


class Timer(Struct, frozen=True, gc=False):
    """A command to decide at or after `due_at`; `timer_id` becomes the command's id: it takes effect at most once."""

    timer_id: UUID
    due_at: datetime
    command: Any


class Decision(Struct, frozen=True, gc=False):
    """The outcome of an accepted command. No events: what was asked for already holds.

    `answer` is a struct encoded as a JSON object; it is stored, so it holds no personal data. `on_behalf_of` is the
    account for which the caller acted, where that is somebody else.
    """

    events: tuple[Emitted, ...]
    answer: Struct
    timers: tuple[Timer, ...] = ()
    on_behalf_of: AccountId | None = None
