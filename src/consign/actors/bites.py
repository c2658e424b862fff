"""Long work in bites, so that an import, a fold or a snapshot never holds the loop that serves the tills for long.

Work that may wait calls `pause` behind each of its parts. Pure work, which knows of no loop, is a generator that yields
between its parts, and `bitten` carries it out.
"""

import asyncio
import time
from collections.abc import Generator

PARTS_MAX = 200
SLICES_MAX = 10
HELD_MAX_S = 0.002
"""So long may one bite take: a scan beside an import waits for some ten of them, of whatever else is under way."""


class Bites:
    """One piece of long work: the others have their turn after so many parts, or sooner when the parts take long."""

    __slots__ = ("_began_s", "_parts", "_parts_max")

    def __init__(self, parts_max: int = PARTS_MAX) -> None:
        self._parts_max = parts_max
        self._parts = 0
        self._began_s = time.perf_counter()

    async def pause(self) -> None:
        """Note that a part is done, and let the others in if that makes a bite."""
        self._parts += 1
        if self._parts >= self._parts_max or time.perf_counter() - self._began_s >= HELD_MAX_S:
            await asyncio.sleep(0)
            self._parts = 0
            self._began_s = time.perf_counter()


async def bitten[Result](work: Generator[None, None, Result]) -> Result:
    """Carry the work out, slice by slice, to its result; whatever it raises is raised."""
    bites = Bites(SLICES_MAX)
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
        await bites.pause()
