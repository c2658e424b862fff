"""Mails as files in a folder, each a whole message (RFC 5322): what there is until a mail server is named."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from consign.adapters.mail import letter_files
from consign.adapters.mail.letter import AddressDigest, is_to, letter_of
from consign.identity.ports import Mail, MailUnavailable

MAILS_MAX = 1000
"""So many are kept, the newest."""


class FileOutbox:
    """Keeps mails in `directory`. What lies in folders below it waits for a mail server, and goes with the others."""

    def __init__(self, directory: Path, sender: str, address_digest: AddressDigest) -> None:
        self.directory = directory
        self._sender = sender
        self._address_digest = address_digest

    async def send(self, mail: Mail) -> None:
        """Write the mail whole or not at all; raises MailUnavailable."""
        letter = letter_of(mail, self._sender, self._address_digest)
        try:
            await asyncio.to_thread(letter_files.written, self.directory, letter)
            await asyncio.to_thread(self._keep_newest)
        except OSError as error:
            raise MailUnavailable(str(error)) from error

    async def take(self, path: Path) -> None:
        """Keep a letter that lies in a folder below, unless another process has removed it; raises OSError."""
        await asyncio.to_thread(self._take, path)

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
        newest = list(reversed(letter_files.whole(self.directory)))[:limit]
        return [found.decode("utf-8", "replace") for path in newest if (found := letter_files.read(path)) is not None]

    def _take(self, path: Path) -> None:
        if path.exists():
            path.rename(self.directory / path.name)
            self._keep_newest()

    def _keep_newest(self) -> None:
        letter_files.removed(letter_files.whole(self.directory)[:-MAILS_MAX])

    def _remove_old(self, before: datetime, limit: int) -> int:
        oldest = letter_files.everything(self.directory)[:limit]
        return letter_files.removed(path for path in oldest if letter_files.is_from_before(path, before))

    def _remove_to(self, readers: Mapping[bytes, datetime]) -> int:
        everything = letter_files.everything(self.directory)
        return letter_files.removed(path for path in everything if is_to(letter_files.name_of(path), readers))
