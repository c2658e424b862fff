"""Commands to their owners within one process, for tests and simulations."""

import asyncio
from collections.abc import Collection

from consign.actors.gateway import Answer, NoAnswer, NobodyServes, TransportDown


class MemoryBroker:
    """What the transports of several nodes share; `down` cuts all of them off."""

    def __init__(self) -> None:
        self.served: dict[tuple[int, int], Answer] = {}
        self.down = False


class MemoryCommandTransport:
    """Fulfils `consign.actors.gateway.CommandTransport`, one for each node on a broker."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._epochs: dict[int, int] = {}

    async def request(self, slice_number: int, epoch: int, payload: bytes, timeout_s: float) -> bytes:
        """Ask the owner; raises TransportDown, NobodyServes and NoAnswer."""
        if self._broker.down:
            raise TransportDown("down by request")
        answer = self._broker.served.get((slice_number, epoch))
        if answer is None:
            raise NobodyServes(f"{slice_number}.{epoch}")
        try:
            async with asyncio.timeout(timeout_s):
                return await answer(payload)
        except TimeoutError:
            raise NoAnswer(f"{slice_number}.{epoch}") from None

    async def serve(self, slice_number: int, epoch: int, answer: Answer) -> None:
        """Answer under this epoch, instead of any earlier one."""
        await self.withdraw([slice_number])
        self._epochs[slice_number] = epoch
        self._broker.served[slice_number, epoch] = answer

    async def withdraw(self, slices: Collection[int]) -> None:
        """Serve these slices no more."""
        for slice_number in slices:
            epoch = self._epochs.pop(slice_number, None)
            if epoch is not None:
                del self._broker.served[slice_number, epoch]
