"""Waiting for a condition with a limit."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, overload

_PAUSE_S = 0.01


@overload
async def eventually[Result](condition: Callable[[], Awaitable[Result]], *, within_s: float = 30.0) -> Result: ...
@overload
async def eventually[Result](condition: Callable[[], Result], *, within_s: float = 30.0) -> Result: ...
async def eventually(condition: Callable[[], Any], *, within_s: float = 30.0) -> Any:
    """Return what `condition` (plain or async) yields once it is true; fail when it stays false for `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        result = await found if inspect.isawaitable(found) else found
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within_s} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(_PAUSE_S)
