"""The service as others run it: one or several operating-system processes over one Postgres and one NATS."""

import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from consign.local.child import Child
from consign.local.ports import held_port
from consign.local.servers import LocalServers
from tests.support.cluster import PASSWORDS, Database
from tests.support.eventually import eventually
from tests.support.servers import servers_directory

ROOT = Path(__file__).parents[2]
TOKEN_KEY = "a development key that only tests know of"
KEY_ENCRYPTION_KEY = "5e" * 32
READY_LIMIT_S = 30.0
NODE_TTL_S = 2.0

SERVE = ("-c", "from consign.cli import main; main()", "serve")
SERVE_WEDGEABLE = ("-m", "tests.e2e.wedgeable_service")
"""The same service; SIGUSR1 wedges its event loop for some seconds."""


def environment_of(database: Database, nats_url: str, nats_public_url: str) -> dict[str, str]:
    """Return what makes a process one of the service's over this database and NATS."""
    return {
        "CONSIGN_DATABASE_URL": database.url,
        "CONSIGN_NATS_URL": nats_url,
        "CONSIGN_NATS_PUBLIC_URL": nats_public_url,
        "CONSIGN_ROLE_PASSWORDS": ",".join(PASSWORDS),
        "CONSIGN_TOKEN_KEY": TOKEN_KEY,
        "CONSIGN_KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
        "CONSIGN_NODE_TTL_S": str(NODE_TTL_S),
        "CONSIGN_LOG_REQUESTS": "0",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


class ServiceProcess:
    """One process. It keeps its port and its node over restarts, and ends with the tests whatever happens."""

    def __init__(
        self, name: str, environment: Mapping[str, str], directory: Path, *, program: Sequence[str] = SERVE
    ) -> None:
        self.name = name
        self.node_id: UUID = uuid4()
        self._held = ExitStack()
        self.port = self._held.enter_context(held_port())
        self.log = directory / f"{name}.log"
        self._program = program
        self._environment = {
            **environment,
            "CONSIGN_NODE_ID": str(self.node_id),
            "CONSIGN_PORT": str(self.port),
            "CONSIGN_DATA_DIRECTORY": str(directory / name),
        }
        self._child: Child | None = None
        self._frozen = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def _running(self) -> Child:
        assert self._child is not None, f"{self.name} is not running"
        return self._child

    def launch(self) -> None:
        """Start the process without waiting for it."""
        assert self._child is None
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        command = ["/usr/bin/env", *settings, sys.executable, *self._program]
        self._child = Child(self.name, command, log=self.log, user=None, end_signal=signal.SIGKILL)

    async def start(self) -> None:
        """Start the process and return once it serves."""
        self.launch()
        await self.serving()

    async def serving(self, within_s: float = READY_LIMIT_S) -> None:
        """Wait until every part of the process is ready."""
        async with httpx.AsyncClient(base_url=self.url, timeout=2.0, trust_env=False, verify=False) as client:

            async def is_ready() -> bool:
                assert self._running.alive, f"{self.name} ended:\n{self._running.log_tail()}"
                try:
                    return (await client.get("/ready")).status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            await eventually(is_ready, within_s=within_s)

    def send(self, wanted: signal.Signals) -> None:
        self._running.send(wanted)

    async def kill(self) -> None:
        """End the process at once, as a power cut would."""
        child, self._child = self._running, None
        await child.stop()

    async def stop(self) -> int:
        """Ask the process to end and return its exit code."""
        child, self._child = self._running, None
        child.send(signal.SIGTERM)
        await eventually(lambda: not child.alive, within_s=READY_LIMIT_S)
        code = child._process.returncode
        assert code is not None
        return code

    def freeze(self) -> None:
        self._running.send(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        self._running.send(signal.SIGCONT)
        self._frozen = False

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.alive

    async def close(self) -> None:
        if self._child is not None:
            await self.kill()
        self._held.close()


class Site:
    """The servers, and the processes of the service over them."""

    def __init__(self, database: Database, nats_url: str, nats_public_url: str, directory: Path) -> None:
        self.database = database
        self.nats_url = nats_url
        self.nats_public_url = nats_public_url
        self.directory = directory
        self.processes: list[ServiceProcess] = []

    def process(self, *, program: Sequence[str] = SERVE, **settings: str) -> ServiceProcess:
        """Return a further process, not started yet; settings by their names in the environment."""
        environment = environment_of(self.database, self.nats_url, self.nats_public_url)
        environment.update({f"CONSIGN_{name.upper()}": value for name, value in settings.items()})
        name = f"service-{len(self.processes) + 1}"
        process = ServiceProcess(name, environment, self.directory, program=program)
        self.processes.append(process)
        return process

    async def started(self, *, program: Sequence[str] = SERVE, **settings: str) -> ServiceProcess:
        process = self.process(program=program, **settings)
        await process.start()
        return process

    @property
    def urls(self) -> list[str]:
        return [process.url for process in self.processes]

    def log_lines(self) -> list[str]:
        """Return what all processes have logged."""
        logs = [process.log.read_text(errors="replace") for process in self.processes if process.log.exists()]
        return [line for log in logs for line in log.splitlines()]


@asynccontextmanager
async def site(database: Database, nats_url: str, nats_public_url: str) -> AsyncIterator[Site]:
    """Lend a site; its processes end with it. What they logged is shown where a test fails."""
    with servers_directory() as directory:
        running = Site(database, nats_url, nats_public_url, directory)
        try:
            yield running
        except BaseException:
            for process in running.processes:
                if process.log.exists():
                    sys.stderr.write(f"--- {process.name}\n{process.log.read_text(errors='replace')[-400000:]}\n")
            raise
        finally:
            for process in running.processes:
                await process.close()


@asynccontextmanager
async def private_site(servers: LocalServers, database: Database) -> AsyncIterator[Site]:
    """Lend a site over servers that the test may stop."""
    async with site(database, servers.nats_url, servers.nats_public_url) as running:
        yield running


def random_seed() -> int:
    """Return the seed to search by: the one in CONSIGN_SEED, or any."""
    return int(os.environ.get("CONSIGN_SEED", "0")) or secrets.randbelow(2**32) + 1
