"""The embedded Postgres: initdb, start, stop, kill, on loopback TCP with a password."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from consign.local.binaries import postgres_major
from consign.local.child import Child, stop_stranger
from consign.local.errors import OtherPostgresVersionError, ServerStartError, ServerStopError
from consign.local.place import own
from consign.local.state import write_private
from consign.local.user import ServerUser

_ON_LINUX: bool = sys.platform == "linux"
SUPERUSER = "postgres"

type StopMode = Literal["smart", "fast", "immediate"]

_START_LIMIT_S = 60.0  # crash recovery after a kill may replay much log
_STOP_LIMIT_S = 15.0
_MODES: Mapping[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}
_BUILTIN_LOCALE_SINCE = 17
_LEFTOVERS_LIMIT_S = 10.0
_LEFTOVERS = ("pre-existing shared memory block", "could not bind")

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path longer than 107 bytes would break the socket
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "min_wal_size": "1GB",  # recycled segments take the checkpoint's tail away from commits
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",  # short statements: compiling costs more than it gains
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "autovacuum_naptime": "15s",  # fresh statistics soon after a bulk import
}


class EmbeddedPostgres:
    """One Postgres over one directory; the port stays the same over restarts."""

    def __init__(
        self,
        *,
        home: Path,
        programs: Path,
        password: str,
        user: ServerUser | None,
        port: int,
        settings: Mapping[str, str] | None = None,
        sync_initdb: bool = True,
    ) -> None:
        self._home = home
        self._data = home / "postgres"
        self._log = home / "logs" / "postgres.log"
        self._programs = programs
        self._password = password
        self._user = user
        self._settings = {**SETTINGS, **(settings or {})}
        self._sync_initdb = sync_initdb
        self._port = port
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{self._port}/postgres"

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int:
        assert self._child is not None, "Postgres is not running"
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.alive

    async def start(self) -> None:
        """Create the cluster if there is none, stop a postmaster left over from an earlier run, and start.

        Returns when connections are accepted. Raises ServerStartError or OtherPostgresVersionError.
        """
        if self.running:
            return
        self._check_version()
        if not self._data.exists():
            await asyncio.to_thread(self._initdb)
        await self._stop_leftover()
        deadline = time.monotonic() + _LEFTOVERS_LIMIT_S
        while True:
            try:
                await self._launch()
            except ServerStartError as error:
                # Backends of a killed postmaster need a moment to notice and let the memory and the port go.
                if not any(sign in error.log_tail for sign in _LEFTOVERS) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def _launch(self) -> None:
        options = {**self._settings, "port": str(self._port)}
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        child = Child("Postgres", command, log=self._log, user=self._user, end_signal=signal.SIGINT)
        try:
            await child.ready(self._accepts_connections, limit_s=_START_LIMIT_S)
        except BaseException:
            if child.alive:
                await child.stop((signal.SIGQUIT, 5.0))
            raise
        self._child = child

    def _accepts_connections(self) -> bool:
        """Read what the postmaster itself says, as pg_ctl does: connecting early would only fill its log."""
        lines = self._pid_file_lines()
        status_line = 8
        return len(lines) >= status_line and lines[status_line - 1].strip() == "ready"

    async def stop(self, mode: StopMode = "fast") -> None:
        """Stop in the given mode; after a limit harder, so that this always ends."""
        if self._child is None:
            return
        child, self._child = self._child, None
        await child.stop((_MODES[mode], _STOP_LIMIT_S), (signal.SIGQUIT, 5.0))

    async def kill(self) -> None:
        """End the postmaster and all its backends at once, as a power cut would, memory of the disk aside."""
        if self._child is None:
            return
        child, self._child = self._child, None
        backends = _children_of(child.pid)
        await child.stop()
        for pid in backends:
            stop_stranger(pid, signal.SIGKILL)

    def _check_version(self) -> None:
        try:
            found = (self._data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return
        ours = postgres_major(self._programs)
        if found != ours:
            raise OtherPostgresVersionError(self._data, found, ours)

    def _initdb(self) -> None:
        """Create the cluster beside its place and move it there whole: an interrupted initdb leaves nothing behind."""
        draft = self._home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        own(draft, self._user)
        password_file = self._home / "initdb.password"
        owner = (self._user.uid, self._user.gid) if self._user is not None else None
        write_private(password_file, self._password.encode(), owner=owner)
        command = [str(self._programs / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", *self._locale()]
        if not self._sync_initdb:
            command.append("--no-sync")
        try:
            done = subprocess.run(  # noqa: S603 - a program of our own choice
                command,
                check=False,
                capture_output=True,
                text=True,
                timeout=_START_LIMIT_S,
                cwd="/",
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )
        finally:
            password_file.unlink()
        if done.returncode != 0:
            raise ServerStartError("Postgres", "initdb failed", done.stdout + done.stderr)
        draft.rename(self._data)

    def _locale(self) -> list[str]:
        """Sort by code point everywhere: the machine's locale must not decide the order of a page."""
        if int(postgres_major(self._programs)) >= _BUILTIN_LOCALE_SINCE:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C"]

    async def _stop_leftover(self) -> None:
        """Stop a postmaster that still serves our directory, and remove the pid file of one that is gone.

        We hold the data directory's lock, so a live postmaster here is one whose service was killed a moment ago, or
        one that somebody started by hand. A process that merely got the same number again is left alone.
        """
        lines = self._pid_file_lines()
        if not lines or not lines[0].strip().isdigit():
            return
        pid = int(lines[0])
        for wanted, limit_s in ((signal.SIGINT, _STOP_LIMIT_S), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            deadline = time.monotonic() + limit_s
            if not _serves(pid, self._data):
                break
            stop_stranger(pid, wanted)
            while _serves(pid, self._data):
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.01)
        if _serves(pid, self._data):
            raise ServerStopError("Postgres", pid)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []


def _serves(pid: int, data: Path) -> bool:
    """Say whether process `pid` is a live postmaster over `data`."""
    if _ON_LINUX:
        # A postmaster makes its data directory its working directory. An ended one has none.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        return False
    listing = subprocess.run(  # noqa: S603 - fixed arguments
        ["/bin/ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True, timeout=10
    ).stdout
    return str(data) in listing


def _children_of(pid: int) -> list[int]:
    if not _ON_LINUX:
        return []  # elsewhere the backends end by themselves when they miss their postmaster
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
