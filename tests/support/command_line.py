"""The command line as its users meet it: a process, its output and its exit code."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

START_LIMIT_S = 60.0
RUN_LIMIT_S = 110.0


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSIGN_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", "from consign.cli import main; main()", *map(str, arguments)]


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start a command that goes on until it is told to end; its output can be read line by line."""
    with subprocess.Popen(
        command(*arguments), env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def consign(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), env=_environment(), capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False
    )


class Serving:
    """A process of `consign serve` that said it is ready."""

    def __init__(self, process: subprocess.Popen[str], ready_line: str) -> None:
        self.process = process
        self.ready_line = ready_line

    def said(self, name: str) -> str:
        """Return what the ready line says of something."""
        found = re.search(rf"\b{name}: (\S+)", self.ready_line)
        assert found is not None, self.ready_line
        return found[1]

    @property
    def tags(self) -> list[str]:
        return re.findall(r"\b\d{3}-\d{4}-\d{3}-\d\b", self.ready_line)

    def ended_by(self, signal: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(signal)
        return self.process.wait(timeout=30)


@contextmanager
def serving(data_directory: Path, *arguments: str) -> Iterator[Serving]:
    """Serve over a directory with the demo sale until the test is over."""
    words = command("serve", "--demo", "--quiet", "--port", "0", "--data-directory", data_directory, *arguments)
    with subprocess.Popen(words, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Serving(process, _first_line(process.stdout))
        finally:
            process.terminate()
            process.wait(timeout=30)


def _first_line(output: IO[str]) -> str:
    line = output.readline()
    assert line.startswith("ready: "), "the service ended before it was ready"
    return line.rstrip("\n")


@contextmanager
def data_directory() -> Iterator[Path]:
    """Lend a place for a data directory that the servers' user can reach."""
    with tempfile.TemporaryDirectory(prefix="consign-test-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory) / "data"
