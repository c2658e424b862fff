"""PINs: a member's, for one organization, shown at its devices and nowhere else.

Four digits are few. They are worth something because they count on an enrolled device alone, because tries are counted
over all processes, and because what tells them is sealed under a key that is not where it is kept. The same is worked
out whoever is named, with a PIN or without.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol

from msgspec import Struct

from consign.domain.device import PinUse
from consign.identity.ended_sessions import EndedSessions
from consign.identity.machine_store import DeviceKey
from consign.identity.passwords import Verifiers
from consign.identity.pin_store import PinStore
from consign.identity.pin_tries import Subjects
from consign.identity.ports import Asker, Facts, Secrets, SignInFailed, Visit, WrongPin
from consign.identity.sessions import Sessions, Tokens, utc_now
from consign.identity.store import Bound

LENGTH_MIN, LENGTH_MAX = 4, 8

_NOBODYS = "no PIN has letters"
_RUN = "01234567890"
_ON_THE_KEYPAD = ("2580", "0852", "1379", "7913", "1793", "3971")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DISTINCT_MIN = 3
_PHC = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")


class PinUnfit(Exception):
    """The PIN is none that may be used."""

    def __init__(self, because: Literal["form", "known"]) -> None:
        super().__init__(because)
        self.because = because


class Holders(Protocol):
    """Says who has a PIN by the organization's log."""

    async def version(self, organization: str, account: str) -> int | None:
        """Return the version of the account's PIN; None: it has none, or is no member."""
        ...


class WrongPins(Protocol):
    """Records what happens at devices in their organization's log."""

    async def pin_refused(self, visit: Visit, asker: Asker, wrong: WrongPin) -> None:
        """Somebody showed a wrong PIN."""
        ...


class CachedVerifier(Struct, frozen=True):
    """How a device checks a PIN while it is offline: `digest` = HMAC-SHA256(its secret, argon2id(PIN, salt)).

    `salt` and `digest` are base64; argon2id is of version 19, with `memory_kib`, `iterations` and `lanes`, 32 bytes.
    """

    account: str
    version: int
    memory_kib: int
    iterations: int
    lanes: int
    salt: str
    digest: str


def require_fit(pin: str) -> None:
    """Raise PinUnfit for what is no PIN, or among the first that are tried."""
    if not (LENGTH_MIN <= len(pin) <= LENGTH_MAX and pin.isascii() and pin.isdigit()):
        raise PinUnfit("form")
    half = pin[: len(pin) // 2]
    if (
        len(set(pin)) < _DISTINCT_MIN
        or pin in _RUN
        or pin in _RUN[::-1]
        or pin in _ON_THE_KEYPAD
        or pin == half * 2
        or _YEAR.fullmatch(pin)
    ):
        raise PinUnfit("known")


class Pins:
    """Makes what tells PINs, checks those that are shown, and signs members in by them."""

    def __init__(
        self,
        store: PinStore,
        holders: Holders,
        facts: Facts,
        wrong_pins: WrongPins,
        secrets: Secrets,
        verifiers: Verifiers,
        sessions: Sessions,
        ended: EndedSessions,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._holders = holders
        self._facts = facts
        self._wrong_pins = wrong_pins
        self._secrets = secrets
        self._verifiers = verifiers
        self._sessions = sessions
        self._ended = ended
        self._now = now
        self._nobodys: str | None = None

    async def verifier(self, pin: str) -> bytes:
        """Return what tells the PIN later, sealed; raises PinUnfit or SignInBusy."""
        require_fit(pin)
        return self._secrets.seal((await self._verifiers.verifier(pin)).encode())

    async def keep(self, organization: str, account: str, version: int, verifier_sealed: bytes | None) -> None:
        """Let this PIN (None: no PIN) count from now on; whoever signed in by the one before is signed out."""
        self._ended.add(await self._store.keep_pin(organization, account, version, verifier_sealed, self._now()))

    async def sign_in(self, visit: Visit, key: DeviceKey, account: str, pin: str) -> Tokens:
        """Sign a member in at a device: what they are given reaches this organization alone, from there."""
        await self._shown(visit, Asker(key.device, "device"), key, account, pin, "sign_in")
        return await self._sessions.begin(visit, account, "pin", None, bound=Bound(key.organization, key.device))

    async def approved(self, visit: Visit, asker: Asker, key: DeviceKey, account: str, pin: str) -> int:
        """Return the version of the PIN by which a member approves what somebody else asks for at the device."""
        return await self._shown(visit, asker, key, account, pin, "approval")

    async def _shown(self, visit: Visit, asker: Asker, key: DeviceKey, account: str, pin: str, use: PinUse) -> int:
        """Return the version of the member's PIN where this is it; that it is not is recorded.

        Raises SignInFailed, TooManyTries or SignInBusy; which of all that was shown is wrong is not said. Tries are so
        few that each can be recorded.
        """
        version = await self._holders.version(key.organization, account)
        subjects = Subjects(account, key.device)
        times = await self._store.begin_try(key.organization, subjects, self._now())
        is_right = await self._is_right(key, account, pin, version)
        if version is None or not is_right:
            whose = None if version is None else account
            await self._wrong_pins.pin_refused(visit, asker, WrongPin(key.organization, key.device, whose, use, times))
            if whose is not None:
                await self._facts.refused(visit, whose, "pin")
            raise SignInFailed
        await self._store.succeeded(key.organization, subjects, self._now())
        return version

    async def _is_right(self, key: DeviceKey, account: str, pin: str, version: int | None) -> bool:
        if self._nobodys is None:
            self._nobodys = await self._verifiers.verifier(_NOBODYS)
        kept = (await self._store.pins_of(key.organization, (account,))).get(account)
        verifier = self._nobodys if kept is None else self._secrets.unseal(kept.verifier_sealed).decode()
        is_told = await self._verifiers.tells(verifier, pin)
        return is_told and kept is not None and kept.version == version

    async def cached(self, organization: str, accounts: Sequence[str], secret: str) -> Mapping[str, CachedVerifier]:
        """Return what a device that is known by this secret checks the accounts' PINs by, of those that have one."""
        kept = await self._store.pins_of(organization, accounts)
        return {
            account: _cached(account, each.version, self._secrets.unseal(each.verifier_sealed).decode(), secret)
            for account, each in kept.items()
        }


def _cached(account: str, version: int, verifier: str, secret: str) -> CachedVerifier:
    """Bind a verifier to the device: elsewhere it tells nothing."""
    found = _PHC.fullmatch(verifier)
    assert found is not None, "verifiers are made here"
    memory_kib, iterations, lanes = (int(found[group]) for group in (1, 2, 3))
    digest = hmac.digest(secret.encode(), _decoded(found[5]), sha256)
    salt = base64.b64encode(_decoded(found[4])).decode()
    return CachedVerifier(account, version, memory_kib, iterations, lanes, salt, base64.b64encode(digest).decode())


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
