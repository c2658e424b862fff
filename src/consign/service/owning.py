"""What a process needs to own organizations: a lease on slices, hosts, the journal that appends, timers."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from consign.actors.gateway import CommandServer
from consign.actors.host import OrganizationHost
from consign.actors.journal import Journal
from consign.actors.node import Node
from consign.actors.ownership import Identity, OwnershipSettings
from consign.actors.ownership_keeper import SliceKeeper
from consign.actors.ownership_lease import Holdings, Lease
from consign.actors.ports import Committed, Head
from consign.actors.timers import TimerLoop
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.postgres.addresses import DatabaseAddresses
from consign.adapters.postgres.log import PostgresLog, new_event_id
from consign.adapters.postgres.ownership import PostgresHeartbeat, PostgresSliceStore
from consign.adapters.postgres.timers import PostgresTimerStore
from consign.domain.business import CONSIGN
from consign.settings import Settings


class Owning:
    """`committed` is told of every durable batch; it must only queue."""

    def __init__(
        self,
        me: Identity,
        settings: Settings,
        database: DatabaseAddresses,
        slices: PostgresSliceStore,
        transport: NatsCommandTransport,
        committed: Callable[[Sequence[Committed]], None],
    ) -> None:
        self.log = PostgresLog(database.writer)
        self.journal = Journal(self.log, utc_now, on_committed=committed)
        lease = Lease()
        self.holdings = Holdings(lease)
        self.node = Node(
            me=me,
            holdings=self.holdings,
            log=self.log,
            host_of=self._host_of,
            on_slice_moved=lambda: self.keeper.look(),  # noqa: PLW0108 - the keeper is made after the node
        )
        server = CommandServer(node=self.node, holdings=self.holdings, transport=transport, business=CONSIGN)
        self.keeper = SliceKeeper(
            me,
            lease=lease,
            holdings=self.holdings,
            store=slices,
            heartbeat=PostgresHeartbeat(database.writer),
            listeners=(self.node, server),
            settings=OwnershipSettings(
                ttl_s=settings.node_ttl_s,
                beat_s=settings.node_ttl_s / 4,
                clock_margin_s=min(0.5, settings.node_ttl_s / 8),
                drain_timeout_s=settings.drain_timeout_s,
            ),
        )
        self._timer_store = PostgresTimerStore(database.writer)
        self._timers = TimerLoop(holdings=self.holdings, node=self.node, store=self._timer_store, business=CONSIGN)

    def served(self) -> frozenset[int]:
        """Return the slices this process serves at the moment."""
        return frozenset(self.holdings.slices())

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Run the parts, the one that takes commands last."""
        return [tasks.create_task(part.run()) for part in (self.journal, self.node, self.keeper, self._timers)]

    async def close(self) -> None:
        """Close the connections."""
        await self.log.close()
        await self._timer_store.close()

    def _host_of(self, head: Head) -> OrganizationHost:
        return OrganizationHost(head, self.journal, CONSIGN, self.log, utc_now, new_event_id)


def utc_now() -> datetime:
    """Tell the system's time, in UTC."""
    return datetime.now(UTC)
