"""A log whose appends can be held back, lost before or after they took effect, or answered as unavailable."""

import asyncio
from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from typing import Any

from consign.actors.ports import AppendRefused, Head, Log, LogUnavailable, OrganizationAppend, OutcomeUnknown


class Fault(Enum):
    """What happens to the next append."""

    NONE = auto()
    UNAVAILABLE = auto()
    LOST_BEFORE = auto()
    """The connection breaks and nothing was written."""
    LOST_AFTER = auto()
    """The batch is durable and its answer is swallowed."""
    LATE = auto()
    """The connection breaks; the old backend tries to commit later, once the head was looked at again."""
    FENCED = auto()
    """Another process takes every organization of the batch over just before."""
    REFUSED = auto()


class FaultyLog:
    """Passes everything to `inner` except appends, which suffer `faults` in turn and then go well."""

    def __init__(self, inner: Log) -> None:
        self.inner = inner
        self.faults: deque[Fault] = deque()
        self.appends: list[Sequence[OrganizationAppend]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = asyncio.Event()
        self._late: list[Sequence[OrganizationAppend]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def append(self, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
        self.waiting.set()
        await self.open.wait()
        self.appends.append(batch)
        match self.faults.popleft() if self.faults else Fault.NONE:
            case Fault.NONE:
                return await self.inner.append(batch)
            case Fault.UNAVAILABLE:
                raise LogUnavailable("down")
            case Fault.LOST_BEFORE:
                raise OutcomeUnknown("connection lost")
            case Fault.LOST_AFTER:
                await self.inner.append(batch)
                raise OutcomeUnknown("connection lost")
            case Fault.LATE:
                self._late.append(batch)
                raise OutcomeUnknown("connection lost")
            case Fault.FENCED:
                for share in batch:
                    head = await self.inner.head(share.organization_id)
                    assert head is not None
                    await self.inner.raise_epoch(head)
                return await self.inner.append(batch)
            case Fault.REFUSED:
                raise AppendRefused("bad row")

    async def raise_epoch(self, head: Head) -> Head | None:
        raised = await self.inner.raise_epoch(head)
        for batch in self._late:
            held = await self.inner.append(batch)
            assert head.organization_id not in held, "the fence let a late commit through"
        self._late.clear()
        return raised
