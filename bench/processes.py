"""The processes of a benchmark over HTTP: the service under test, and the load beside it."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from bench.load import Outcome, Plan
from consign.adapters.crypto.signing_keys import SigningKeys
from consign.http.identity.development import DevelopmentIdentity
from consign.identity.access_tokens import AccessTokens
from consign.settings import Settings

TOKEN_KEY = "a key that guards nothing but a benchmark"  # noqa: S105 - it does not
KEY_ENCRYPTION_KEY = "be" * 32
RATE_LIMITS = '{"commands_per_account": {"per_s": 1000000, "burst": 1000000}}'
"""One account stands for all cashiers: its requests are counted like any other's, and never too many."""
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
ROUND_LIMIT_S = 120.0
ACCESS_LIFETIME_S = 24 * 3600
_LINE_MAX_BYTES = 64 * 1024 * 1024


class ServiceFailed(Exception):
    """The service ended before it listened."""

    def __init__(self, log: Path) -> None:
        super().__init__(log.read_text()[-4000:])


class Served(Struct, frozen=True):
    """A running service: where it listens, as which process, and how long it took to get there."""

    host: str
    port: int
    pid: int
    started_in_s: float


class Load:
    """The process that sends requests."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, plan: Plan) -> Outcome:
        """Carry a plan out in the other process; a refused request is a defect of the benchmark."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(ROUND_LIMIT_S):
            line = await self._process.stdout.readline()
        outcome = msgspec.json.decode(line, type=Outcome)
        assert not outcome.refused, outcome.refused
        return outcome


@asynccontextmanager
async def load() -> AsyncIterator[Load]:
    """Run the load's process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_MAX_BYTES,
    )
    try:
        yield Load(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await _ended(process)


@asynccontextmanager
async def service(data_directory: Path, **settings: str) -> AsyncIterator[Served]:
    """Run a service with these settings; its log lines go to a file in its data directory."""
    keys = {"token_key": TOKEN_KEY, "key_encryption_key": KEY_ENCRYPTION_KEY}
    given = {"port": "0", "rate_limits": RATE_LIMITS, **keys, "data_directory": str(data_directory), **settings}
    environment = {**os.environ, **{f"CONSIGN_{name.upper()}": value for name, value in given.items()}}
    with _log_file(data_directory) as log:
        began_s = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.serving", stdout=asyncio.subprocess.PIPE, stderr=log, env=environment
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(START_LIMIT_S):
                line = await process.stdout.readline()
            if not line:
                raise ServiceFailed(data_directory / "service.log")
            started_in_s = time.perf_counter() - began_s
            host, _, port = line.decode().strip().removeprefix("http://").rpartition(":")
            yield Served(host, int(port), process.pid, started_in_s)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await _ended(process)


def token(organization: str) -> str:
    """Return a token that may do everything in the organization, and make it."""
    roles = {organization: ("organizer", "cashier", "volunteer", "auditor"), "platform": ("operator",)}
    return DevelopmentIdentity(TOKEN_KEY.encode()).issue("bench", roles)


def access_token(account: str) -> str:
    """Return a token as signing in gives it, of which memberships say what it may do; good for the whole benchmark."""
    signer = SigningKeys(bytes.fromhex(KEY_ENCRYPTION_KEY))
    return AccessTokens(Settings().public_url, signer).issue(account, lifetime_s=ACCESS_LIFETIME_S)


def _log_file(data_directory: Path) -> BinaryIO:
    data_directory.mkdir(exist_ok=True)
    return (data_directory / "service.log").open("ab")


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
