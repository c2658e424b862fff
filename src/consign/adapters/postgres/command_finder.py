"""The look-up of commands that were accepted before: one statement for all organizations that ask at the same time.

Every organization asks before each of its turns. One after another they would wait for each other's round trips, so
whoever asks while a look-up is under way joins the round that follows it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncpg

from consign.actors.ports import CommandKey, CommandRecord, LogUnavailable
from consign.adapters.postgres.failures import CONNECTION_LOST, NOT_DONE_TRY_AGAIN
from consign.adapters.postgres.statements import statement

ROUND_KEYS_MAX = 2000

type Found = Mapping[CommandKey, CommandRecord]


class _CutOff(Exception):
    """Whoever carried the round out was cancelled; the others ask again."""


class _Round:
    """The keys of all that ask together, and what is found."""

    def __init__(self) -> None:
        self.keys: list[CommandKey] = []
        self.found: asyncio.Future[Found] = asyncio.get_running_loop().create_future()


class CommandFinder:
    """Owns one connection, which `connect` opens on first use and again after it was lost."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], timeout_s: float) -> None:
        self._connect = connect
        self._timeout_s = timeout_s
        self._connection: asyncpg.Connection | None = None
        self._asking = asyncio.Lock()
        self._next: _Round | None = None

    def close(self) -> None:
        """Close the connection; a look-up under way fails."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def find(self, keys: Sequence[CommandKey]) -> Found:
        """Return the records of those commands that were accepted before; raises LogUnavailable.

        The statement begins after this call: what was durable before it is found.
        """
        while True:
            try:
                found = await self._in_a_round(keys)
            except _CutOff:
                continue
            return {key: found[key] for key in keys if key in found} if found else found

    async def _in_a_round(self, keys: Sequence[CommandKey]) -> Found:
        joined = self._next
        if joined is not None and len(joined.keys) + len(keys) <= ROUND_KEYS_MAX:
            joined.keys.extend(keys)
            return await asyncio.shield(joined.found)
        begun = self._next = _Round()
        begun.keys.extend(keys)
        try:
            async with self._asking:
                self._begin(begun)
                found = await self._ask(begun.keys)
        except BaseException as error:
            self._begin(begun)
            begun.found.set_exception(error if isinstance(error, LogUnavailable) else _CutOff())
            begun.found.exception()  # nobody else may have joined, and then nobody else wants to know
            raise
        begun.found.set_result(found)
        return found

    def _begin(self, begun: _Round) -> None:
        """Let nobody join any more."""
        if self._next is begun:
            self._next = None

    async def _ask(self, keys: Sequence[CommandKey]) -> Found:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            rows = await self._connection.fetch(
                statement("log", "find_commands"),
                [key.command_id for key in keys],
                [key.organization_id for key in keys],
                [key.account_id for key in keys],
                timeout=self._timeout_s,
            )
        except (*CONNECTION_LOST, *NOT_DONE_TRY_AGAIN) as error:
            self.close()
            raise LogUnavailable(str(error)) from error
        except asyncio.CancelledError:
            self.close()  # using it again would wait for the answer that nobody wants any more
            raise
        return {(key := CommandKey(row[0], row[1], row[2])): CommandRecord(key, row[3], row[4], row[5]) for row in rows}
