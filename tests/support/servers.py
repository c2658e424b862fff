"""Servers for tests: embedded ones in a directory of their own, or those that the environment names."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import nats
from nats.js.errors import NotFoundError

from consign.local.servers import LocalServers, local_servers

# None of it changes what a test can observe: tests merely use less memory and do not wait for initdb to sync.
FAST: dict[str, Any] = {"postgres_settings": {"shared_buffers": "64MB"}, "sync_initdb": False}


@contextmanager
def servers_directory() -> Iterator[Path]:
    """Lend a directory that the servers' user can reach; pytest's own are closed to everybody else."""
    directory = Path(tempfile.mkdtemp(prefix="consign-test-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@asynccontextmanager
async def private_servers(**options: Any) -> AsyncIterator[LocalServers]:
    """Run a pair of servers that a test may stop, kill and wipe."""
    with servers_directory() as directory:
        async with local_servers(directory, **{**FAST, **options}) as servers:
            yield servers


async def delete_streams(*urls: str) -> None:
    """Leave JetStream empty in each of the accounts."""
    for url in urls:
        client = await nats.connect(url, connect_timeout=5)
        try:
            jetstream = client.jetstream()
            for stream in await jetstream.streams_info():
                name = stream.config.name
                assert name is not None
                try:
                    await jetstream.delete_stream(name)
                except NotFoundError:
                    continue  # a service that is still ending deleted it in the same moment
        finally:
            await client.close()


def other_postgres_programs() -> dict[str, Path]:
    """Find the Postgres servers that this machine has besides the embedded one, by major version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("postgres")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    found: dict[str, Path] = {}
    for folder in folders:
        if not (folder / "postgres").exists() or not (folder / "initdb").exists():
            continue
        answer = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
        version = re.search(r"(\d+)", answer)
        if version is not None and int(version[1]) >= 15:
            found.setdefault(version[1], folder)
    return found
