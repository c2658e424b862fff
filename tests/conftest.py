"""Fixtures that everybody shares: real servers, one database a test, an empty JetStream a test."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings

from consign.local.servers import LocalServers, local_servers
from tests.support.cluster import Cluster, Database
from tests.support.servers import FAST, delete_streams, other_postgres_programs, private_servers, servers_directory

settings.register_profile("dev", max_examples=50, deadline=None, print_blob=True)
settings.register_profile(
    "ci", max_examples=200, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

OTHER_POSTGRES = other_postgres_programs()


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """A loop for the shared servers; the tests' own loops come and go."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


def _run_servers(runner: asyncio.Runner, programs: Path | None = None) -> Iterator[LocalServers]:
    with servers_directory() as directory:
        running = local_servers(directory, postgres_programs=programs, **FAST)
        servers = runner.run(running.__aenter__())
        yield servers
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def servers(runner: asyncio.Runner) -> Iterator[LocalServers]:
    """The embedded servers that tests share: not to be stopped."""
    yield from _run_servers(runner)


@pytest.fixture(scope="session")
def cluster(runner: asyncio.Runner, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    url = os.environ.get("CONSIGN_TEST_DATABASE_URL") or request.getfixturevalue("servers").postgres_url
    cluster = Cluster(url, runner)
    yield cluster
    cluster.close()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A migrated database of the test's own."""
    with cluster.database() as database:
        yield database


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[Database]:
    """A database without any migration."""
    with cluster.empty_database() as database:
        yield database


@pytest.fixture(scope="session")
def cluster_named(runner: asyncio.Runner, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Cluster]]:
    """Lend a cluster by name: `embedded`, or one of OTHER_POSTGRES, each started once."""
    started: dict[str, Cluster] = {}
    with ExitStack() as stack:

        def named(name: str) -> Cluster:
            if name == "embedded":
                return cast("Cluster", request.getfixturevalue("cluster"))
            if name not in started:
                running = _run_servers(runner, OTHER_POSTGRES[name])
                servers = next(running)
                stack.callback(next, running, None)
                started[name] = Cluster(servers.postgres_url, runner)
            return started[name]

        yield named


@pytest.fixture(scope="session", params=["embedded", *OTHER_POSTGRES])
def every_cluster(cluster_named: Callable[[str], Cluster], request: pytest.FixtureRequest) -> Cluster:
    """The cluster of each Postgres that this machine has: the embedded one and installed ones since the minimum."""
    return cluster_named(request.param)


@pytest.fixture
def every_database(every_cluster: Cluster) -> Iterator[Database]:
    """Like `database`, once on each Postgres that this machine has."""
    with every_cluster.database() as database:
        yield database


@pytest.fixture
def nats_urls(runner: asyncio.Runner, request: pytest.FixtureRequest) -> tuple[str, str]:
    """The internal and the public account, both without any stream."""
    url = os.environ.get("CONSIGN_TEST_NATS_URL") or request.getfixturevalue("servers").nats_url
    public_url = os.environ.get("CONSIGN_TEST_NATS_PUBLIC_URL") or (
        url if "CONSIGN_TEST_NATS_URL" in os.environ else request.getfixturevalue("servers").nats_public_url
    )
    runner.run(delete_streams(url, public_url))
    return url, public_url


@pytest.fixture
def nats_url(nats_urls: tuple[str, str]) -> str:
    """The account for the platform's own traffic, without any stream."""
    return nats_urls[0]


@pytest.fixture
def nats_public_url(nats_urls: tuple[str, str]) -> str:
    """The account for integrators, without any stream."""
    return nats_urls[1]


@pytest.fixture
async def own_servers() -> AsyncIterator[LocalServers]:
    """Servers that this test may stop, kill and wipe."""
    async with private_servers() as servers:
        yield servers
