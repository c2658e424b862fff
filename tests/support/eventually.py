"""Waiting for a condition with a limit."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

_PAUSE_S = 0.01


async def eventually[Result](
    condition: Callable[[], Result] | Callable[[], Awaitable[Result]], *, within_s: float = 10.0
) -> Result:
    """Return what `condition` (plain or async) yields once it is true; fail when it stays false for `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        result: Result = await found if inspect.isawaitable(found) else found
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within_s} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(_PAUSE_S)
