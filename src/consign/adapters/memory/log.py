"""The log in memory: for simulations and as the reference of the log's contract. Nothing outlives the process."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from consign.actors.chain import GENESIS
from consign.actors.ports import (
    AppendRefused,
    CommandKey,
    CommandRecord,
    Head,
    OrganizationAppend,
    Snapshot,
    UnknownOrganization,
)
from consign.domain.recorded import StoredEvent, StreamName


class MemoryLog:
    """Fulfils `consign.actors.ports.Log`. Slices and timers are not kept: whoever adopts, owns."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}
        self._events: dict[str, list[StoredEvent]] = {}
        self._records: dict[CommandKey, CommandRecord] = {}
        self._snapshots: dict[tuple[str, StreamName, int], Snapshot] = {}

    async def append(self, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
        """Write the shares whose fence holds; a refused row leaves everything as it was."""
        held = [share for share in batch if self._fence_holds(share)]
        for share in held:
            self._refuse_duplicates(share)
        for share in held:
            self._write(share)
        return frozenset(share.organization_id for share in held)

    async def find_commands(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, CommandRecord]:
        """Return the records of those commands that were accepted before."""
        return {key: self._records[key] for key in keys if key in self._records}

    async def head(self, organization_id: str) -> Head | None:
        """Return the head, or None where the organization has no log yet."""
        return self._heads.get(organization_id)

    async def found(self, organization_id: str, slice_number: int, log_id: UUID) -> None:  # noqa: ARG002 - no slices here
        """Begin an organization's log; one that is there already stays as it is."""
        self._heads.setdefault(organization_id, Head(organization_id, log_id, 0, 0, GENESIS))
        self._events.setdefault(organization_id, [])

    async def adopt(self, organization_id: str, slice_number: int, owner: UUID, slice_epoch: int) -> Head | None:  # noqa: ARG002
        """Fence every other writer of this log and return its head; raises UnknownOrganization."""
        head = self._heads.get(organization_id)
        if head is None:
            raise UnknownOrganization(organization_id)
        return self._raise(head)

    async def raise_epoch(self, head: Head) -> Head | None:
        """Fence this writer's own append in flight; None: somebody else has taken the log over."""
        current = self._heads[head.organization_id]
        return self._raise(current) if current.epoch == head.epoch else None

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        return self._events.get(organization_id, [])[after : after + limit]

    async def read_stream(
        self, organization_id: str, stream: StreamName, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return up to `limit` events of one stream with version > after_version, in order."""
        events = [event for event in self._events.get(organization_id, []) if event.stream == stream]
        return events[after_version : after_version + limit]

    async def load_snapshot(
        self, organization_id: str, stream: StreamName, fold_version: int, log_id: UUID
    ) -> Snapshot | None:
        """Return a snapshot whose log_id and hash still match the log, or None."""
        snapshot = self._snapshots.get((organization_id, stream, fold_version))
        if snapshot is None or snapshot.log_id != log_id:
            return None
        at = self._events[organization_id][snapshot.position - 1]
        return snapshot if at.hash == snapshot.hash else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the snapshot in place of an older one."""
        key = (snapshot.organization_id, snapshot.stream, snapshot.fold_version)
        kept = self._snapshots.get(key)
        if kept is None or kept.log_id != snapshot.log_id or kept.position < snapshot.position:
            self._snapshots[key] = snapshot

    def _raise(self, head: Head) -> Head:
        raised = replace(head, epoch=head.epoch + 1)
        self._heads[head.organization_id] = raised
        return raised

    def _fence_holds(self, share: OrganizationAppend) -> bool:
        head = self._heads.get(share.organization_id)
        return head is not None and (head.epoch, head.position) == (share.epoch, share.expected)

    def _refuse_duplicates(self, share: OrganizationAppend) -> None:
        keys = [record.key for record in share.records]
        if len(set(keys)) < len(keys) or any(key in self._records for key in keys):
            raise AppendRefused("a command is recorded twice")
        written = self._events[share.organization_id]
        taken = {(event.stream, event.version) for event in written} | {event.event_id for event in written}
        for event in share.events:
            if (event.stream, event.version) in taken or event.event_id in taken:
                raise AppendRefused(f"{event.stream} has version {event.version} already, or the event is there")

    def _write(self, share: OrganizationAppend) -> None:
        self._events[share.organization_id].extend(share.events)
        self._records.update((record.key, record) for record in share.records)
        if share.events:
            last = share.events[-1]
            head = self._heads[share.organization_id]
            self._heads[share.organization_id] = replace(
                head, position=last.position, hash=last.hash, recorded_at=last.recorded_at
            )
