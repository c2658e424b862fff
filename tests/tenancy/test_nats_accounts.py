"""Integrators on a real NATS server: what their credentials reach is their own organization's public events."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import nats
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client as Nats

from consign.actors.ownership import slice_of
from consign.adapters.nats.accounts import API_PREFIX, Credential, rendered
from consign.adapters.nats.public_stream import STREAM
from consign.adapters.postgres.addresses import addresses_of
from consign.adapters.postgres.log import PostgresLog
from consign.local.servers import LocalServers, local_servers
from consign.service.places import prepare
from tests.support.command_line import consign
from tests.support.eventually import eventually
from tests.support.servers import FAST, servers_directory

ORGANIZATIONS = ("acme", "other")


class Integrators(NamedTuple):
    directory: Path
    servers: LocalServers
    passwords: Mapping[str, str]

    async def command(self, organization: str, integrator: str, *more: str) -> dict[str, str]:
        """Run the command; return what it says, by the first word of each line."""
        where = ("--data-directory", self.directory, "-o", organization)
        done = await asyncio.to_thread(consign, "integrator", *where, integrator, *more)
        assert done.returncode == 0, done.stderr
        return {name: rest.split()[0] for name, _, rest in (each.partition(" ") for each in done.stdout.splitlines())}

    @asynccontextmanager
    async def connected(self, user: str, password: str | None = None) -> AsyncIterator["Connected"]:
        """Lend a connection with these credentials."""
        errors: list[str] = []

        async def note(error: Exception) -> None:
            errors.append(str(error).lower())

        client = Nats()
        try:
            await client.connect(
                f"nats://127.0.0.1:{self.servers.nats.port}",
                user=user,
                password=password or self.passwords[user],
                error_cb=note,
                allow_reconnect=False,
                connect_timeout=5,
            )
            yield Connected(client, errors)
        finally:
            await client.close()


class Connected(NamedTuple):
    client: Nats
    errors: list[str]

    async def tries(self, *, to_hear: Iterable[str], to_say: Iterable[str]) -> None:
        """Subscribe to these subjects and publish to those, whatever the server says to it."""
        for subject in to_hear:
            await self.client.subscribe(subject)
        for subject in to_say:
            await self.client.publish(subject, b"{}")
        await self.client.flush(timeout=5)

    def refused(self) -> set[str]:
        """Return the subjects that the server refused so far, in small letters as the driver tells of them."""
        return {
            found[1] for each in self.errors if (found := re.search(r'permissions violation for .* to "(.*?)"', each))
        }


@pytest.fixture
async def integrators() -> AsyncIterator[Integrators]:
    """Two organizations, an integrator each, and three public events each in the stream."""
    with servers_directory() as directory:
        async with local_servers(directory, **FAST) as servers:
            database = addresses_of(servers.postgres_url)
            await prepare(database)
            log = PostgresLog(database.writer)
            for organization in ORGANIZATIONS:
                await log.found(organization, slice_of(organization), uuid4())
            await log.close()
            given = Integrators(directory, servers, {})
            said = [await given.command(organization, "shop") for organization in ORGANIZATIONS]
            publisher = await nats.connect(servers.nats_public_url)
            for organization in ORGANIZATIONS:
                for number in range(3):
                    await publisher.jetstream().publish(f"consign.v1.{organization}.sale.{number}.Held", b"{}")
            await publisher.close()
            yield given._replace(passwords={each["user"]: each["password"] for each in said})


async def test_an_integrator_reads_and_acknowledges_its_own_events(integrators: Integrators) -> None:
    for organization in ORGANIZATIONS:
        user = f"{organization}_shop"
        async with integrators.connected(user) as connected:
            reading = await connected.client.jetstream(prefix=API_PREFIX).pull_subscribe_bind(user, STREAM)
            messages = await reading.fetch(10, timeout=5)
            assert [each.subject for each in messages] == [f"consign.v1.{organization}.sale.{n}.Held" for n in range(3)]
            for each in messages:
                await each.ack_sync()
            standing = await reading.consumer_info()
            assert (standing.num_pending, standing.num_ack_pending) == (0, 0)
            assert connected.errors == []


async def test_an_integrator_hears_its_own_events_as_they_come_and_no_others(integrators: Integrators) -> None:
    publisher = await nats.connect(integrators.servers.nats_public_url)
    async with integrators.connected("acme_shop") as connected:
        own = await connected.client.subscribe("consign.v1.acme.>")
        await connected.client.flush()
        for organization in ("other", "acme"):
            await publisher.publish(f"consign.v1.{organization}.sale.1.Held", b"{}")
        assert (await own.next_msg(timeout=5)).subject == "consign.v1.acme.sale.1.Held"
        assert own.pending_msgs == 0
    await publisher.close()


OTHERS_CONSUMER = f"{STREAM}.other_shop"
OUT_OF_REACH_TO_HEAR = (
    *(">", "*", "consign.>", "consign.v1.>", "consign.*.acme.>", "consign.v1.*.>", "consign.v1.other.>"),
    *("consignlog.>", "consigncmd.>", "consignlog.0.acme", "$JS.>", "$JS.API.>", "$SYS.>", "_R_.>"),
    *("$JS.ACK.>", "$JS.EVENT.>", f"$JS.ACK.{OTHERS_CONSUMER}.>"),
)
OUT_OF_REACH_TO_SAY = (
    *("consign.v1.acme.sale.1.Held", "consign.v1.other.sale.1.Held", "consignlog.0.acme", "consigncmd.0.1", "anything"),
    *("$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO", "_INBOX.somebody"),
    *(f"$JS.ACK.{OTHERS_CONSUMER}.1.1.1.1.0", f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.acme_shop"),
    *(
        f"{prefix}.{request}"
        for prefix in ("$JS.API", API_PREFIX)
        for request in (
            *("INFO", "STREAM.NAMES", "STREAM.LIST", f"STREAM.INFO.{STREAM}", "STREAM.INFO.CONSIGN_LOG"),
            *("STREAM.CREATE.MINE", f"STREAM.UPDATE.{STREAM}", f"STREAM.DELETE.{STREAM}", f"STREAM.PURGE.{STREAM}"),
            *(f"STREAM.MSG.GET.{STREAM}", f"STREAM.MSG.DELETE.{STREAM}", f"DIRECT.GET.{STREAM}"),
            *(f"DIRECT.GET.{STREAM}.consign.v1.other.>", f"CONSUMER.NAMES.{STREAM}", f"CONSUMER.LIST.{STREAM}"),
            *(f"CONSUMER.CREATE.{STREAM}.mine.consign.v1.other.>", f"CONSUMER.CREATE.{STREAM}.acme_shop"),
            *(f"CONSUMER.CREATE.{STREAM}.acme_shop.consign.v1.>", f"CONSUMER.DURABLE.CREATE.{STREAM}.mine"),
            *(f"CONSUMER.CREATE.{OTHERS_CONSUMER}.consign.v1.acme.>", f"CONSUMER.DELETE.{OTHERS_CONSUMER}"),
            *(f"CONSUMER.INFO.{OTHERS_CONSUMER}", f"CONSUMER.MSG.NEXT.{OTHERS_CONSUMER}"),
        )
    ),
)


async def test_nothing_else_is_reached(integrators: Integrators) -> None:
    own = ("consign.v1.acme.>", f"{API_PREFIX}.CONSUMER.INFO.{STREAM}.acme_shop")
    async with integrators.connected("acme_shop") as connected:
        await connected.tries(to_hear=own[:1], to_say=own[1:])
        await connected.tries(to_hear=OUT_OF_REACH_TO_HEAR, to_say=OUT_OF_REACH_TO_SAY)
        wanted = {each.lower() for each in (*OUT_OF_REACH_TO_HEAR, *OUT_OF_REACH_TO_SAY)}
        await eventually(lambda: wanted <= connected.refused())
        assert connected.refused() == wanted


async def test_new_credentials_end_the_ones_before_and_revoked_ones_end(integrators: Integrators) -> None:
    before = integrators.passwords["acme_shop"]
    renewed = await integrators.command("acme", "shop")
    assert renewed["password"] != before
    async with integrators.connected("acme_shop", renewed["password"]):
        with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
            await _connect(integrators, "acme_shop", before)
    await integrators.command("acme", "shop", "--revoke")
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await _connect(integrators, "acme_shop", renewed["password"])
    async with integrators.connected("other_shop") as other:
        assert await other.client.jetstream(prefix=API_PREFIX).consumer_info(STREAM, "other_shop")


async def _connect(integrators: Integrators, user: str, password: str) -> None:
    async with integrators.connected(user, password):
        pass


def test_a_name_that_could_reach_further_is_not_rendered() -> None:
    for organization, integrator in (("acme", "a.b"), ("acme", "a_b"), ("acme", ">"), ("a*", "shop"), ("acme", 'x"')):
        with pytest.raises(ValueError, match="name"):
            rendered([Credential(organization, integrator, 1)], bytes(32))
