"""The engine alone, in this process: a log, a journal and a host for one organization, without ownership or edge."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from consign.actors.host import OrganizationHost
from consign.actors.journal import Journal
from consign.actors.ownership import slice_of
from consign.actors.ports import Business, Committed
from consign.adapters.postgres.log import PostgresLog, new_event_id

OWNER = UUID(int=1)


def utc_now() -> datetime:
    """Return now, in UTC."""
    return datetime.now(UTC)


async def take_slices(administrator_url: str) -> None:
    """Give every slice to the benchmark's own writer."""
    connection = await asyncpg.connect(administrator_url)
    try:
        await connection.execute("UPDATE consign.slices SET owner = $1, epoch = 1", OWNER)
    finally:
        await connection.close()


@asynccontextmanager
async def engine(
    writer_url: str,
    organization: str,
    business: Business,
    on_committed: Callable[[Sequence[Committed]], None] = lambda _: None,
) -> AsyncIterator[OrganizationHost]:
    """Host `organization` for as long as the context is open; the slices must have been taken."""
    log = PostgresLog(writer_url)
    journal = Journal(log, utc_now, on_committed=on_committed)
    await log.found(organization, slice_of(organization), uuid4())
    head = await log.adopt(organization, slice_of(organization), OWNER, 1)
    assert head is not None, "the slices were not taken"
    host = OrganizationHost(head, journal, business, log, utc_now, new_event_id)
    tasks = [asyncio.create_task(journal.run()), asyncio.create_task(host.run())]
    try:
        yield host
    finally:
        for task in reversed(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await log.close()
