"""No mail is kept to whoever was forgotten: each process goes by the list of erasures, which all of them share."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from consign.adapters.erasures import ErasureList, Reader
from consign.identity.ports import MailUnavailable
from consign.identity.sessions import utc_now


class Keeper(Protocol):
    """Keeps mails, for a while."""

    async def forget(self, readers: Mapping[bytes, datetime]) -> int:
        """Keep no mails to these addresses (by digest) that were written until then; return how many there were."""
        ...


class ForgottenReaders:
    """Fulfils `KeptMails`. The list comes first: what is on it goes, whenever a process is killed, and after a restore.

    A mail that was written later is kept: whoever comes again is somebody new.
    """

    def __init__(self, erasures: ErasureList, keepers: Sequence[Keeper], now: Callable[[], datetime] = utc_now) -> None:
        self._erasures = erasures
        self._keepers = keepers
        self._now = now

    async def forget(self, address_digests: Collection[bytes]) -> None:
        """Let all mails to these addresses go that were written until now: here at once; raises MailUnavailable."""
        if not address_digests:
            return
        until = self._now()
        try:
            await asyncio.to_thread(self._erasures.add, [Reader(digest, until) for digest in address_digests])
            await self._forget(dict.fromkeys(address_digests, until))
        except OSError as error:
            raise MailUnavailable(f"mails cannot be removed: {error!r}") from error

    async def sweep(self, _: datetime, __: int) -> int:
        """Let everything go that is on the list, whichever process put it there; return how many; raises OSError."""
        readers = await asyncio.to_thread(self._erasures.readers)
        return await self._forget(readers) if readers else 0

    async def _forget(self, readers: Mapping[bytes, datetime]) -> int:
        return sum([await keeper.forget(readers) for keeper in self._keepers])
