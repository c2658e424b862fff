"""What failures of the driver and of the server mean."""

import asyncpg

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver raises on a connection whose server died a moment ago
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
)
"""The connection is gone, or the server behind it; what was sent may have been done all the same."""

NOT_DONE_TRY_AGAIN = (
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.CannotConnectNowError,
)
"""The server said no for a reason that passes; nothing was done."""

ANY_FAILURE = (asyncpg.PostgresError, *CONNECTION_LOST)
