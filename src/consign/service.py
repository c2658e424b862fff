"""The composition root: the one place that knows every part and how they fit together."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog
from uuid_utils.compat import uuid7

from consign.actors.gateway import CommandServer, Gateway, SliceMap
from consign.actors.host import OrganizationHost
from consign.actors.journal import Journal
from consign.actors.node import Node
from consign.actors.ownership import Identity, OwnershipSettings, slice_of
from consign.actors.ownership_keeper import SliceKeeper
from consign.actors.ownership_lease import Holdings, Lease
from consign.actors.ports import Committed, Head, LogUnavailable
from consign.actors.runner import Runner
from consign.actors.runner_changes import ChangeFeed
from consign.actors.timers import TimerLoop
from consign.adapters.crypto.sealing import KeyEncryption
from consign.adapters.installation import node_identity, secret_key
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.postgres.addresses import DatabaseAddresses, addresses_of
from consign.adapters.postgres.history import PostgresHistory
from consign.adapters.postgres.log import PostgresLog, new_event_id
from consign.adapters.postgres.migrate import RolePasswords, migrate
from consign.adapters.postgres.ownership import PostgresHeartbeat, PostgresSliceStore
from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
from consign.adapters.postgres.projection_tables import ensure_tables
from consign.adapters.postgres.queries import PostgresReadModels
from consign.adapters.postgres.timers import PostgresTimerStore
from consign.adapters.postgres.vault import PostgresVault
from consign.domain.business import CONSIGN
from consign.http.access import PLATFORM
from consign.http.app import Services, create_app, organization_by_host
from consign.http.currencies import SaleCurrencies
from consign.http.identity import DevelopmentIdentity
from consign.http.log_lines import configure_log_lines
from consign.http.server import WebServer
from consign.projections.registry import PROJECTIONS
from consign.settings import Settings

SETTLE_TIMEOUT_S = 30.0

_log = structlog.get_logger(__name__)


class Addresses(NamedTuple):
    """Where Postgres and NATS are, and whom to tell once the service listens."""

    database: DatabaseAddresses
    nats_url: str
    nats_public_url: str | None
    announce: Callable[[str], None]


class Owner:
    """What a process needs to own organizations: a lease on slices, hosts, the journal that appends, timers."""

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
            settings=OwnershipSettings(ttl_s=settings.node_ttl_s, beat_s=settings.node_ttl_s / 4),
        )
        self.timer_store = PostgresTimerStore(database.writer)
        self.timers = TimerLoop(holdings=self.holdings, node=self.node, store=self.timer_store, business=CONSIGN)

    def _host_of(self, head: Head) -> OrganizationHost:
        return OrganizationHost(head, self.journal, CONSIGN, self.log, utc_now, new_event_id)

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Run the parts, the one that takes commands last."""
        return [tasks.create_task(part.run()) for part in (self.journal, self.node, self.keeper, self.timers)]

    async def close(self) -> None:
        """Close the connections."""
        await self.log.close()
        await self.timer_store.close()


class Service:
    """A running process: `url` is where it listens, `identity` issues tokens for it."""

    def __init__(self, settings: Settings, addresses: Addresses, me: Identity) -> None:
        self.settings = settings
        self.addresses = addresses
        database = addresses.database
        self.identity = DevelopmentIdentity(_key(settings.token_key, settings, "token"))
        self.stopping = False
        self._slices = PostgresSliceStore(database.writer)
        self._nats = NatsConnection(addresses.nats_url, name="consign")
        self._transport = NatsCommandTransport(self._nats)
        self.changes = ChangeFeed()
        self.read_models = PostgresReadModels(database.reader)
        self.history = PostgresHistory(database.reader)
        self._projector = ProjectorPool(database.projector)
        self.owner: Owner | None = None
        self.runner: Runner | None = None
        if settings.role != "front":
            self.owner = Owner(me, settings, database, self._slices, self._transport, self._committed)
            self.runner = self._runner(self.owner.holdings)
        self._registry = _Registry(self.owner.log if self.owner is not None else PostgresLog(database.writer))
        self.gateway = Gateway(
            node=self.owner.node if self.owner is not None else None,
            slice_map=SliceMap(self._slices),
            transport=self._transport,
            business=CONSIGN,
        )
        vault_key = KeyEncryption(_hex_key(settings.key_encryption_key, settings, "key-encryption"))
        self._vault = PostgresVault(database.writer, vault_key)
        app = create_app(
            Services(
                gateway=self.gateway,
                registry=self._registry,
                vault=self._vault,
                currencies=SaleCurrencies(self.read_models),
                standing=self,
                identity=self.identity,
                models=self.read_models,
                changes=self.changes,
                history=self.history,
                fold=CONSIGN,
                projections=PROJECTIONS,
            ),
            bench=settings.bench,
            organization_of=organization_by_host(settings.base_domain),
        )
        self._web = WebServer(app, settings.host, settings.port, drain_timeout_s=settings.drain_timeout_s)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The address to reach the service at."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{self._web.port}"

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to serve; returns once slices are owned and connections accepted. NATS may come later."""
        self._tasks = [tasks.create_task(self._nats.run()), tasks.create_task(self._transport.run())]
        if self.owner is not None and self.runner is not None:
            self._tasks += self.owner.start(tasks)
            if self.settings.fan_out:
                self._tasks.append(tasks.create_task(self.runner.run()))
            await self.owner.keeper.settled(SETTLE_TIMEOUT_S)
        await self._registry.begin_log(PLATFORM)
        self._serving = tasks.create_task(self._web.run())
        await self._web.started()
        self.addresses.announce(self.url)

    async def stop(self) -> None:
        """Accept nothing more, answer what was begun, hand the slices over, end the tasks."""
        self.stopping = True
        self._web.stop()
        await self._serving
        if self.owner is not None:
            await self.owner.keeper.leave()
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Close every connection."""
        if self.owner is not None:
            await self.owner.close()
        for part in (self._slices, self.read_models, self.history, self._projector, self._vault):
            await part.close()

    async def readiness(self) -> Mapping[str, str]:
        """Tell how each part stands."""
        parts = {"process": "stopping" if self.stopping else "ok"}
        parts["nats"] = "ok" if self._nats.is_connected else "degraded: not connected"
        if self.owner is not None:
            parts["ownership"] = "ok" if self.owner.holdings.lease_holds() else "the lease has run out"
        parts["database"] = await self._database_state()
        return parts

    def counters(self) -> Mapping[str, float]:
        """Tell the engine's figures."""
        figures: dict[str, float] = {"nats_connected": float(self._nats.is_connected)}
        if self.owner is not None:
            figures["journal_batches_total"] = self.owner.journal.batches
            figures["journal_events_total"] = self.owner.journal.events
            figures["slices_owned"] = len(self.owner.holdings.slices())
            figures["organizations_hosted"] = len(self.owner.node.hosted())
        return figures

    async def _database_state(self) -> str:
        try:
            await self._registry.reach()
        except LogUnavailable as error:
            return f"not reached: {error}"
        return "ok"

    def _committed(self, batch: Sequence[Committed]) -> None:
        if self.settings.fan_out:
            assert self.runner is not None
            self.runner.offer(batch)

    def _runner(self, holdings: Holdings) -> Runner:
        store = PostgresProjectionStore(self._projector)
        return Runner(
            PROJECTIONS,
            store=store,
            log=store,
            heads=store,
            decode=CONSIGN.decode_event,
            changes=self.changes,
            served=lambda: frozenset(holdings.slices()),
        )


