"""Who may read an organization's public events from NATS, as the database knows them."""

from collections.abc import Sequence

from consign.adapters.nats.accounts import Credential
from consign.adapters.postgres.identity_connections import IdentityConnections


class PostgresNatsCredentials:
    """Shares its connections with whatever else is kept there; raises IdentityUnavailable."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._rows = connections.rows

    async def grant(self, credential: Credential) -> None:
        """Let it count, unless a newer one of the integrator did: what is repeated late brings nothing back."""
        await self._rows("grant_nats_credentials", *credential)

    async def revoke(self, credential: Credential) -> None:
        """Let it and those before it count no longer."""
        await self._rows("revoke_nats_credentials", *credential)

    async def all(self) -> tuple[Sequence[Credential], Sequence[Credential]]:
        """Return those that count, and those that no longer do."""
        rows = await self._rows("nats_credentials")
        valid: list[Credential] = []
        revoked: list[Credential] = []
        for organization, integrator, serial, is_valid in rows:
            (valid if is_valid else revoked).append(Credential(organization, integrator, serial))
        return valid, revoked
