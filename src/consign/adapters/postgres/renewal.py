"""Renewing the identity of restored logs, so that nothing goes on from what no longer happened.

A log that was set back to an earlier moment goes on under a new `log_id`. Whatever was made from the events that are
gone (read models, the copy in JetStream, snapshots, ETags, ids of live streams) then no longer fits and is stopped,
dropped or built anew, instead of being continued with another history.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from consign.adapters.postgres.statements import statement

type Connection = asyncpg.Connection[asyncpg.Record]


class RenewedLog(NamedTuple):
    """A log under its new identity; it ends at `position`."""

    organization_id: str
    before: UUID
    log_id: UUID
    position: int


async def renew_logs(writer: Connection, organizations: Sequence[str] = ()) -> Sequence[RenewedLog]:
    """Give logs a new identity, all of them unless some are named, at once; fences whoever still writes to them.

    `writer` is a connection of the writer's role.
    """
    rows = await writer.fetch(statement("restore", "renew_logs"), list(organizations))
    return sorted(RenewedLog(*row) for row in rows)


async def resume_publishing(projector: Connection, organizations: Sequence[str] = ()) -> Sequence[str]:
    """Have public events published under the new identity, behind what the restored database knows as published.

    Without it publishing stops, until somebody has judged what subscribers know of the events that are gone. Returns
    the organizations it concerned. `projector` is a connection of the projector's role.
    """
    rows = await projector.fetch(statement("restore", "resume_publishing"), list(organizations))
    return sorted(row["organization_id"] for row in rows)
