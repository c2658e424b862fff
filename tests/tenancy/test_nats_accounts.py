"""Integrators on a real NATS server: what credentials made over HTTP reach is their organization's public events."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nats
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client as Nats

from consign.adapters.nats.accounts import API_PREFIX, Credential, rendered
from consign.adapters.nats.public_stream import STREAM
from consign.local.place import servers_home
from consign.local.servers import LocalServers, local_servers
from consign.local.user import server_user
from consign.service.process import Service
from consign.settings import Settings
from tests.http.conftest import ServiceThread
from tests.support.command_line import consign
from tests.support.eventually import eventually
from tests.support.servers import FAST, servers_directory
from tests.support.shop import SETTINGS, Client, new_id, problem

RELOADING = Path(__file__).parents[2] / "deploy" / "nats-reload.sh"
SALES = 3
SERVED_LIMIT_S = 60.0
PUBLISHED = SALES + 1
"""The sales, and that the organization was founded."""


class Installation(NamedTuple):
    """A service, and a NATS server that is told to reload as one of somebody's own is."""

    service: Service
    servers: LocalServers


@pytest.fixture(scope="module")
def installation(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with servers_directory() as directory:
        running = local_servers(directory, **FAST)
        servers = runner.run(running.__aenter__())
        accounts = servers_home(directory, server_user()) / "nats"
        accounts.chmod(0o2770)  # what is written there belongs to the server's group
        settings = Settings(
            data_directory=tmp_path_factory.mktemp("service"),
            port=0,
            log_level="error",
            database_url=servers.postgres_url,
            nats_url=servers.nats_url,
            nats_public_url=servers.nats_public_url,
            nats_accounts_directory=accounts,
        )
        thread = ServiceThread(settings)
        with subprocess.Popen(["sh", RELOADING, accounts, str(servers.nats.pid)]) as reloading:
            yield Installation(thread.start(), servers)
            thread.stop()
            reloading.terminate()
        runner.run(running.__aexit__(None, None, None))


class Login(NamedTuple):
    user: str
    password: str


class Integrator(NamedTuple):
    """An organization with some public events, and the credentials of its shop."""

    client: Client
    servers: LocalServers
    login: Login

    @property
    def organization(self) -> str:
        return self.client.organization

    async def issued(self, integrator: str) -> Login:
        """Return new credentials, once the server serves them."""
        login = await issued(self.client, integrator)
        await eventually(lambda: self.is_served(login), within_s=SERVED_LIMIT_S)
        return login

    async def is_served(self, login: Login) -> bool:
        try:
            async with self.connected(login) as connected:
                await connected.client.jetstream(prefix=API_PREFIX).consumer_info(STREAM, login.user, timeout=1)
        except (nats.errors.Error, nats.js.errors.Error, OSError):
            return False
        return True

    @asynccontextmanager
    async def connected(self, login: Login | None = None) -> AsyncIterator["Connected"]:
        """Lend a connection with these credentials, or the integrator's own."""
        user, password = login or self.login
        errors: list[str] = []

        async def note(error: Exception) -> None:
            errors.append(str(error).lower())

        client = Nats()
        try:
            await client.connect(
                f"nats://127.0.0.1:{self.servers.nats.port}",
                user=user,
                password=password,
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


async def issued(client: Client, integrator: str = "shop", **how: Any) -> Login:
    said = await client.done(f"/nats-credentials/{integrator}/issue", **how)
    return Login(said["user"], said["password"])


class Made(NamedTuple):
    """An organization, and its shop's credentials."""

    organization: str
    login: Login


async def made(installation: Installation) -> Made:
    async with Client(installation.service.url, installation.service.identity) as client:
        assert (await client.found()).status_code == 200
        for _ in range(SALES):
            await client.done(f"/sales/{new_id()}/plan", {"name": "Spring", "settings": SETTINGS})
        login = await issued(client)
        integrator = Integrator(client, installation.servers, login)
        await eventually(lambda: integrator.is_served(login), within_s=SERVED_LIMIT_S)
        return Made(client.organization, login)


@pytest.fixture(scope="module")
def both(runner: asyncio.Runner, installation: Installation) -> tuple[Made, Made]:
    async def at_once() -> tuple[Made, Made]:
        async with asyncio.TaskGroup() as tasks:
            each = [tasks.create_task(made(installation)) for _ in range(2)]
        return each[0].result(), each[1].result()

    return runner.run(at_once())


@asynccontextmanager
async def integrating(installation: Installation, made: Made) -> AsyncIterator[Integrator]:
    async with Client(installation.service.url, installation.service.identity) as client:
        client.organization = made.organization
        client.token = client.token_of("anna", {made.organization: ("organizer", "auditor")})
        yield Integrator(client, installation.servers, made.login)


@pytest.fixture
async def acme(installation: Installation, both: tuple[Made, Made]) -> AsyncIterator[Integrator]:
    async with integrating(installation, both[0]) as integrator:
        yield integrator


@pytest.fixture
async def other(installation: Installation, both: tuple[Made, Made]) -> AsyncIterator[Integrator]:
    async with integrating(installation, both[1]) as integrator:
        yield integrator


async def test_an_integrator_reads_and_acknowledges_its_own_events(acme: Integrator, other: Integrator) -> None:
    for each in (acme, other):
        async with each.connected() as connected:
            reading = await connected.client.jetstream(prefix=API_PREFIX).pull_subscribe_bind(each.login.user, STREAM)
            messages = list(await reading.fetch(1, timeout=SERVED_LIMIT_S))
            while len(messages) < PUBLISHED or (await reading.consumer_info()).num_pending:
                messages += await reading.fetch(1, timeout=SERVED_LIMIT_S)
            assert {message.subject.split(".")[2] for message in messages} == {each.organization}
            for message in messages:
                await message.ack_sync()
            standing = await reading.consumer_info()
            assert (standing.num_pending, standing.num_ack_pending) == (0, 0)
            assert connected.errors == []


async def test_an_integrator_hears_its_own_events_as_they_come_and_no_others(
    acme: Integrator, other: Integrator
) -> None:
    publisher = await nats.connect(acme.servers.nats_public_url)
    subjects = [f"consign.v1.{each.organization}.sale.1.Held" for each in (other, acme)]
    async with acme.connected() as connected:
        own = await connected.client.subscribe(f"consign.v1.{acme.organization}.>")
        await connected.client.flush()

        async def is_heard() -> bool:
            # What comes while the server reads its accounts again is heard by nobody: the stream has it.
            for subject in subjects:
                await publisher.publish(subject, b"{}")
            await publisher.flush()
            return own.pending_msgs > 0

        await eventually(is_heard, within_s=SERVED_LIMIT_S)
        heard = {(await own.next_msg(timeout=5)).subject for _ in range(own.pending_msgs)}
        assert heard == {f"consign.v1.{acme.organization}.sale.1.Held"}
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


def about(subjects: Iterable[str], acme: Integrator, other: Integrator) -> tuple[str, ...]:
    """Put the names of two organizations in the place of those that the lists above speak of."""
    names = {"acme": acme.organization, "other": other.organization}
    return tuple(re.sub("acme|other", lambda found: names[found[0]], each) for each in subjects)


async def test_nothing_else_is_reached(acme: Integrator, other: Integrator) -> None:
    to_hear, to_say = about(OUT_OF_REACH_TO_HEAR, acme, other), about(OUT_OF_REACH_TO_SAY, acme, other)
    own = (f"consign.v1.{acme.organization}.>", f"{API_PREFIX}.CONSUMER.INFO.{STREAM}.{acme.login.user}")
    async with acme.connected() as connected:
        await connected.tries(to_hear=own[:1], to_say=own[1:])
        await connected.tries(to_hear=to_hear, to_say=to_say)
        wanted = {each.lower() for each in (*to_hear, *to_say)}
        await eventually(lambda: wanted <= connected.refused())
        assert connected.refused() == wanted


async def test_new_credentials_end_the_ones_before_and_revoked_ones_are_cut_off(
    acme: Integrator, other: Integrator
) -> None:
    before = await acme.issued("renewed")
    async with acme.connected(before) as connected:
        renewed = await acme.issued("renewed")
        assert renewed.password != before.password
        await eventually(lambda: connected.client.is_closed, within_s=SERVED_LIMIT_S)
    assert not await acme.is_served(before)
    async with acme.connected(renewed) as connected:
        await acme.client.done("/nats-credentials/renewed/revoke")
        await eventually(lambda: connected.client.is_closed, within_s=SERVED_LIMIT_S)
    assert not await acme.is_served(renewed)
    await eventually(lambda: other.is_served(other.login), within_s=SERVED_LIMIT_S)


async def test_credentials_are_shown_to_whoever_makes_them_and_are_in_no_event_and_no_list(acme: Integrator) -> None:
    client, key = acme.client, new_id()
    said = await client.done("/nats-credentials/web-shop/issue", key=key)
    login = Login(said["user"], said["password"])
    assert await issued(client, "web-shop", key=key) == login
    listed = (await client.get("/nats-credentials", after_position=said["position"])).json()["items"]
    rows = {row["integrator"]: (row["status"], row["serial"]) for row in listed}
    assert rows.items() >= {("shop", ("issued", 1)), ("web-shop", ("issued", 1))}
    told = await client.get(f"/history/streams/organization-{acme.organization}/events")
    assert "web-shop" in told.text
    for text in (str(listed), told.text):
        assert login.password not in text
        assert acme.login.password not in text


async def test_repeating_a_command_late_brings_back_nothing_that_ended_since(acme: Integrator) -> None:
    client, first, revoking = acme.client, new_id(), new_id()
    old = await issued(client, "kiosk", key=first)
    await client.done("/nats-credentials/kiosk/revoke", key=revoking)
    assert await issued(client, "kiosk", key=first) == old
    new = await issued(client, "kiosk")
    await client.done("/nats-credentials/kiosk/revoke", key=revoking)
    await eventually(lambda: acme.is_served(new), within_s=SERVED_LIMIT_S)
    assert not await acme.is_served(old)


async def test_only_organizers_give_credentials_and_only_those_of_their_own(
    acme: Integrator, other: Integrator
) -> None:
    client = acme.client
    integrator = client.token_of("ines", {client.organization: ("integrator", "cashier", "auditor")})
    problem(await client.post("/nats-credentials/mine/issue", token=integrator), 403, "forbidden")
    stranger = client.token_of("ines", {other.organization: ("organizer",)})
    problem(await client.post("/nats-credentials/mine/issue", token=stranger), 404, "unknown_organization")
    for name in ("a_b", "a.b", "*", "Shop"):
        problem(await client.post(f"/nats-credentials/{name}/issue"), 404, "unknown_integrator")


async def test_the_command_line_gives_and_takes_them_too(acme: Integrator) -> None:
    where = ("--url", acme.client.http.base_url, "--token", acme.client.token, "-o", acme.organization)
    given = await asyncio.to_thread(consign, "integrator", *map(str, where), "terminal")
    assert given.returncode == 0, given.stderr
    said = {name: rest.split()[0] for name, _, rest in (line.partition(" ") for line in given.stdout.splitlines())}
    login = Login(said["user"], said["password"])
    await eventually(lambda: acme.is_served(login), within_s=SERVED_LIMIT_S)
    taken = await asyncio.to_thread(consign, "integrator", *map(str, where), "terminal", "--revoke")
    assert taken.returncode == 0, taken.stderr


def test_a_name_that_could_reach_further_is_not_rendered() -> None:
    for organization, integrator in (("acme", "a.b"), ("acme", "a_b"), ("acme", ">"), ("a*", "shop"), ("acme", 'x"')):
        with pytest.raises(ValueError, match="name"):
            rendered([Credential(organization, integrator, 1)], bytes(32))
