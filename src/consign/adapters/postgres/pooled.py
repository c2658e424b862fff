"""Connections that a pool has lent."""

import contextlib

import asyncpg


def drop(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> None:
    """Close a lent connection at once; the pool opens another one when it needs it.

    For whoever was cut off in the middle of a statement: giving the connection back would wait until the server has
    cancelled the statement, which a server that is stuck never does.
    """
    with contextlib.suppress(asyncpg.InterfaceError):  # the pool has noticed its end already and taken it back
        connection.terminate()
