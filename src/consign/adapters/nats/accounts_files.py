"""The accounts of organizations as files in a folder that a NATS server of somebody's own includes them from."""

import os
from collections.abc import Mapping
from pathlib import Path

FILE_MODE = 0o640
"""The server may be run by another user of the folder's group."""


def write_accounts(folder: Path, parts: Mapping[str, str]) -> None:
    """Replace the files that differ, each in one step; raises OSError."""
    for name, content in parts.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        draft = folder / f"{name}.{os.getpid()}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
