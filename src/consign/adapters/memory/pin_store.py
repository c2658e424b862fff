"""PINs in memory: for tests, and as the shortest statement of what the store promises."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.identity.pin_store import KeptPin
from consign.identity.pin_tries import Subjects, Tries, counted, taken_back


class MemoryPinStore:
    """Nothing here waits, so each method is one step by itself. `sessions` are those that begin on devices, too."""

    def __init__(self, sessions: MemoryIdentityStore) -> None:
        self._sessions = sessions
        self._pins: dict[tuple[str, str], tuple[int, bytes | None]] = {}
        self._tries: dict[tuple[str, str], Tries] = {}

    async def keep_pin(
        self, organization: str, account: str, version: int, verifier_sealed: bytes | None, now: datetime
    ) -> Collection[UUID]:
        """Put a PIN in the place of an older one."""
        if version < self._pins.get((organization, account), (0, None))[0]:
            return []
        self._pins[organization, account] = (version, verifier_sealed)
        return self._sessions.end_bound(organization, now, account=account)

    async def pins_of(self, organization: str, accounts: Sequence[str]) -> Mapping[str, KeptPin]:
        """Return what there is."""
        found = {account: self._pins.get((organization, account), (0, None)) for account in accounts}
        return {
            account: KeptPin(version, verifier)
            for account, (version, verifier) in found.items()
            if verifier is not None
        }

    async def begin_try(self, organization: str, subjects: Subjects, now: datetime) -> int:
        """Count a try."""
        tries = {
            (organization, subject): counted(self._tries.get((organization, subject)), free, now)
            for subject, free in subjects.free.items()
        }
        self._tries |= tries
        return tries[organization, subjects.pair].times

    async def succeeded(self, organization: str, subjects: Subjects, now: datetime) -> None:
        """Take it back."""
        self._tries.pop((organization, subjects.pair), None)
        for subject in subjects.sums:
            tries = self._tries.get((organization, subject))
            if tries is not None:
                self._tries[organization, subject] = taken_back(tries, now)
