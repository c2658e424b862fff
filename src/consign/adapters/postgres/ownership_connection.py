"""One connection for small statements, opened on first use and again after it was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from consign.adapters.postgres.failures import CONNECTION_LOST


class BookkeepingConnection:
    """A connection of one role that serves one caller at a time; bounded by `timeout_s` in every step.

    Raises `unavailable` for every failure of Postgres or of the way to it. What was sent may then have been done.
    """

    def __init__(self, url: str, *, name: str, timeout_s: float, unavailable: type[Exception]) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._unavailable = unavailable
        timeout_ms = str(int(timeout_s * 1000))
        self._settings = {
            "application_name": name,
            "search_path": "consign,pg_catalog",
            "timezone": "UTC",
            "statement_timeout": timeout_ms,
            "lock_timeout": timeout_ms,
            "idle_in_transaction_session_timeout": timeout_ms,
            "tcp_user_timeout": timeout_ms,
            "jit": "off",
        }
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend the connection."""
        async with self._lock:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(
                        self._url,
                        server_settings=self._settings,
                        timeout=self._timeout_s,
                        command_timeout=self._timeout_s,
                    )
                yield self._connection
            except CONNECTION_LOST as error:
                self.terminate()
                raise self._unavailable(repr(error)) from error
            except asyncpg.PostgresError as error:
                raise self._unavailable(repr(error)) from error
            except asyncio.CancelledError:
                self.terminate()
                raise

    def terminate(self) -> None:
        """Drop the connection without ceremony; the next use opens another."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
