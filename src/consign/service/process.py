"""A process of the service, from its start to its drain."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from uuid_utils.compat import uuid7

from consign.actors.gateway import Gateway, SliceMap
from consign.actors.ownership import Identity, slice_of
from consign.actors.ports import Committed, LogUnavailable
from consign.actors.runner_changes import ChangeFeed
from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.crypto.receipt_codes import ReceiptCodes
from consign.adapters.crypto.sealing import Digests
from consign.adapters.domains.http_challenge import HttpChallenges
from consign.adapters.domains.txt_records import TxtRecords
from consign.adapters.erasures import ErasureList
from consign.adapters.installation import secret_key
from consign.adapters.nats.command_transport import NatsCommandTransport
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.live_changes import LiveChanges
from consign.adapters.postgres.history import PostgresHistory
from consign.adapters.postgres.log import PostgresLog
from consign.adapters.postgres.ownership import PostgresSliceStore
from consign.adapters.postgres.queries import PostgresReadModels
from consign.adapters.postgres.vault import PostgresVault
from consign.domain.business import CONSIGN
from consign.domain.members import PLATFORM
from consign.http.addresses import Addresses
from consign.http.app import Services, create_app
from consign.http.domain_facts import OrganizationDomains
from consign.http.forgetting import Forgetting
from consign.http.identity.development import DevelopmentIdentity
from consign.http.identity.leaving import Leaving
from consign.http.log_lines import RequestLines, no_request_lines
from consign.http.sale_facts import KnownSales
from consign.http.server import WebServer
from consign.identity.domain_watch import DomainWatch
from consign.identity.domains import Domains, Proof
from consign.identity.live_tickets import LiveTickets
from consign.projections.registry import PROJECTIONS
from consign.service.believing import Believing
from consign.service.fanning_out import FanningOut
from consign.service.integrators import NatsAccounts, NatsIntegrators
from consign.service.keys import Keys
from consign.service.mailing import Mailing
from consign.service.owning import Owning
from consign.service.places import Places
from consign.service.retention import Kind, Retention
from consign.service.signing_in import SigningIn
from consign.settings import Settings

SETTLE_TIMEOUT_S = 30.0

_log = structlog.get_logger(__name__)


class Service:
    """A running process: `url` is where it listens, `identity` and `access_tokens` issue tokens for it."""

    def __init__(self, settings: Settings, where: Places, me: Identity, keys: Keys) -> None:
        self.settings = settings
        self.identity = DevelopmentIdentity(_token_key(settings))
        secrets, erasures = IdentitySecrets(keys.root_secret), ErasureList(settings.erasures)
        self._signing_in = SigningIn(where.database.identity)
        self._mailing = Mailing(settings, me.node_id, secrets, erasures)
        self._domains = Domains(self._signing_in.web_store)
        self._receipt_codes = ReceiptCodes(keys.root_secret)
        self._live_tickets = LiveTickets(self._signing_in.web_store, secrets)
        self._integrators = NatsIntegrators(
            self._signing_in.nats_credentials, keys.root_secret, is_offered=where.accounts is not None
        )
        self._nats_accounts: NatsAccounts | None = None
        self._believing = Believing(
            settings, self.identity, keys.given, self._signing_in.machines, self._signing_in.ended
        )
        self.access_tokens = self._believing.access_tokens
        self.stopping = False
        self._announce = where.announce
        self._lines = RequestLines() if settings.log_level in ("debug", "info") else no_request_lines()
        self._slices = PostgresSliceStore(where.database.writer)
        self._nats = NatsConnection(where.nats_url, name="consign")
        self._transport = NatsCommandTransport(self._nats)
        self.changes = ChangeFeed()
        self._live_changes = LiveChanges(self._nats, self.changes)
        self.read_models = PostgresReadModels(where.database.reader)
        self._history = PostgresHistory(where.database.reader)
        self._vault = PostgresVault(
            where.database.writer, where.database.reader, keys.ring, Digests(keys.root_secret), erasures
        )
        self._forgetting = Forgetting(
            self._vault, self._history, CONSIGN.decode_event, self._mailing.kept, secrets.address_digest
        )
        self.owning: Owning | None = None
        self.fanning_out: FanningOut | None = None
        if settings.role != "front":
            self._own(where, me)
        self._registry = _Registry(PostgresLog(where.database.writer, readers_max=2))
        self.gateway = Gateway(
            node=None if self.owning is None else self.owning.node,
            slice_map=SliceMap(self._slices),
            transport=self._transport,
            business=CONSIGN,
        )
        self.domain_watch = DomainWatch(
            self._signing_in.web_store,
            self._proof(),
            OrganizationDomains(self.gateway),
            every=timedelta(hours=settings.domains_asked_every_hours),
            grace=timedelta(days=settings.domains_pass_after_days),
        )
        leaving = Leaving(self.gateway, self.read_models, self._forgetting)
        self.sign_in = self._signing_in.offered(
            settings,
            self.access_tokens,
            secrets,
            self.gateway,
            self._vault,
            self._believing.clients,
            self.read_models,
            leaving,
            self._mailing,
        )
        ended_keys = Kind(timedelta(), self._vault.forget_ended)
        self.retention = Retention({"ended_keys": ended_keys, **self._signing_in.kinds, **self._mailing.kinds})
        addresses = Addresses(settings.trusted_proxies, settings.forwarded_header)
        self._web = WebServer(
            create_app(
                self._services(),
                lines=self._lines,
                bench=settings.bench,
                sign_up=settings.sign_up,
                rate_limits=settings.rate_limits,
                addresses=addresses,
                public_url=settings.public_url,
                base_domain=settings.base_domain,
            ),
            settings.host,
            settings.port,
            drain_timeout_s=settings.drain_timeout_s,
            addresses=addresses,
        )
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The address to reach the service at."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{self._web.port}"

    async def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to serve; returns once slices are owned and connections accepted. NATS may come later."""
        brought_back = await self._vault.forget_again()
        if brought_back:
            accounts = await self._signing_in.delete_again()
            _log.warning("forgotten_again", people=brought_back, accounts=accounts)
        connected = (self._nats, self._transport, self._live_changes)
        self._tasks = [tasks.create_task(part.run()) for part in connected]
        self._tasks += self._believing.start(tasks)
        self._tasks += [*self._signing_in.start(tasks), *self._mailing.start(tasks)]
        await self._domains.look()
        self._tasks += [tasks.create_task(part.run()) for part in (self._domains, self.domain_watch)]
        if self.owning is not None:
            self._tasks += self.owning.start(tasks)
            await self.owning.keeper.settled(SETTLE_TIMEOUT_S)
        if self.fanning_out is not None:
            self._tasks += self.fanning_out.start(tasks)
        if self._nats_accounts is not None:
            self._tasks.append(tasks.create_task(self._nats_accounts.run()))
        await self._registry.begin_log(PLATFORM)
        self._serving = tasks.create_task(self._web.run())
        await self._web.started()
        self._tasks.append(tasks.create_task(self.retention.run()))
        self._announce(self.url)

    async def stop(self) -> None:
        """Accept nothing more, answer what was begun, hand the slices over, end the tasks."""
        self.stopping = True
        self._web.stop()
        await asyncio.wait([self._serving])
        if self.owning is not None:
            await self.owning.keeper.leave()
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Close every connection."""
        self._lines.flush()
        for part in (self.owning, self.fanning_out):
            if part is not None:
                await part.close()
        stores = (self._slices, self.read_models, self._history, self._vault, self._registry)
        for store in (*stores, self._signing_in):
            await store.close()

    async def readiness(self) -> Mapping[str, str]:
        """Tell how each part stands."""
        parts = {"process": "stopping" if self.stopping else "ok"}
        parts.update(self._believing.readiness())
        parts["nats"] = "ok" if self._nats.is_connected else "degraded: not connected"
        if self.owning is not None:
            parts["ownership"] = "ok" if self.owning.holdings.lease_holds() else "the lease has run out"
        if self.fanning_out is not None:
            parts["read_models"] = self.fanning_out.read_models()
        try:
            await self._registry.reach()
            parts["database"] = "ok"
        except LogUnavailable as error:
            parts["database"] = f"not reached ({type(error.__cause__).__name__})"
        return parts

    def counters(self) -> Mapping[str, float]:
        """Tell the engine's figures."""
        figures: dict[str, float] = {"nats_connected": float(self._nats.is_connected)}
        figures |= {**self._believing.counters(), **self.retention.counters(), **self._mailing.counters()}
        figures |= self.domain_watch.counters()
        if self.owning is not None:
            figures["journal_batches_total"] = self.owning.journal.batches
            figures["journal_events_total"] = self.owning.journal.events
            figures["slices_owned"] = len(self.owning.served())
            figures["organizations_hosted"] = len(self.owning.node.hosted())
            figures["mailboxes_waiting"] = self.owning.node.waiting()
        if self.fanning_out is not None:
            figures.update(self.fanning_out.counters())
        return figures

    def _own(self, where: Places, me: Identity) -> None:
        self.owning = Owning(me, self.settings, where.database, self._slices, self._transport, self._committed)
        fan_out = self.settings.fan_out
        if fan_out != "none":
            public = None
            if where.nats_public_url is not None and fan_out == "all":
                public = NatsConnection(where.nats_public_url, name="consign-public")
                if where.accounts is not None:
                    credentials = self._signing_in.nats_credentials
                    self._nats_accounts = NatsAccounts(self._integrators, credentials, public, where.accounts)
            self.fanning_out = FanningOut(
                *(where.database, self._nats, public, self.changes, self.owning.served),
                projections=PROJECTIONS if fan_out == "all" else (),
            )

    def _committed(self, batch: Sequence[Committed]) -> None:
        if self.fanning_out is not None:
            self.fanning_out.offer(batch)

    def _proof(self) -> Proof:
        """Make what asks domains, with places of its own: whoever asks for much holds up nobody else who asks."""
        records, challenges = TxtRecords(self.settings.dns_server), HttpChallenges(self.settings.challenges_at)
        return Proof(self._vault.digest, records, challenges)

    def _services(self) -> Services:
        return Services(
            gateway=self.gateway,
            registry=self._registry,
            vault=self._vault,
            forgetting=self._forgetting,
            sales=KnownSales(self.read_models),
            standing=self,
            tokens=self._believing.tokens,
            access_tokens=self.access_tokens,
            clerk=self._believing.clerk,
            sign_in=self.sign_in,
            domains=self._domains,
            receipt_codes=self._receipt_codes,
            live_tickets=self._live_tickets,
            nats_access=self._integrators,
            domain_proof=self._proof(),
            models=self.read_models,
            changes=self.changes,
            history=self._history,
            deeds=self._history,
            fold=CONSIGN,
            projections=PROJECTIONS,
            quarantine_kept_days=self.settings.quarantine_kept_days,
        )


class _Registry:
    """The directory of logs, on a connection of its own: a busy engine must not make the process look unready."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log

    async def begin_log(self, organization_id: str) -> None:
        await self._log.found(organization_id, slice_of(organization_id), uuid7())

    async def reach(self) -> None:
        await self._log.head(PLATFORM)

    async def close(self) -> None:
        await self._log.close()


def _token_key(settings: Settings) -> bytes:
    return secret_key(settings.data_directory, "token") if settings.token_key is None else settings.token_key.encode()
