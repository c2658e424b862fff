"""What an installation keeps in its data directory beside its data: secret keys, and the ids of its nodes."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

KEY_BYTES = 32
KEY_ENCRYPTION = "key-encryption"
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
        _write_keys(draft, [secrets.token_bytes(KEY_BYTES)], os.O_EXCL)
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(draft)
        draft.unlink()
    return bytes.fromhex(path.read_text().split()[0])


def key_encryption_keys(data_directory: Path, given: str | None) -> Sequence[bytes]:
    """Return the key-encryption keys, the newest first: the given ones (hexadecimal), or the installation's."""
    if given is not None:
        return [bytes.fromhex(key) for key in given.split(",")]
    secret_key(data_directory, KEY_ENCRYPTION)
    return [bytes.fromhex(line) for line in (data_directory / "keys" / KEY_ENCRYPTION).read_text().split()]


def begin_key_change(data_directory: Path) -> None:
    """Put a new key-encryption key before the installation's, unless a change was begun and not finished."""
    keys = key_encryption_keys(data_directory, None)
    if len(keys) == 1:
        _replace_keys(data_directory, [secrets.token_bytes(KEY_BYTES), *keys])


def finish_key_change(data_directory: Path) -> Path:
    """Leave only the newest key in use; the former ones lie beside it for old backups, where this returns."""
    newest, *former = key_encryption_keys(data_directory, None)
    retired = data_directory / "keys" / f"{KEY_ENCRYPTION}.retired"
    _write_keys(retired, former, os.O_APPEND)
    _replace_keys(data_directory, [newest])
    return retired


def _replace_keys(data_directory: Path, keys: Sequence[bytes]) -> None:
    path = data_directory / "keys" / KEY_ENCRYPTION
    draft = path.with_name(f"{KEY_ENCRYPTION}.{os.getpid()}.{secrets.token_hex(4)}")
    _write_keys(draft, keys, os.O_EXCL)
    draft.replace(path)


def _write_keys(path: Path, keys: Sequence[bytes], flag: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{key.hex()}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())


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
