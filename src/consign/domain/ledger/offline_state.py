"""What the ledger remembers of offline sales: which were received, and what waits for an organizer."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from rpds import HashTrieMap

from consign.domain.ledger.manual_lines import PaidLines, Unmatched
from consign.domain.ledger.offline_events import ConflictId
from consign.domain.values import AccountId, ReceiptNumber, SessionId, TagCode


class Received(Struct, frozen=True, gc=False):
    """A sale that is in the log already."""

    receipt: ReceiptNumber
    digest: str
    conflicts: tuple[ConflictId, ...] = ()


class Conflict(Struct, frozen=True, gc=False):
    """`line` is the manual line whose outcome is the conflict's; without one an organizer accepts it."""

    receipt: ReceiptNumber
    line: TagCode | None
    accepted: bool = False


class Quarantined(Struct, frozen=True, gc=False):
    """A sale that could not be read, and what was said of it; its bytes are in the log. `waits`: nobody ended it.

    Without a `session` it is a whole upload.
    """

    session: SessionId | None
    till: str
    cashier: AccountId
    sent_at: datetime
    received_at: datetime
    waits: bool = True


type Conflicts = HashTrieMap[ConflictId, Conflict]


def is_open(conflict: Conflict, lines: PaidLines) -> bool:
    """Whether an organizer still has to say what becomes of the conflict."""
    if conflict.line is None:
        return not conflict.accepted
    return isinstance(lines[conflict.line].outcome, Unmatched)


def open_conflicts(conflicts: Conflicts, lines: PaidLines) -> Iterable[ConflictId]:
    """Return the conflicts that nobody resolved yet."""
    return (conflict for conflict, known in conflicts.items() if is_open(known, lines))
