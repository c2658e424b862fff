"""PINs in tables that only the role `consign_identity` reaches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from consign.adapters.postgres.identity_connections import IdentityConnections, Row
from consign.adapters.postgres.statements import statement
from consign.identity.limits import TooManyTries
from consign.identity.pin_store import KeptPin
from consign.identity.pin_tries import Subjects, Tries, counted, taken_back


class PostgresPinStore:
    """Shares its connections with whatever else is kept there; whoever made them closes them."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._connections = connections

    async def keep_pin(
        self, organization: str, account: str, version: int, verifier_sealed: bytes | None, now: datetime
    ) -> Collection[UUID]:
        """Put a PIN in the place of an older one."""
        rows = await self._connections.rows("keep_pin", organization, account, version, verifier_sealed, now)
        return [UUID(int=row["session_id"].int) for row in rows]

    async def pins_of(self, organization: str, accounts: Sequence[str]) -> Mapping[str, KeptPin]:
        """Return what there is."""
        rows = await self._connections.rows("pins_of", organization, list(accounts))
        return {row["account_id"]: KeptPin(row["version"], row["verifier_sealed"]) for row in rows}

    async def begin_try(self, organization: str, subjects: Subjects, now: datetime) -> int:
        """Count a try; the rows' locks let tries come one after another, in whichever process."""
        await self._connections.rows("make_tries", organization, list(subjects.free), now)
        early: TooManyTries | None = None
        tries: Sequence[tuple[str, Tries]] = ()
        async with self._connections.transaction() as connection:
            rows = await connection.fetch(statement("identity", "hold_tries"), organization, list(subjects.free))
            try:
                tries = [_with_one_more(row, subjects, now) for row in rows]
            except TooManyTries as error:
                early = error  # told once the connection is given back: it would be dropped for an error
            else:
                rows_of = [(organization, subject, each.times, each.again_at) for subject, each in tries]
                await connection.executemany(statement("identity", "set_tries"), rows_of)
        if early is not None:
            raise early
        return dict(tries)[subjects.pair].times

    async def succeeded(self, organization: str, subjects: Subjects, now: datetime) -> None:
        """Take it back."""
        async with self._connections.transaction() as connection:
            rows = await connection.fetch(statement("identity", "hold_tries"), organization, list(subjects.free))
            for row in rows:
                left = taken_back(Tries(row["times"], row["again_at"]), now)
                times = 0 if row["subject"] == subjects.pair else left.times
                await connection.execute(
                    statement("identity", "set_tries"), organization, row["subject"], times, left.again_at
                )


def _with_one_more(row: Row, subjects: Subjects, now: datetime) -> tuple[str, Tries]:
    subject: str = row["subject"]
    return subject, counted(Tries(row["times"], row["again_at"]), subjects.free[subject], now)
