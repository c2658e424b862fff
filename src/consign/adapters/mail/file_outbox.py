"""Mails as files in a folder, each a whole message (RFC 5322): what there is until a mail server is named."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from consign.adapters.mail.letter import AddressDigest, Letter, is_to, letter_of
from consign.identity.ports import Mail, MailUnavailable

MAILS_MAX = 1000
"""So many are kept, the newest."""
_DRAFT = "."
"""Begins the name of a file that is being written, or was when its process was killed."""


class FileOutbox:
    """Writes `<name>.eml` files that only the service's user may read; the names sort by time."""

    def __init__(self, directory: Path, sender: str, address_digest: AddressDigest) -> None:
        self.directory = directory
        self._sender = sender
        self._address_digest = address_digest

    async def send(self, mail: Mail) -> None:
        """Write the mail whole or not at all; raises MailUnavailable."""
        await self.keep(letter_of(mail, self._sender, self._address_digest))

    async def keep(self, letter: Letter) -> None:
        """Write a whole message; raises MailUnavailable."""
        try:
            await asyncio.to_thread(self._write, letter)
        except OSError as error:
            raise MailUnavailable(str(error)) from error

    async def newest(self, limit: int) -> Sequence[str]:
        """Return whole messages as they were written, the newest first."""
        return await asyncio.to_thread(self._read, limit)

    async def purge(self, before: datetime, limit: int) -> int:
        """Delete mails that were written before that moment, and return how many: who they are to is in them."""
        return await asyncio.to_thread(self._remove_old, before, limit)

    async def forget(self, readers: Mapping[bytes, datetime]) -> int:
        """Delete mails to these addresses (by digest) that were written until then; return how many."""
        return await asyncio.to_thread(self._remove_to, readers)

    def _read(self, limit: int) -> Sequence[str]:
        found: list[str] = []
        for path in sorted(self.directory.glob("[!.]*.eml"), reverse=True)[:limit]:
            with suppress(FileNotFoundError):  # it was too old a moment ago
                found.append(path.read_bytes().decode("utf-8", "replace"))
        return found

    def _write(self, letter: Letter) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.directory / f"{_DRAFT}{letter.name}.eml"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(letter.message)
        draft.rename(self.directory / f"{letter.name}.eml")
        for old in self._oldest_first()[:-MAILS_MAX]:
            old.unlink(missing_ok=True)

    def _remove_old(self, before: datetime, limit: int) -> int:
        removed = 0
        for mail in self._oldest_first()[:limit]:
            with suppress(FileNotFoundError):  # another process was first
                if mail.stat().st_mtime < before.timestamp():
                    mail.unlink()
                    removed += 1
        return removed

    def _remove_to(self, readers: Mapping[bytes, datetime]) -> int:
        removed = 0
        for mail in self._oldest_first():
            if is_to(_name(mail), readers):
                with suppress(FileNotFoundError):
                    mail.unlink()
                    removed += 1
        return removed

    def _oldest_first(self) -> Sequence[Path]:
        """Return whatever holds a mail, drafts too."""
        return sorted(self.directory.glob("*.eml"), key=_name)


def _name(path: Path) -> str:
    return path.name.removeprefix(_DRAFT).removesuffix(".eml")
