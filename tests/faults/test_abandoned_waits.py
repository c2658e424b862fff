"""Whoever stops waiting for an answer takes nothing away from the others who wait for the same one."""

import asyncio
from uuid import uuid4

import pytest

from consign.actors.ports import Accepted, Unavailable
from consign.adapters.memory.log import MemoryLog
from tests.support.engine import engine
from tests.support.eventually import eventually
from tests.support.faulty_log import FaultyLog
from tests.support.toy_business import Add

pytestmark = pytest.mark.fault

LIMIT_S = 5.0


@pytest.mark.parametrize("retry_came", ["before", "after"])
async def test_a_retry_is_answered_although_the_first_asker_went_away(retry_came: str) -> None:
    log, key = FaultyLog(MemoryLog()), uuid4()
    async with engine(log) as running:
        host = await running.adopt("acme")
        log.open.clear()
        first = asyncio.create_task(running.submit("acme", Add("a", 1), key=key))
        await log.waiting.wait()
        if retry_came == "after":
            first.cancel()
            await asyncio.wait({first})
        retry = asyncio.create_task(running.submit("acme", Add("a", 1), key=key))
        await asyncio.sleep(0)
        await eventually(lambda: not host._mailbox and not host._turning)
        first.cancel()
        await asyncio.wait({first})
        reply = await asyncio.wait_for(retry, LIMIT_S)
        assert isinstance(reply, Unavailable), "the batch is not durable yet: it may only be told to ask again"
        log.open.set()
        again = await asyncio.wait_for(running.submit("acme", Add("a", 1), key=key), LIMIT_S)
        assert again == Accepted(1, b'{"total":1}', repeated=True)