class _Registry:
    def __init__(self, log: PostgresLog) -> None:
        self._log = log

    async def begin_log(self, organization_id: str) -> None:
        await self._log.found(organization_id, slice_of(organization_id), uuid7())

    async def reach(self) -> None:
        await self._log.head(PLATFORM)


@asynccontextmanager
async def running_service(settings: Settings) -> AsyncIterator[Service]:
    """Run a whole process for as long as the context is open; it ends in order."""
    async with AsyncExitStack() as stack:
        node_id = stack.enter_context(_node(settings))
        addresses = await stack.enter_async_context(_servers(settings))
        await _prepare(addresses.database)
        service = Service(settings, addresses, Identity.new(node_id))
        stack.push_async_callback(service.close)
        async with asyncio.TaskGroup() as tasks:
            await service.start(tasks)
            _log.info("serving", url=service.url, role=settings.role, node_id=str(node_id))
            try:
                yield service
            finally:
                await service.stop()


async def run_service(settings: Settings, on_ready: Callable[[Service], None] = lambda _: None) -> None:
    """Serve until SIGTERM or SIGINT, then end in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    async with running_service(settings) as service:
        on_ready(service)
        await stop.wait()


def serve(settings: Settings, on_ready: Callable[[Service], None] = lambda _: None) -> None:
    """Be the process: configure logging, run on the fast event loop where there is one, return after the drain."""
    configure_log_lines(settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run_service(settings, on_ready))


def utc_now() -> datetime:
    """Tell the system's time, in UTC."""
    return datetime.now(UTC)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not there on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


@contextmanager
def _node(settings: Settings) -> Iterator[UUID]:
    if settings.node_id is not None:
        yield settings.node_id
        return
    with node_identity(settings.data_directory) as node_id:
        yield node_id


@asynccontextmanager
async def _servers(settings: Settings) -> AsyncIterator[Addresses]:
    passwords = RolePasswords(*settings.role_passwords) if settings.role_passwords is not None else None
    if settings.database_url is not None and settings.nats_url is not None:
        database = addresses_of(settings.database_url, passwords)
        yield Addresses(database, settings.nats_url, settings.nats_public_url, lambda _: None)
        return
    from consign.local.servers import local_servers  # noqa: PLC0415 - an extra that production does not carry

    async with local_servers(settings.data_directory) as servers:
        database = addresses_of(servers.postgres_url, passwords)
        yield Addresses(database, servers.nats_url, servers.nats_public_url, servers.announce)


async def _prepare(database: DatabaseAddresses) -> None:
    connection = await asyncpg.connect(database.administrator)
    try:
        applied = await migrate(connection, passwords=database.passwords)
        await ensure_tables(connection, PROJECTIONS)
    finally:
        await connection.close()
    _log.info("database_prepared", migrations_applied=applied)


def _key(given: str | None, settings: Settings, name: str) -> bytes:
    return given.encode() if given is not None else secret_key(settings.data_directory, name)


def _hex_key(given: str | None, settings: Settings, name: str) -> bytes:
    return bytes.fromhex(given) if given is not None else secret_key(settings.data_directory, name)
