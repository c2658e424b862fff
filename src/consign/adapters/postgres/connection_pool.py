"""A pool of connections that is opened on first use and outlives the death of each of them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import asyncpg

from consign.actors.ports import LogError, LogUnavailable
from consign.adapters.postgres.failures import ANY_FAILURE

STATEMENTS_CACHED_MAX = 1000
STATEMENT_CACHED_MAX_BYTES = 256 * 1024
"""The step of a runner over many tables is one statement of some 25 kB. Above the driver's own limit of 15 kB it was
parsed and planned anew each time: 20 ms a step instead of 5 (measured with steps of a dozen events)."""

type LentConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]


class ConnectionPool:
    """At most `connections_max` connections of one role; no step on one takes longer than `timeout_s`.

    Whoever borrows a connection leaves its session as it was, so that lending it costs no round trip to reset it.
    `unavailable` are the errors that say nothing of the statement and all of the database: they become LogUnavailable.
    """

    def __init__(
        self,
        url: str,
        *,
        connections_max: int,
        timeout_s: float,
        settings: Mapping[str, str],
        statements_cached_max: int = STATEMENTS_CACHED_MAX,
        unavailable: tuple[type[Exception], ...] = ANY_FAILURE,
    ) -> None:
        self._url = url
        self._connections_max = connections_max
        self._timeout_s = timeout_s
        self._settings = dict(settings)
        self._statements_cached_max = statements_cached_max
        self._unavailable = unavailable
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections, whatever they are doing."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[LentConnection]:
        """Lend a connection; raises LogUnavailable.

        After any error that is not merely an answer of ours the connection is dropped: the driver may not have noticed
        yet that it is gone, and giving it back in the middle of a statement would wait for a server that may be stuck.
        """
        try:
            async with (self._pool or await self._opened()).acquire(timeout=self._timeout_s) as connection:
                try:
                    yield connection
                except BaseException as error:
                    if not isinstance(error, LogError) or isinstance(error, LogUnavailable):
                        _drop(connection)
                    raise
        except self._unavailable as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=self._connections_max,
                    command_timeout=self._timeout_s,
                    server_settings=self._settings,
                    statement_cache_size=self._statements_cached_max,
                    max_cacheable_statement_size=STATEMENT_CACHED_MAX_BYTES,
                    reset=_keep_session,
                )
            return self._pool


def _drop(connection: LentConnection) -> None:
    """Close a lent connection at once; the pool opens another one when it needs it."""
    with suppress(asyncpg.InterfaceError):  # the pool has noticed its end already and taken it back
        connection.terminate()


async def _keep_session(_: asyncpg.Connection) -> None:
    """Nothing here changes a session."""
