"""What a process that holds a data directory tells others about the servers it runs there."""

import os
from pathlib import Path

import msgspec

STATE_FILE = "servers.json"


class ServersState(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of running servers, passwords included: the file is readable by its owner only."""

    pid: int
    postgres_url: str
    nats_url: str
    nats_public_url: str
    postgres_pid: int
    nats_pid: int
    service_url: str | None = None


def read_state(data_directory: Path) -> ServersState | None:
    """Say how to reach the servers of `data_directory`; None when nobody wrote it down."""
    try:
        return msgspec.json.decode((data_directory / STATE_FILE).read_bytes(), type=ServersState)
    except FileNotFoundError:
        return None


def write_state(data_directory: Path, state: ServersState) -> None:
    write_private(data_directory / STATE_FILE, msgspec.json.encode(state))


def remove_state(data_directory: Path) -> None:
    (data_directory / STATE_FILE).unlink(missing_ok=True)


def write_private(path: Path, content: bytes, *, owner: tuple[int, int] | None = None) -> None:
    """Replace `path` in one step by a file that only its owner can read."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if owner is not None:
        os.chown(draft, *owner)
    draft.replace(path)
