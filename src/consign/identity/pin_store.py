"""What PINs need to be kept: sealed verifiers, and counts of tries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from consign.identity.pin_tries import Subjects


class KeptPin(Struct, frozen=True):
    """A member's PIN; the verifier can be read by the installation alone."""

    version: int
    verifier_sealed: bytes


class PinStore(Protocol):
    """Each method is one step that is done whole or not at all, and may raise IdentityUnavailable."""

    async def keep_pin(
        self, organization: str, account: str, version: int, verifier_sealed: bytes | None, now: datetime
    ) -> Collection[UUID]:
        """Put a PIN (None: no PIN) in the place of an older version; a newer one stays.

        Sessions that the account began on devices end; return these.
        """
        ...

    async def pins_of(self, organization: str, accounts: Sequence[str]) -> Mapping[str, KeptPin]:
        """Return the PINs of those accounts that have one."""
        ...

    async def begin_try(self, organization: str, subjects: Subjects, now: datetime) -> int:
        """Count a try for each of its subjects, and return how many there are of the account at the device.

        Raises TooManyTries where it comes too early, and counts nothing.
        """
        ...

    async def succeeded(self, organization: str, subjects: Subjects, now: datetime) -> None:
        """Forget the tries of the account at the device, and this one try of the sums."""
        ...
