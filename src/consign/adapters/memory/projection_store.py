"""Read models in memory, for simulations and as the reference of the store's contract. Nothing outlives the process."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from consign.actors.runner_ports import Checkpoint, RowId, Step
from consign.projections.projection import Key, Projection

type _Build = tuple[str, str, int, int]


class MemoryProjectionStore:
    """Fulfils `ProjectionStore` of `consign.actors.runner_ports`."""

    def __init__(self) -> None:
        self._checkpoints: dict[_Build, Checkpoint] = {}
        self._rows: dict[_Build, dict[RowId, Struct]] = {}

    async def checkpoints(self, organization_id: str) -> Sequence[Checkpoint]:
        """Return every checkpoint of the organization."""
        return [each for each in self._checkpoints.values() if each.organization_id == organization_id]

    async def begin(self, checkpoint: Checkpoint) -> Checkpoint:
        """Create the checkpoint, or return the one that is there already."""
        return self._checkpoints.setdefault(_build(checkpoint), checkpoint)

    async def fetch(self, checkpoint: Checkpoint, projection: Projection, rows: Sequence[RowId]) -> Mapping[RowId, Any]:
        """Return those of the rows that exist."""
        assert projection.name == checkpoint.name
        held = self._rows.get(_build(checkpoint), {})
        return {row_id: held[row_id] for row_id in rows if row_id in held}

    async def step(self, organization_id: str, steps: Sequence[Step]) -> frozenset[str]:
        """Write the steps whose checkpoint is still where `before` says; return their projections."""
        moved: set[str] = set()
        for step in steps:
            assert step.before.organization_id == organization_id
            build = _build(step.before)
            if self._checkpoints.get(build) != step.before or step.before.status in ("stopped", "forked"):
                continue
            self._checkpoints[build] = step.after
            held = self._rows.setdefault(build, {})
            for table, changes in step.changes.items():
                for key, row in changes.items():
                    if row is None:
                        held.pop((table, key), None)
                    else:
                        held[table, key] = row
            moved.add(step.projection.name)
        return frozenset(moved)

    async def halt(self, before: Checkpoint, halted: Checkpoint) -> bool:
        """Mark the projection stopped or forked, unless its checkpoint moved meanwhile."""
        if self._checkpoints.get(_build(before)) != before:
            return False
        self._checkpoints[_build(before)] = halted
        return True

    def tables(self, organization_id: str, projection: Projection) -> dict[str, dict[Key, Struct]]:
        """Return everything that the organization's read model holds, by table and key."""
        found: dict[str, dict[Key, Struct]] = {table.name: {} for table in projection.tables}
        for (table, key), row in self._rows.get((organization_id, projection.name, projection.version, 0), {}).items():
            found[table][key] = row
        return found


def _build(checkpoint: Checkpoint) -> _Build:
    return checkpoint.organization_id, checkpoint.name, checkpoint.version, checkpoint.build
