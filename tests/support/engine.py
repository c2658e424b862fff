"""The engine without ownership: a log, a journal and a host for each organization, over the toy business."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
from uuid_utils.compat import uuid7

from consign.actors.host import HostLimits, OrganizationHost
from consign.actors.journal import Journal, JournalLimits
from consign.actors.ports import Business, Committed, Issued, Log, Reply
from consign.service.owning import utc_now
from tests.support.toy_business import ToyBusiness

NODE = UUID(int=7)


def issued(organization: str, command: Any, *, key: UUID | None = None, account: str = "till-1") -> Issued:
    command_id = key or uuid4()
    return Issued(
        organization,
        command_id,
        account,
        "cashier",
        hashlib.sha256(msgspec.json.encode(command)).digest(),
        command,
        command_id,
        command_id,
    )


class Engine:
    """Hosts are adopted by hand: `await engine.adopt("acme")`, then `await engine.submit("acme", command)`."""

    def __init__(self, log: Log, tasks: asyncio.TaskGroup, business: Business, limits: HostLimits | None) -> None:
        self.log = log
        self.committed: list[Committed] = []
        self.journal = Journal(
            log,
            utc_now,
            on_committed=self.committed.extend,
            limits=JournalLimits(retry_delay_s=0.01, retry_delay_max_s=0.05, retry_for_s=5.0),
        )
        self.hosts: dict[str, OrganizationHost] = {}
        self._tasks = tasks
        self._business = business
        self._limits = limits
        self.running = [tasks.create_task(self.journal.run())]

    async def adopt(self, organization: str) -> OrganizationHost:
        await self.log.found(organization, 0, uuid4())
        head = await self.log.adopt(organization, 0, NODE, 1)
        assert head is not None
        host = OrganizationHost(head, self.journal, self._business, self.log, utc_now, uuid7, limits=self._limits)
        self.hosts[organization] = host
        self.running.append(self._tasks.create_task(host.run()))
        return host

    async def submit(self, organization: str, command: Any, *, key: UUID | None = None, **who: str) -> Reply:
        return await self.hosts[organization].submit(issued(organization, command, key=key, **who))


@asynccontextmanager
async def engine(
    log: Log, *, business: Business | None = None, limits: HostLimits | None = None
) -> AsyncIterator[Engine]:
    async with asyncio.TaskGroup() as tasks:
        running = Engine(log, tasks, business or ToyBusiness(), limits)
        try:
            yield running
        finally:
            for task in running.running:
                task.cancel()
