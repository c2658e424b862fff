"""Letters as files of a folder, `<name>.eml`, which only the service's user may read."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from consign.adapters.mail.letter import Letter

_DRAFT = "."
"""Begins the name of a file that is being written, or was when its process was killed."""


def written(directory: Path, letter: Letter) -> None:
    """Write a letter whole or not at all; raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = directory / f"{_DRAFT}{letter.name}.eml"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(letter.message)
    draft.rename(directory / f"{letter.name}.eml")


def read(path: Path) -> bytes | None:
    """Return a letter's message; None: another process has removed it."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def whole(directory: Path) -> Sequence[Path]:
    """Return the letters of a folder, the oldest first."""
    return sorted(directory.glob("[!.]*.eml"))


def everything(directory: Path) -> Sequence[Path]:
    """Return whatever holds a letter, drafts and what lies in folders below too, the oldest first."""
    return sorted(directory.rglob("*.eml"), key=name_of)


def removed(paths: Iterable[Path]) -> int:
    """Remove files, and return how many there were: another process may be first."""
    count = 0
    for path in paths:
        with suppress(FileNotFoundError):
            path.unlink()
            count += 1
    return count


def is_from_before(path: Path, moment: datetime) -> bool:
    """Say whether the file was written before that moment; one that is gone was not."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < moment.timestamp()
    return False


def name_of(path: Path) -> str:
    """Return the letter's name."""
    return path.name.removeprefix(_DRAFT).removesuffix(".eml")
