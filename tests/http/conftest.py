"""A whole service, shared by the tests of the HTTP surface; each test founds an organization of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from consign.domain.values import Role
from consign.local.servers import LocalServers, local_servers
from consign.service import running_service
from consign.service.process import Service
from consign.settings import FoundingSettings, IssuerSettings, Settings, SignInSettings
from tests.e2e.service_process import KEY_ENCRYPTION_KEY
from tests.support.challenges import ChallengeServer, challenge_server
from tests.support.issuer import AUDIENCE, CLIENT_ID, CLIENT_SECRET, PARTY, IssuerDouble, SigningKey, issuer_double
from tests.support.name_server import NameServer, name_server
from tests.support.servers import FAST, servers_directory
from tests.support.shop import Client, Shop

START_LIMIT_S = 30.0


class ServiceThread:
    """Runs a service on a loop of its own, so that tests with their own loops can share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self.service: Service | None = None
        self._thread = threading.Thread(target=self._run, name="service")

    def start(self) -> Service:
        self._thread.start()
        assert self._started.wait(START_LIMIT_S), "the service did not start"
        if self._failure is not None:
            raise self._failure
        assert self.service is not None
        return self.service

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_LIMIT_S)
        assert not self._thread.is_alive(), "the service did not stop"
        if self._failure is not None:
            raise self._failure

    async def done[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something where the service runs."""
        assert self._loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        async with running_service(self._settings) as self.service:
            self._started.set()
            await self._stop.wait()


@pytest.fixture(scope="session")
def service_servers(runner: asyncio.Runner) -> Iterator[LocalServers]:
    """Servers of the service's own: on shared ones it would answer for the owners of other tests."""
    with servers_directory() as directory:
        running = local_servers(directory, **FAST)
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


class Issuers(NamedTuple):
    """Whom the service believes; `neighbour` calls its key what `house` calls its own."""

    house: IssuerDouble
    neighbour: IssuerDouble
    clerk: IssuerDouble


CLERK_ORGANIZATION = "org_2Known"
CLERK_ORGANIZATION_SLUG = "known-to-clerk"
CLERK_ROLES: Mapping[str, tuple[Role, ...]] = {"org:admin": ("organizer",), "org:till": ("cashier", "volunteer")}
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="session")
def issuers() -> Iterator[Issuers]:
    with issuer_double() as house, issuer_double() as neighbour, issuer_double() as clerk:
        house.keys = [SigningKey("same"), SigningKey("rsa", algorithm="RS256")]
        neighbour.keys = [SigningKey("same")]
        clerk.keys = [SigningKey("ins_1", algorithm="RS256")]
        yield Issuers(house, neighbour, clerk)


@pytest.fixture(scope="session")
def challenges() -> Iterator[ChallengeServer]:
    with challenge_server() as server:
        yield server


@pytest.fixture(scope="session")
def names() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture(scope="session")
def service_thread(
    service_servers: LocalServers,
    tmp_path_factory: pytest.TempPathFactory,
    issuers: Issuers,
    challenges: ChallengeServer,
    names: NameServer,
) -> ServiceThread:
    """A service that is not started."""
    named = {CLERK_ORGANIZATION: CLERK_ORGANIZATION_SLUG}
    return ServiceThread(
        Settings(
            data_directory=tmp_path_factory.mktemp("service"),
            port=0,
            database_url=service_servers.postgres_url,
            nats_url=service_servers.nats_url,
            nats_public_url=service_servers.nats_public_url,
            key_encryption_key=KEY_ENCRYPTION_KEY,
            bench=True,
            base_domain="consign.test",
            challenges_at=f"127.0.0.1:{challenges.port}",
            dns_server=names.address,
            outbox_page=True,
            issuers=(
                IssuerSettings(
                    issuer=issuers.house.url,
                    kind="oidc",
                    audience=AUDIENCE,
                    sign_in=SignInSettings(
                        client_id=CLIENT_ID,
                        client_secret=CLIENT_SECRET,
                        authorization_endpoint=f"{issuers.house.url}/authorize",
                        token_endpoint=f"{issuers.house.url}/token",
                        trusts_addresses=True,
                    ),
                ),
                IssuerSettings(issuer=issuers.neighbour.url, kind="oidc", audience=AUDIENCE, azp=(PARTY,)),
                IssuerSettings(
                    issuer=issuers.clerk.url,
                    kind="clerk",
                    azp=(PARTY,),
                    organizations=named,
                    roles=CLERK_ROLES,
                    founding=FoundingSettings(currency="EUR"),
                    webhook_secrets=(WEBHOOK_SECRET,),
                ),
            ),
        )
    )


@pytest.fixture(scope="session")
def service(service_thread: ServiceThread) -> Iterator[Service]:
    """A running service."""
    yield service_thread.start()
    service_thread.stop()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    async with Client(service.url, service.identity) as client:
        yield client


@pytest.fixture
async def shop(client: Client) -> Shop:
    """A live sale of an organization of the test's own, with checked-in items and an open till."""
    return await Shop.opened(client)


@pytest.fixture
async def founded(client: Client) -> Client:
    """A client whose organization is there."""
    assert (await client.found()).status_code == 200
    return client


@pytest.fixture
async def other(service: Service) -> AsyncIterator[Client]:
    """A client of another organization."""
    async with Client(service.url, service.identity) as client:
        assert (await client.found()).status_code == 200
        yield client
