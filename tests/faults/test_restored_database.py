"""A database set back to an earlier moment: nothing goes on from what no longer happened; everything can be mended."""

import asyncio
import os
import random
import sys

import httpx
import pytest

from consign.actors.ports import Head
from consign.adapters.nats.public_stream import STREAM as PUBLIC_STREAM
from consign.local.servers import LocalServers
from consign.projections.public_events import PUBLIC_EVENTS
from consign.projections.registry import PROJECTIONS
from tests.e2e.answers import Answers, Caller
from tests.e2e.live_sale import organizer
from tests.e2e.proof import check_published, connected, prove
from tests.e2e.selling import ACME, selling
from tests.e2e.service_process import Site, environment_of, private_site
from tests.e2e.stored import administer, read_model, read_stored
from tests.e2e.till import Till
from tests.support.cluster import Database, create_database
from tests.support.eventually import eventually

pytestmark = pytest.mark.fault


async def consign(site: Site, *arguments: str, **environment: str) -> str:
    """Run a command of the command line over the site's servers."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from consign.cli import main; main()", *arguments),
        env={**os.environ, **environment_of(site.database, site.nats_url, site.nats_public_url), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def copied(servers: LocalServers, database: Database) -> Database:
    """Return a backup of the database, which nobody is connected to."""
    copy = Database(database.url + "_backup")
    await administer(Database(servers.postgres_url), f"CREATE DATABASE {copy.name} TEMPLATE {database.name}")
    return copy


async def statuses(site: Site) -> set[str]:
    found = [await read_model(site.database, ACME, projection) for projection in PROJECTIONS]
    return {shown.status for shown in found if shown is not None}


async def read_models_stand_still(site: Site, caller: Caller, path: str) -> None:
    """Nothing is shown of the new history by what was made from the old one; whoever waits is told so."""
    await eventually(lambda: _statuses_are(site, {"forked"}))
    head = (await read_stored(site.database, ACME)).head
    response = await caller.once("GET", path, headers={"X-Consign-After": str(head.position)})
    assert (response.status_code, response.json()["reason"]) == (503, "projection_stopped")


async def _statuses_are(site: Site, wanted: set[str]) -> bool:
    return await statuses(site) == wanted


async def old_answers_are_not_called_current(caller: Caller, path: str, entity_tag: str) -> None:
    conditional = await caller.once("GET", path, headers={"If-None-Match": entity_tag})
    assert conditional.status_code == httpx.codes.OK
    assert conditional.headers["ETag"] != entity_tag


async def screens_of_before_are_told_anew(caller: Caller, path: str, old: Head, now: Head) -> None:
    """A screen that saw more of the old history than the new one has is told where things stand now."""
    headers = {"Last-Event-ID": f"{old.log_id}:{old.position + 1000}"}
    async with asyncio.timeout(20), caller.stream(f"{path}/live?read_models=receipts", headers) as lines:
        async for line in lines:
            if line.startswith("id: "):
                assert line == f"id: {now.log_id}:{now.position}"
                return


async def test_a_restored_log_goes_on_under_a_new_identity(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    answers = Answers()
    async with private_site(own_servers, database) as running:
        service = await running.started()
        async with selling(running, tills=2) as load:
            await load.grow(40)
        assert await service.stop() == 0
        backup = await copied(own_servers, database)
        kept = list(load.answers.heard)
        await service.start()
        path = f"{load.sale.path}/receipts"
        async with organizer(running.urls, ACME, answers, random.Random(1)) as caller:
            tag_before = (await caller.query(path)).headers["ETag"]
        lost = Till("L1", load.sale, running.urls, answers, 1)
        async with lost.caller:
            await lost.open()
            await lost.sell(load.sale.kept_back[0])
        old = await prove(running, ACME, [*kept, *answers.heard])

    async with private_site(own_servers, backup) as running:
        assert "acme" in await consign(running, "renew")
        await running.started()
        restored = await read_stored(backup, ACME)
        assert restored.head.log_id != old.head.log_id
        assert restored.head.position < old.head.position

        again = Answers()
        till = Till("L1", load.sale, running.urls, again, 2)
        async with till.caller, organizer(running.urls, ACME, again, random.Random(2)) as caller:
            await till.open()
            await till.sell(load.sale.kept_back[0])
            await read_models_stand_still(running, caller, path)
            await consign(running, "rebuild")
            assert await statuses(running) == {"running"}
            await old_answers_are_not_called_current(caller, path, tag_before)
            head = (await read_stored(backup, ACME)).head
            await screens_of_before_are_told_anew(caller, load.sale.path, old.head, head)
            await till.close()
        await prove(running, ACME, [*kept, *again.heard])


async def public_messages(site: Site) -> list[tuple[int, str]]:
    """Return count and log of every public event in the stream, in its order."""
    found: list[tuple[int, str]] = []
    async with connected(site.nats_public_url) as connection:
        stream = connection.client().jetstream()
        for sequence in range(1, (await stream.stream_info(PUBLIC_STREAM)).state.last_seq + 1):
            headers = (await stream.get_msg(PUBLIC_STREAM, sequence)).headers or {}
            found.append((int(headers["ce-publicposition"]), headers["Nats-Msg-Id"].partition(":")[0]))
    return found


async def test_after_a_restore_integrators_hear_nothing_until_somebody_says_so(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        service = await running.started()
        async with selling(running, tills=2) as load:
            await load.grow(40)
        await check_published(running, ACME)
        assert await service.stop() == 0
        before = await public_messages(running)

        await consign(running, "renew", "-o", ACME)
        await consign(running, "rebuild", "-o", ACME)
        await service.start()
        answers = Answers()
        till = Till("L1", load.sale, running.urls, answers, 1)
        async with till.caller:
            await till.open()
            await till.sell(load.sale.kept_back[0])
            await eventually(lambda: any("publisher halted" in line for line in running.log_lines()))
            assert await public_messages(running) == before
            assert await service.stop() == 0

            assert "acme" in await consign(running, "renew", "-o", ACME, "--resume-publishing")
            await consign(running, "rebuild", "-o", ACME)
            await service.start()
            await till.sell(load.sale.kept_back[1])
            log_id = str((await read_stored(database, ACME)).head.log_id)
            shown = await eventually(lambda: whole_public_events(running))
            assert shown is not None
            await eventually(lambda: _published_up_to(running, shown))
            await till.close()
        since = (await public_messages(running))[len(before) :]
    assert [count for count, _ in since[: shown - len(before)]] == list(range(len(before) + 1, shown + 1))
    assert {log for _, log in since} == {log_id}


async def whole_public_events(site: Site) -> int | None:
    """Return how many public events there are, once their read model has reached the end of the log."""
    head = (await read_stored(site.database, ACME)).head
    shown = await read_model(site.database, ACME, PUBLIC_EVENTS)
    return len(shown.tables["events"]) if shown is not None and shown.checkpoint == head.position else None


async def _published_up_to(site: Site, count: int) -> bool:
    return (await public_messages(site))[-1][0] >= count
