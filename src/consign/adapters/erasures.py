"""Who was forgotten, in a file that lies outside the database's backups: what a restore brings back is destroyed again.

A line each, with the organization's slug and the subject's id and nothing else. Lines are only ever added.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

_LINE = re.compile(r"([a-z0-9-]{2,40}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class Erasure(NamedTuple):
    """Somebody who must stay forgotten."""

    organization_id: str
    subject: UUID


class ErasureList:
    """The list at `path`, made with the first line. Several processes may add to it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, erasures: Iterable[Erasure]) -> None:
        """Keep them, on the disk before this returns; raises OSError.

        The line's break comes first: it ends what a power cut left half written.
        """
        content = "".join(f"\n{erasure.organization_id} {erasure.subject}" for erasure in erasures) + "\n"
        is_new = not self._path.exists()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            file.write(content.encode())
            os.fsync(file.fileno())
        if is_new:
            _sync_directory(self._path.parent)

    def __iter__(self) -> Iterator[Erasure]:
        """Read the list; what was never wholly written was never answered as done either, and is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                match = _LINE.fullmatch(line.strip())
                if match is not None:
                    yield Erasure(match[1], UUID(match[2]))


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
