"""What an installation keeps in its data directory beside its data: secret keys, and the ids of its nodes."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

KEY_BYTES = 32
NODES_MAX = 64


class InstallationBusy(Exception):
    """More processes run over this data directory than it has room for."""


def secret_key(data_directory: Path, name: str) -> bytes:
    """Return the installation's key of this name, made on first use; several processes get the same one."""
    directory = data_directory / "keys"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    if not path.exists():
        draft = directory / f"{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(draft)
        draft.unlink()
    return bytes.fromhex(path.read_text())


def key_encryption_key(data_directory: Path, given: str | None) -> bytes:
    """Return the key-encryption key: the given one (hexadecimal), or the installation's."""
    return secret_key(data_directory, "key-encryption") if given is None else bytes.fromhex(given)


@contextlib.contextmanager
def node_identity(data_directory: Path) -> Iterator[UUID]:
    """Lend a node id that no other live process uses. A restarted process gets its old one and takes over at once."""
    directory = data_directory / "nodes"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(NODES_MAX):
        with (directory / str(number)).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            file.seek(0)
            text = file.read()
            if not text:
                text = str(uuid4())
                file.write(text)
                file.flush()
            yield UUID(text)
            return
    raise InstallationBusy(f"{NODES_MAX} processes run over {data_directory}")
