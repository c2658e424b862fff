"""The service, with one addition: each deletion of an account stands still at another step, as if the power went."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import structlog

from consign.adapters.mail.forgotten_readers import ForgottenReaders
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.vault import PostgresVault
from consign.http.identity.leaving import Leaving
from consign.http.identity.recording import PlatformFacts
from consign.identity.deletions import Deletions
from consign.identity.sessions import Sessions
from consign.service import serve
from consign.settings import settings_from


class Point(NamedTuple):
    """Before the call of this name, when it comes for the `time`th time in one deletion."""

    owner: type
    name: str
    time: int = 1


POINTS = (
    Point(ForgottenReaders, "forget"),
    Point(ForgottenReaders, "_forget"),
    Point(PostgresVault, "forget"),
    Point(PlatformFacts, "_record"),
    Point(Sessions, "end_all"),
    Point(PostgresIdentityStore, "delete_account"),
    Point(Leaving, "_submit", 1),
    Point(PostgresVault, "forget", 2),
    Point(Leaving, "_submit", 2),
    Point(Leaving, "_submit", 3),
    Point(PostgresIdentityStore, "deletion_done"),
)
"""Where the first deletion stands still, the second one, and so on."""

_log = structlog.get_logger(__name__)
_waits_for: ContextVar[list[Point]] = ContextVar("_waits_for")


def _halting(owner: type, name: str) -> None:
    step: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def halted(self: Any, *given: Any, **named: Any) -> Any:
        waits_for = _waits_for.get([])
        if waits_for and waits_for[-1][:2] == (owner, name):
            waits_for.pop()
            if not waits_for:
                _log.info("deletion_stands_still")
                await asyncio.Event().wait()
        return await step(self, *given, **named)

    setattr(owner, name, halted)


def _one_after_another(points: Iterator[Point]) -> None:
    begin: Callable[..., Awaitable[bool]] = Deletions.delete

    async def begun(self: Deletions, *given: Any, **named: Any) -> bool:
        point = next(points)
        _waits_for.set([point] * point.time)
        return await begin(self, *given, **named)

    setattr(Deletions, "delete", begun)  # noqa: B010 - what is replaced is typed


if __name__ == "__main__":
    for owner, name in {point[:2] for point in POINTS}:
        _halting(owner, name)
    _one_after_another(iter(POINTS))
    serve(settings_from())
