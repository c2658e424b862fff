"""How far the read models kept here are behind the logs written here: a figure for whoever watches."""

from collections.abc import Sequence

from consign.actors.ports import Committed
from consign.actors.runner_changes import Change, ChangeFeed

ORGANIZATIONS_MAX = 10_000


class Lag:
    """Compares the ends of the logs that were written last with what the read models said of themselves."""

    def __init__(self, changes: ChangeFeed) -> None:
        self._ends: dict[str, int] = {}
        self._shown: dict[str, dict[str, int]] = {}
        changes.listen(self._note)

    def offer(self, batch: Sequence[Committed]) -> None:
        """Take what the journal made durable."""
        for committed in batch:
            organization_id = committed.head.organization_id
            self._ends.pop(organization_id, None)
            self._ends[organization_id] = committed.head.position
            if len(self._ends) > ORGANIZATIONS_MAX:
                oldest = next(iter(self._ends))
                del self._ends[oldest]
                self._shown.pop(oldest, None)

    def events(self) -> int:
        """Return by how many events the read model that is furthest behind is behind."""
        return max(
            (end - min(self._shown[name].values()) for name, end in self._ends.items() if self._shown.get(name)),
            default=0,
        )

    def _note(self, change: Change) -> None:
        if change.organization_id in self._ends:
            self._shown.setdefault(change.organization_id, {})[change.projection] = change.position
