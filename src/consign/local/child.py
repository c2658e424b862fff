"""One server program as a child of this process: start, signal, wait, with a limit on everything."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from consign.local.errors import ServerStartError
from consign.local.user import ServerUser

_POLL_S = 0.005
_LOG_TAIL_BYTES = 2000
_LAUNCHER = Path(__file__).with_name("launcher.py")


class Child:
    """A running server program.

    It is started from the calling thread and ends with that thread, because Linux ties the parent-death signal to the
    thread: start servers from the main thread. It depends on no event loop, so one loop may start and another stop it.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, user: ServerUser | None, end_signal: signal.Signals
    ) -> None:
        self.name = name
        self._log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        self._lifeline: int | None = None
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), "--parent", str(os.getpid()), f"--signal={end_signal}"]
        inherited: list[int] = []
        if user is not None:
            launcher += ["--user", str(user.uid), "--group", str(user.gid)]
        if sys.platform != "linux":
            reading_end, self._lifeline = os.pipe()
            inherited.append(reading_end)
            launcher += ["--watchdog", str(reading_end)]
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - programs of our own choice
                [*launcher, "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=inherited,
                start_new_session=True,  # Ctrl-C is for the service, which stops its servers last
                cwd="/",
            )
        for descriptor in inherited:
            os.close(descriptor)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def ready(self, is_ready: Callable[[], bool], *, limit_s: float) -> None:
        """Wait until `is_ready`; raise ServerStartError when the program ends first or the limit passes."""
        deadline = time.monotonic() + limit_s
        while not is_ready():
            if not self.alive:
                raise ServerStartError(self.name, f"it ended with code {self._process.returncode}", self.log_tail())
            if time.monotonic() > deadline:
                raise ServerStartError(self.name, f"it was not ready within {limit_s} s", self.log_tail())
            await asyncio.sleep(_POLL_S)

    def send(self, wanted: signal.Signals) -> None:
        self._process.send_signal(wanted)

    async def stop(self, *escalation: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn, waiting its limit in seconds for the end; SIGKILL comes last."""
        for wanted, limit_s in escalation:
            self.send(wanted)
            if await self._ended(limit_s):
                return
        self.send(signal.SIGKILL)
        self._process.wait(timeout=10)
        self._release()

    async def _ended(self, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        while self.alive:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_S)
        self._release()
        return True

    def _release(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def log_tail(self) -> str:
        """Return the end of what this program wrote since it was started."""
        with self._log.open("rb") as log:
            log.seek(max(self._log_start, self._log.stat().st_size - _LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")


def stop_stranger(pid: int, wanted: signal.Signals) -> bool:
    """Signal a process that is no child of ours; say whether it was there."""
    try:
        os.kill(pid, wanted)
    except ProcessLookupError:
        return False
    return True
