"""A whole owner over the toy business: slices, hosts, gateway and timers on real Postgres and NATS.

Run as a program it owns slices until its standard input ends (it then leaves) or it is killed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from consign.actors.gateway import CommandServer, Gateway, GatewayLimits, SliceMap
from consign.actors.host import OrganizationHost
from consign.actors.journal import Journal, JournalLimits
from consign.actors.node import Node
from consign.actors.ownership import Heartbeat, Identity, OwnershipSettings, slice_of
from consign.actors.ownership_keeper import SliceKeeper
from consign.actors.ownership_lease import Holdings, Lease
from consign.actors.ports import Business, Clock, Head, Log
from consign.actors.timers import TimerLoop, TimerSettings
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.postgres.log import PostgresLog
from consign.adapters.postgres.ownership import PostgresHeartbeat, PostgresSliceStore
from consign.adapters.postgres.timers import PostgresTimerStore
from consign.service.owning import utc_now
from tests.support.toy_business import ToyBusiness

BRISK = OwnershipSettings(
    ttl_s=1.5, beat_s=0.3, tick_s=0.1, awaiting_tick_s=0.05, clock_margin_s=0.2, moves_max=64, drain_timeout_s=3.0
)
"""Everything as in production, only sooner."""

SETTLE_TIMEOUT_S = 15.0


class Owner:
    """The parts of one process, wired as a service wires them."""

    def __init__(
        self,
        database_url: str,
        nats_url: str,
        *,
        node_id: UUID | None = None,
        settings: OwnershipSettings = BRISK,
        log: Log | None = None,
        heartbeat: Heartbeat | None = None,
        business: Business | None = None,
        gateway_limits: GatewayLimits | None = None,
        clock: Clock = utc_now,
    ) -> None:
        business = business or ToyBusiness()
        self._own_log = PostgresLog(database_url)
        self.log = log or self._own_log
        self.store = PostgresSliceStore(database_url)
        self.timer_store = PostgresTimerStore(database_url)
        self.journal = Journal(
            self.log, clock, limits=JournalLimits(retry_delay_s=0.01, retry_delay_max_s=0.1, retry_for_s=5.0)
        )
        self.me = Identity.new(node_id or uuid4())
        self.lease = Lease()
        self.holdings = Holdings(self.lease)
        self.nats = NatsConnection(nats_url, name="owner")
        self.transport = NatsCommandTransport(self.nats)

        def host_of(head: Head) -> OrganizationHost:
            return OrganizationHost(head, self.journal, business, self.log, clock, uuid7)

        self.node = Node(me=self.me, holdings=self.holdings, log=self.log, host_of=host_of, on_slice_moved=self._look)
        self.server = CommandServer(node=self.node, holdings=self.holdings, transport=self.transport, business=business)
        self.keeper = SliceKeeper(
            self.me,
            lease=self.lease,
            holdings=self.holdings,
            store=self.store,
            heartbeat=heartbeat or PostgresHeartbeat(database_url),
            listeners=(self.node, self.server),
            settings=settings,
        )
        self.gateway = Gateway(
            node=self.node,
            slice_map=SliceMap(self.store),
            transport=self.transport,
            business=business,
            limits=gateway_limits,
        )
        self.timers = TimerLoop(
            holdings=self.holdings,
            node=self.node,
            store=self.timer_store,
            business=business,
            settings=TimerSettings(poll_s=0.2, rest_s=0.1, rest_max_s=0.5),
        )
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, tasks: asyncio.TaskGroup) -> None:
        runs = (self.journal, self.node, self.nats, self.transport, self.timers, self.keeper)
        self.tasks = [tasks.create_task(part.run()) for part in runs]

    def _look(self) -> None:
        self.keeper.look()

    async def found(self, *organizations: str) -> None:
        for organization in organizations:
            await self.log.found(organization, slice_of(organization), uuid4())

    async def crash(self) -> None:
        """End without a word to anybody: the lease has to run out."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.crash()
        await self._own_log.close()
        await self.store.close()
        await self.timer_store.close()

    def owns(self, organization: str) -> bool:
        return self.holdings.epoch(slice_of(organization)) is not None


@asynccontextmanager
async def owning(owner: Owner) -> AsyncIterator[Owner]:
    """Run the owner until it has its slices, and on; it leaves in order at the end."""
    async with asyncio.TaskGroup() as tasks:
        owner.start(tasks)
        try:
            await owner.keeper.settled(SETTLE_TIMEOUT_S)
            await owner.nats.wait_connected(SETTLE_TIMEOUT_S)
            yield owner
            if not owner.tasks[-1].done():
                await owner.keeper.leave()
        finally:
            await owner.close()


class Front:
    """A process that owns nothing and forwards everything."""

    def __init__(self, database_url: str, nats_url: str, limits: GatewayLimits | None = None) -> None:
        self.store = PostgresSliceStore(database_url)
        self.nats = NatsConnection(nats_url, name="front")
        self.gateway = Gateway(
            node=None,
            slice_map=SliceMap(self.store),
            transport=NatsCommandTransport(self.nats),
            business=ToyBusiness(),
            limits=limits,
        )


@asynccontextmanager
async def fronting(front: Front) -> AsyncIterator[Front]:
    task = asyncio.create_task(front.nats.run())
    try:
        await front.nats.wait_connected(SETTLE_TIMEOUT_S)
        yield front
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await front.store.close()


class OwnerProcess:
    """An owner in a process of its own, to be killed and frozen."""

    def __init__(self, process: asyncio.subprocess.Process, node_id: UUID) -> None:
        self.process = process
        self.node_id = node_id

    async def leave(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return await self.process.wait()

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def owner_process(database_url: str, nats_url: str, node_id: UUID | None = None) -> AsyncIterator[OwnerProcess]:
    """Start an owner as a program and wait until it serves."""
    node_id = node_id or uuid4()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.owner",
        database_url,
        nats_url,
        str(node_id),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = OwnerProcess(process, node_id)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while (line := await process.stdout.readline()) != b"serving\n":
                assert line, "the owner ended before it served"
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(process.stdout.read())  # a full pipe would stop the owner
            yield running
            await running.kill()
            await reading
    finally:
        await running.kill()


async def _serve(arguments: Sequence[str]) -> None:
    database_url, nats_url, node_id = arguments
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(owning(Owner(database_url, nats_url, node_id=UUID(node_id))))
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        await reader.read()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1:]))
