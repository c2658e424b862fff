"""Connections that note in whose role and from where each statement is sent, and can leave the filter out of it."""

import functools
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import asyncpg
import pytest

READER, WRITER = "consign_reader", "consign_writer"
FILTER = re.compile(r"(?:\w+\.)?organization_id = \$1(?!\d)")
ANYTHING = "$1::text IS NOT NULL"
FRAMES_MAX = 200


class Sent(NamedTuple):
    """A statement that was sent; `path` are the functions of the service that wait for it, the innermost first."""

    role: str
    sql: str
    path: tuple[str, ...]


class Watch:
    """What all watched connections share; `role_without_filter` is whose queries lose their own filter on request."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.role_without_filter = READER
        self.filtered = True
        self.unfiltered = 0

    @contextmanager
    def without_filter(self) -> Iterator[None]:
        """Leave `organization_id = $1` out of whatever is asked in that role."""
        self.filtered = False
        yield
        self.filtered = True

    def note(self, role: str, sql: str) -> str:
        """Note a statement and return the one to send in its place."""
        self.sent.append(Sent(role, sql, _path()))
        if self.filtered or role != self.role_without_filter:
            return sql
        changed, times = FILTER.subn(ANYTHING, sql)
        self.unfiltered += times
        return changed


def watch_connections(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Have every connection that is opened from here on watched."""
    watch = Watch()

    class Watched(asyncpg.Connection):
        def _noted(self, sql: str) -> str:
            return watch.note(self._params.user, sql)  # type: ignore[attr-defined] # the stubs leave it out

        async def execute(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().execute(self._noted(query), *args, **how)

        async def fetch(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetch(self._noted(query), *args, **how)

        async def fetchrow(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetchrow(self._noted(query), *args, **how)

        async def fetchval(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetchval(self._noted(query), *args, **how)

        async def prepare(self, query: str, **how: Any) -> Any:
            return await super().prepare(self._noted(query), **how)

        async def copy_records_to_table(self, table_name: str, **how: Any) -> Any:
            self._noted(f"COPY {table_name}")
            return await super().copy_records_to_table(table_name, **how)

    for name in ("connect", "create_pool"):
        monkeypatch.setattr(asyncpg, name, functools.partial(getattr(asyncpg, name), connection_class=Watched))
    return watch


def _path() -> tuple[str, ...]:
    """Return the functions of the service on the stack, as `module.qualified_name`."""
    found: list[str] = []
    frame = sys._getframe()
    for _ in range(FRAMES_MAX):
        module = frame.f_globals.get("__name__", "")
        if module.startswith("consign."):
            found.append(f"{module.removeprefix('consign.')}.{frame.f_code.co_qualname}")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return tuple(found)
