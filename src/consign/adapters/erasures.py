"""Who was forgotten, in a file that lies outside the database's backups: what a restore brings back is destroyed again.

A line each and nothing else in it: the organization's slug and the subject's id, or the keyed digest of an address and
the moment until which mails to it must go. Lines are only ever added.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

_ERASURE = re.compile(r"([a-z0-9-]{2,40}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_READER = re.compile(r"mails ([0-9a-f]{64}) (\d{1,15})")


class Erasure(NamedTuple):
    """Somebody who must stay forgotten."""

    organization_id: str
    subject: UUID


class Reader(NamedTuple):
    """Somebody to whom no mail may be kept that was written until then, to the millisecond."""

    address_digest: bytes
    until: datetime


class ErasureList:
    """The list at `path`, made with the first line. Several processes may add to it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, erasures: Iterable[Erasure | Reader]) -> None:
        """Keep them, on the disk before this returns; raises OSError.

        The line's break comes first: it ends what a power cut left half written.
        """
        content = "".join(f"\n{_line(erasure)}" for erasure in erasures) + "\n"
        is_new = not self._path.exists()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            file.write(content.encode())
            os.fsync(file.fileno())
        if is_new:
            _sync_directory(self._path.parent)

    def __iter__(self) -> Iterator[Erasure]:
        """Read who is forgotten."""
        for match in self._matches(_ERASURE):
            yield Erasure(match[1], UUID(match[2]))

    def readers(self) -> Mapping[bytes, datetime]:
        """Read until when mails to which addresses must go, the latest moment of each."""
        latest: dict[bytes, datetime] = {}
        for match in self._matches(_READER):
            digest, until = bytes.fromhex(match[1]), datetime.fromtimestamp(int(match[2]) / 1000, UTC)
            latest[digest] = max(until, latest.get(digest, until))
        return latest

    def _matches(self, line_of: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Read lines; what was never wholly written was never answered as done either, and is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                match = line_of.fullmatch(line.strip())
                if match is not None:
                    yield match


def _line(erasure: Erasure | Reader) -> str:
    match erasure:
        case Erasure(organization_id, subject):
            return f"{organization_id} {subject}"
        case Reader(digest, until):
            return f"mails {digest.hex()} {round(until.timestamp() * 1000)}"


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
