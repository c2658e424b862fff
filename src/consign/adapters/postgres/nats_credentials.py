"""Who may read an organization's public events from NATS, as the database knows them."""

from collections.abc import Sequence

import asyncpg

from consign.actors.ports import UnknownOrganization
from consign.adapters.nats.accounts import Credential
from consign.adapters.postgres.statements import statement

type Connection = asyncpg.Connection[asyncpg.Record]


async def issue(writer: Connection, organization_id: str, integrator: str) -> Credential:
    """Note a credential, the next one where the integrator had one; raises UnknownOrganization."""
    row = await writer.fetchrow(statement("nats_credentials", "issue"), organization_id, integrator)
    if row is None:
        raise UnknownOrganization(f"there is no organization {organization_id}")
    return Credential(*row)


async def revoke(writer: Connection, organization_id: str, integrator: str) -> bool:
    """Take a credential back; say whether there was one."""
    return await writer.fetchrow(statement("nats_credentials", "revoke"), organization_id, integrator) is not None


async def valid(writer: Connection) -> Sequence[Credential]:
    """Return every credential that counts."""
    return [Credential(*row) for row in await writer.fetch(statement("nats_credentials", "valid"))]
