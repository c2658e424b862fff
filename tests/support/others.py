"""Whether long work lets others have a turn, told by a task that counts its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Others:
    """`turns` counts how often the others were let in."""

    turns = 0


@asynccontextmanager
async def others() -> AsyncIterator[Others]:
    """Run the others beside the work for as long as the context is open."""
    counted = Others()

    async def take_turns() -> None:
        while True:
            await asyncio.sleep(0)
            counted.turns += 1

    task = asyncio.create_task(take_turns())
    await asyncio.sleep(0)
    try:
        yield counted
    finally:
        task.cancel()
        await asyncio.wait([task])
