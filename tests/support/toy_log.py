"""Writing toy events straight into a log, as a journal would have, and handing out what it would have said."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec.structs import replace

from consign.actors.chain import event_hash
from consign.actors.ownership import slice_of
from consign.actors.ports import Committed, Head, Log, OrganizationAppend
from consign.domain.recorded import StoredEvent
from tests.support.cluster import Database
from tests.support.toy_business import Added, counter_stream

OWNER = UUID(int=7)
AT = datetime(2026, 5, 2, 9, 30, 0, 125, tzinfo=UTC)

type Additions = Sequence[tuple[str, int]]
"""What one command adds to which counters."""


async def give_slices_to_the_owner(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("UPDATE consign.slices SET owner = $1, epoch = 1", OWNER)
    await connection.close()


class ToyLog:
    """One organization's log and its only writer."""

    def __init__(self, log: Log, head: Head) -> None:
        self.log = log
        self.head = head
        self.events: list[StoredEvent] = []
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._totals: defaultdict[str, int] = defaultdict(int)

    @classmethod
    async def begin(cls, log: Log, organization: str = "acme") -> "ToyLog":
        """Begin the organization's log, or go on where it ends."""
        await log.found(organization, slice_of(organization), uuid4())
        head = await log.adopt(organization, slice_of(organization), OWNER, 1)
        assert head is not None
        toy = cls(log, head)
        for event in await log.read(organization, 0, head.position + 1):
            toy.events.append(event)
            toy._versions[event.stream] = event.version
            toy._totals[event.stream] = msgspec.json.decode(event.data, type=Added).total
        return toy

    async def commit(self, *commands: Additions) -> Committed:
        """Append the commands in one batch."""
        head = self.head
        events: list[StoredEvent] = []
        for command in commands:
            command_id = uuid4()
            commit_position = head.position + len(command)
            for counter, amount in command:
                event = self._event(head, counter, amount, command_id, commit_position)
                events.append(event)
                head = replace(head, position=event.position, hash=event.hash, recorded_at=event.recorded_at)
        share = OrganizationAppend(head.organization_id, head.epoch, self.head.position, events, ())
        assert await self.log.append([share]) == {head.organization_id}
        committed = Committed(head, self.head.hash, events)
        self.head = head
        self.events.extend(events)
        return committed

    async def add(self, counter: str, *amounts: int) -> list[Committed]:
        """Append one command an amount, each in a batch of its own."""
        return [await self.commit([(counter, amount)]) for amount in amounts]

    def _event(self, head: Head, counter: str, amount: int, command_id: UUID, commit_position: int) -> StoredEvent:
        stream = counter_stream(counter)
        self._versions[stream] += 1
        self._totals[stream] += amount
        position = head.position + 1
        at = AT + timedelta(seconds=position)
        event = StoredEvent(
            organization_id=head.organization_id,
            position=position,
            stream=stream,
            version=self._versions[stream],
            type="added",
            schema=1,
            event_id=uuid4(),
            commit_position=commit_position,
            command_id=command_id,
            correlation_id=command_id,
            causation_id=command_id,
            account_id="till-1",
            role="cashier",
            on_behalf_of=None,
            device_id=None,
            occurred_at=at,
            recorded_at=at,
            meta="{}",
            data=msgspec.json.encode(Added(amount, self._totals[stream])),
            hash=b"",
        )
        return replace(event, hash=event_hash(head.hash, event))
