"""Mails as files in a folder, each a whole message (RFC 5322): what there is until a mail server is named."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from uuid_utils import uuid7

from consign.adapters.mail.message import message_of
from consign.identity.ports import Mail, MailUnavailable

MAILS_MAX = 1000
"""So many are kept, the newest."""


class FileOutbox:
    """Writes `<id>.eml` files that only the service's user may read; the ids sort by time."""

    def __init__(self, directory: Path, sender: str) -> None:
        self.directory = directory
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Write the mail whole or not at all; raises MailUnavailable."""
        await self.keep(message_of(mail, self._sender))

    async def keep(self, message: bytes) -> None:
        """Write a whole message; raises MailUnavailable."""
        try:
            await asyncio.to_thread(self._write, message)
        except OSError as error:
            raise MailUnavailable(str(error)) from error

    async def newest(self, limit: int) -> Sequence[str]:
        """Return whole messages as they were written, the newest first."""
        return await asyncio.to_thread(self._read, limit)

    async def purge(self, before: datetime, limit: int) -> int:
        """Delete mails that were written before that moment, and return how many: who they are to is in them."""
        return await asyncio.to_thread(self._remove, before, limit)

    def _read(self, limit: int) -> Sequence[str]:
        found: list[str] = []
        for path in sorted(self.directory.glob("*.eml"), reverse=True)[:limit]:
            with suppress(FileNotFoundError):  # it was too old a moment ago
                found.append(path.read_bytes().decode("utf-8", "replace"))
        return found

    def _write(self, message: bytes) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(uuid7())
        draft = self.directory / f".{name}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message)
        draft.rename(self.directory / f"{name}.eml")
        for old in sorted(self.directory.glob("*.eml"))[:-MAILS_MAX]:
            old.unlink(missing_ok=True)

    def _remove(self, before: datetime, limit: int) -> int:
        removed = 0
        for mail in sorted(self.directory.glob("*.eml"))[:limit]:
            with suppress(FileNotFoundError):  # another process was first
                if mail.stat().st_mtime < before.timestamp():
                    mail.unlink()
                    removed += 1
        return removed
