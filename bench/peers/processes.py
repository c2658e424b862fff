"""The peers as child processes that take a line "commands clients" and answer with commands per second."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.measure import Skipped

ROUND_LIMIT_S = 120.0
INSTALL_LIMIT_S = 180.0
_EMMETT = Path(__file__).parent / "emmett"
_EMMETT_FILES = ("package.json", "package-lock.json", ".npmrc", "notes.mjs")


class PeerFailed(Exception):
    """A peer's process ended before it answered."""


class Peer:
    """One running peer."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process

    async def run(self, commands: int, clients: int) -> float:
        """Return its commands per second; raises PeerFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{commands} {clients}\n".encode())
        async with asyncio.timeout(ROUND_LIMIT_S):
            line = await self._process.stdout.readline()
        if not line:
            raise PeerFailed(self.name)
        return float(line)


@asynccontextmanager
async def eventsourcing(database_url: str) -> AsyncIterator[Peer]:
    """Run `eventsourcing` over an empty database."""
    async with _running(
        "eventsourcing", [sys.executable, "-m", "bench.peers.eventsourcing_peer"], database_url
    ) as peer:
        yield peer


@asynccontextmanager
async def emmett(folder: Path, database_url: str) -> AsyncIterator[Peer]:
    """Run emmett, installed in `folder`, over an empty database."""
    async with _running("emmett", ["node", "notes.mjs"], database_url, folder) as peer:
        await peer.run(1, 1)  # its first command makes its tables, and many first ones at once would lock each other
        yield peer


async def installed_emmett(folder: Path) -> Skipped | None:
    """Install the pinned packages; return why that was not possible."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return Skipped("emmett", "node and npm are not there")
    _copy_emmett(folder)
    process = await asyncio.create_subprocess_exec(
        "npm", "ci", "--silent", cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(INSTALL_LIMIT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return Skipped("emmett", f"npm ci took more than {INSTALL_LIMIT_S:.0f} s")
    if process.returncode != 0:
        return Skipped("emmett", f"npm ci failed: {said.decode().strip()[-200:]}")
    return None


def _copy_emmett(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _EMMETT_FILES:
        shutil.copy(_EMMETT / name, folder / name)


@asynccontextmanager
async def _running(
    name: str, command: Sequence[str], database_url: str, folder: Path | None = None
) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "BENCH_DATABASE_URL": database_url},
    )
    try:
        yield Peer(name, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
