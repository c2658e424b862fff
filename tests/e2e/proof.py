"""Everything that must be true of an organization after a run, however rough it was."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

from nats.errors import NoRespondersError
from nats.js.errors import NotFoundError

from consign.actors.audit import Audit, AuditReport
from consign.actors.ownership import SLICES
from consign.actors.relay import StreamUnavailable
from consign.adapters.nats.commit_stream import NatsCommitStream
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.public_stream import STREAM as PUBLIC_STREAM
from consign.adapters.postgres.projection_progress import PostgresRelayProgress
from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
from consign.domain.business import CONSIGN
from consign.projections.projection import MemoryRows, Projection
from consign.projections.public_events import PUBLIC_EVENTS, PublicEventRow
from consign.projections.registry import PROJECTIONS
from tests.e2e.answers import Answer
from tests.e2e.log_checks import check_acknowledged, check_books, check_log, check_refusals
from tests.e2e.paper_checks import check_settlements, check_tills
from tests.e2e.service_process import Site
from tests.e2e.stored import ReadModel, Stored, read_model, read_stored
from tests.support.eventually import eventually

CATCH_UP_LIMIT_S = 30.0


async def prove(site: Site, organization: str, heard: Sequence[Answer], *, audited: bool = False) -> Stored:
    """Check the log against itself and against what clients heard, then its copies against the log.

    With `audited` the copy in JetStream is audited first, as the service does every few minutes: a stream that forgot
    what it had acknowledged is mended by nothing else.
    """
    stored = await read_stored(site.database, organization)
    check_log(stored)
    check_acknowledged(stored, organization, heard)
    check_refusals(stored, organization, heard)
    check_tills(stored)
    check_settlements(stored)
    check_books(stored)
    for projection in PROJECTIONS:
        await check_read_model(site, stored, projection)
    if audited:
        await audit(site)
    await check_stream(site, stored)
    return stored


async def check_read_model(site: Site, stored: Stored, projection: Projection) -> None:
    """The tables hold what folding the log in memory gives."""
    organization, head = stored.head.organization_id, stored.head

    async def caught_up() -> ReadModel | None:
        found = await read_model(site.database, organization, projection)
        return found if found is not None and found.checkpoint >= head.position else None

    shown = await eventually(caught_up, within_s=CATCH_UP_LIMIT_S)
    assert shown is not None
    assert (shown.status, shown.checkpoint, shown.log_id) == ("running", head.position, head.log_id), projection.name
    rows = MemoryRows(projection)
    for event in stored.events:
        rows.fold(event, CONSIGN.decode_event(event))
    for name, expected in rows.tables.items():
        assert shown.tables[name] == expected, f"{projection.name}.{name} is not a fold of the log"
    if projection.name == "public_events":
        positions = sorted(key[0] for key in shown.tables["events"])
        assert positions == list(range(1, len(positions) + 1))


async def check_published(site: Site, organization: str) -> None:
    """Integrators find every public event in the public stream, in the order of its count."""
    shown = await read_model(site.database, organization, PUBLIC_EVENTS)
    assert shown is not None
    rows: list[PublicEventRow] = [cast("PublicEventRow", row) for _, row in sorted(shown.tables["events"].items())]
    wanted = [(str(row.public_position), row.id) for row in rows]
    async with connected(site.nats_public_url) as connection:

        async def is_whole() -> bool:
            stream, held, sequence = connection.client().jetstream(), dict[str, str](), 1
            subject = f"consign.v1.{organization}.>"
            while True:
                try:
                    found = await stream.get_msg(PUBLIC_STREAM, seq=sequence, subject=subject, next=True, direct=True)
                except NotFoundError:
                    return list(held.items()) == wanted
                except NoRespondersError:
                    return False  # a stream that was lost is not made anew yet
                assert found.seq is not None
                assert found.headers is not None
                held.setdefault(found.headers["ce-publicposition"], found.headers["ce-id"])
                sequence = found.seq + 1

        await eventually(is_whole, within_s=CATCH_UP_LIMIT_S)


async def audit(site: Site) -> AuditReport:
    """Compare all of the copy in JetStream with the log, and mend it."""
    pool = ProjectorPool(site.database.projector_url)
    store, positions = PostgresProjectionStore(pool), PostgresRelayProgress(pool)
    async with connected(site.nats_url) as connection:
        stream = NatsCommitStream(connection)
        auditing = Audit(
            stream=stream, copy=stream, log=store, positions=positions, served=lambda: frozenset(range(SLICES))
        )

        async def relayed() -> bool:
            return not await positions.behind(frozenset(range(SLICES)))

        try:
            await eventually(relayed, within_s=CATCH_UP_LIMIT_S)
            await stream.ensure()
            return await auditing.audit_all()
        finally:
            await pool.close()


async def check_stream(site: Site, stored: Stored) -> None:
    """The copy in JetStream holds every event of the log, unchanged."""
    wanted = {event.position: event.hash for event in stored.events}
    async with connected(site.nats_url) as connection:
        stream = NatsCommitStream(connection)

        async def is_whole() -> bool:
            held: dict[int, bytes] = {}
            try:
                async for copy in stream.copies(stored.head.organization_id):
                    message = copy.message
                    assert message is not None, "a message of the stream is unreadable"
                    if message.log_id == stored.head.log_id and message.events is not None:
                        held.update((event.position, event.hash) for event in message.events)
            except StreamUnavailable:
                return False
            return held == wanted

        await eventually(is_whole, within_s=CATCH_UP_LIMIT_S)


@asynccontextmanager
async def connected(nats_url: str) -> AsyncIterator[NatsConnection]:
    """Lend a connection to NATS."""
    connection = NatsConnection(nats_url, name="proof")
    task = asyncio.create_task(connection.run())
    try:
        await connection.wait_connected(CATCH_UP_LIMIT_S)
        yield connection
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
