"""Nodes and slices in Postgres; the database's clock decides who lives."""

import os
import socket
from collections.abc import Collection, Mapping

import msgspec

from consign.actors.ownership import Identity, OwnershipUnavailable, OwnershipView, SliceRow
from consign.adapters.postgres.ownership_connection import BookkeepingConnection
from consign.adapters.postgres.statements import statement

STORE_TIMEOUT_S = 4.0
BEAT_TIMEOUT_S = 1.5


class PostgresSliceStore:
    """Fulfils `consign.actors.ownership.SliceStore`; `url` names the writer's role."""

    def __init__(self, url: str) -> None:
        self._postgres = BookkeepingConnection(
            url, name="consign-ownership", timeout_s=STORE_TIMEOUT_S, unavailable=OwnershipUnavailable
        )

    async def view(self) -> OwnershipView:
        """Return the slices and the live nodes. The nodes are read first: a claim judges by its own reading anyway."""
        async with self._postgres.use() as connection:
            nodes = await connection.fetch(statement("ownership", "live_nodes"))
            slices = await connection.fetch(statement("ownership", "view"))
        return OwnershipView(
            slices=[
                SliceRow(row[0], row[1], None if row[2] is None else Identity(row[2], row[3]), row[4]) for row in slices
            ],
            nodes=frozenset(row[0] for row in nodes),
        )

    async def claim(self, me: Identity, rows: Collection[SliceRow]) -> Mapping[int, int]:
        """Take what is still as seen and without a live owner; return it with its new epochs."""
        async with self._postgres.use() as connection:
            taken = await connection.fetch(
                statement("ownership", "claim"),
                me.node_id,
                me.incarnation,
                [row.slice_number for row in rows],
                [row.epoch for row in rows],
            )
        return {row[0]: row[1] for row in taken}

    async def release(self, me: Identity, slices: Collection[int]) -> None:
        """Leave slices to whoever claims them."""
        async with self._postgres.use() as connection:
            await connection.execute(statement("ownership", "release"), me.node_id, me.incarnation, list(slices))

    async def leave(self, me: Identity) -> None:
        """Release everything and forget this node, in one transaction."""
        async with self._postgres.use() as connection, connection.transaction():
            await connection.execute(statement("ownership", "release_all"), me.node_id, me.incarnation)
            await connection.execute(statement("ownership", "forget_node"), me.node_id, me.incarnation)

    async def close(self) -> None:
        """Close the connection."""
        self._postgres.terminate()


class PostgresHeartbeat:
    """Fulfils `consign.actors.ownership.Heartbeat`; belongs to the loop that first uses it."""

    def __init__(self, url: str) -> None:
        self._postgres = BookkeepingConnection(
            url, name="consign-heartbeat", timeout_s=BEAT_TIMEOUT_S, unavailable=OwnershipUnavailable
        )
        self._info = msgspec.json.encode({"host": socket.gethostname(), "pid": os.getpid()}).decode()

    async def join(self, me: Identity, ttl_s: float) -> None:
        """Become this node's live incarnation, superseding any other."""
        async with self._postgres.use() as connection:
            await connection.execute(statement("ownership", "forget_nodes"))
            await connection.execute(statement("ownership", "join"), me.node_id, me.incarnation, ttl_s, self._info)

    async def beat(self, me: Identity, ttl_s: float) -> bool:
        """Live for another `ttl_s`; False: superseded."""
        async with self._postgres.use() as connection:
            row = await connection.fetchrow(
                statement("ownership", "beat"), me.node_id, me.incarnation, ttl_s, self._info
            )
        return row is not None

    async def close(self) -> None:
        """Close the connection."""
        self._postgres.terminate()
