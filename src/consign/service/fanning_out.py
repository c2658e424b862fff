"""What happens to commits afterwards: relayed to the stream, shown in read models, published for integrators."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from consign.actors.audit import Audit
from consign.actors.ports import Committed
from consign.actors.publisher import Publisher
from consign.actors.rebuild import Rebuilder
from consign.actors.relay import Relay
from consign.actors.runner import Runner
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_ports import ServedSlices
from consign.actors.sweep import Sweep
from consign.adapters.nats.commit_stream import NatsCommitStream
from consign.adapters.nats.commit_stream_feed import NatsCommitFeed
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.public_stream import NatsPublicStream
from consign.adapters.postgres.addresses import DatabaseAddresses
from consign.adapters.postgres.projection_progress import PostgresRelayProgress
from consign.adapters.postgres.projection_public import PostgresPublicEvents
from consign.adapters.postgres.projection_store import ProjectorPool
from consign.adapters.postgres.projection_store_rebuild import PostgresRebuildStore
from consign.domain.business import CONSIGN
from consign.projections.projection import Projection
from consign.projections.public_events import PUBLIC_EVENTS
from consign.projections.registry import PROJECTIONS
from consign.service.lag import Lag


class _Part(Protocol):
    async def run(self) -> None: ...


class FanningOut:
    """Serves the slices that `served` names.

    Without `public_nats` nothing is published for integrators, without `projections` no read model is kept.
    """

    def __init__(
        self,
        database: DatabaseAddresses,
        nats: NatsConnection,
        public_nats: NatsConnection | None,
        changes: ChangeFeed,
        served: ServedSlices,
        projections: Sequence[Projection] = PROJECTIONS,
    ) -> None:
        self._pool = ProjectorPool(database.projector)
        store = PostgresRebuildStore(self._pool)
        stream = NatsCommitStream(nats)
        progress = PostgresRelayProgress(self._pool)
        self.relay = Relay(stream)
        self.audit = Audit(stream=stream, copy=stream, log=store, positions=progress, served=served)
        sweep = Sweep(self.relay, stream, log=store, progress=progress, served=served)
        stream.on_lost(sweep.forget_acknowledged)
        stream.on_lost(self.audit.hurry)
        self._runner = Runner(
            projections,
            store=store,
            log=store,
            heads=store,
            decode=CONSIGN.decode_event,
            changes=changes,
            served=served,
            upgrade=Rebuilder(store=store, log=store, decode=CONSIGN.decode_event).upgrade,
        )
        self._parts: list[_Part] = [
            self.relay,
            sweep,
            self.audit,
        ]
        self._takers = [self.relay.offer]
        self._lag = Lag(changes)
        if projections:
            self._takers += [self._lag.offer, self._runner.offer]
            feed = NatsCommitFeed(nats, receive=self._runner.receive, wanted=served, holds=self._runner.holds)
            self._parts += [self._runner, feed]
        if public_nats is not None:
            self._publisher = Publisher(
                events=PostgresPublicEvents(self._pool, PUBLIC_EVENTS),
                stream=NatsPublicStream(public_nats),
                heads=store,
                changes=changes,
                served=served,
            )
            self._parts += [public_nats, self._publisher]

    def offer(self, batch: Sequence[Committed]) -> None:
        """Take what the journal made durable."""
        for take in self._takers:
            take(batch)

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Run the parts."""
        return [tasks.create_task(part.run()) for part in self._parts]

    def read_models(self) -> str:
        """Tell how the read models stand, as a part of readiness."""
        halted = self._runner.halted()
        return f"degraded: {', '.join(f'{count} {status}' for status, count in halted.items())}" if halted else "ok"

    def counters(self) -> Mapping[str, float]:
        """Tell the figures of relay, audit and read models."""
        figures, audited = self.relay.figures, self.audit.total
        return {
            "projection_lag_events": self._lag.events(),
            "projections_halted": sum(self._runner.halted().values()),
            "relay_sent_total": figures.sent,
            "relay_acknowledged_total": figures.acknowledged,
            "relay_dropped_total": figures.dropped,
            "relay_mended_total": figures.mended,
            "audit_checked_total": audited.checked,
            "audit_missing_total": audited.missing,
            "audit_repaired_total": audited.repaired,
        }

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()
