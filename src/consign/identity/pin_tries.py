"""How often PINs may be tried: a few times freely, then each try waits twice as long as the one before, up to an hour.

Counted are an account at a device, a device whoever is tried there, and an account wherever it is tried. All processes
count together: who guesses gains nothing by several of them, nor by several devices.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from consign.identity.limits import TooManyTries

FREE_OF_ACCOUNT_AT_DEVICE = 5
FREE_AT_DEVICE = 20
FREE_OF_ACCOUNT = 15
DELAY_FIRST = timedelta(seconds=30)
DELAY_MAX = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=2)
_DOUBLINGS_MAX = 10


class Tries(Struct, frozen=True):
    """`times` tries were counted, and the next one counts from `again_at` on."""

    times: int
    again_at: datetime


class Subjects(Struct, frozen=True):
    """What a try of an account at a device is counted for."""

    account: str
    device: str

    @property
    def pair(self) -> str:
        """The account at this device: a success forgets its tries."""
        return f"account {self.account} at {self.device}"

    @property
    def sums(self) -> tuple[str, str]:
        """The device and the account: a success takes back no more than itself."""
        return f"device {self.device}", f"account {self.account}"

    @property
    def free(self) -> Mapping[str, int]:
        """How many tries each has freely."""
        at_device, of_account = self.sums
        return {self.pair: FREE_OF_ACCOUNT_AT_DEVICE, at_device: FREE_AT_DEVICE, of_account: FREE_OF_ACCOUNT}


def counted(tries: Tries | None, free: int, now: datetime) -> Tries:
    """Return the tries with one more; raises TooManyTries where it comes too early, and then it does not count."""
    if tries is None or now - tries.again_at > FORGOTTEN_AFTER:
        return Tries(1, now)
    if now < tries.again_at:
        raise TooManyTries((tries.again_at - now).total_seconds())
    surplus = tries.times + 1 - free
    if surplus < 0:
        return Tries(tries.times + 1, now)
    return Tries(tries.times + 1, now + min(DELAY_FIRST * 2 ** min(surplus, _DOUBLINGS_MAX), DELAY_MAX))


def taken_back(tries: Tries, now: datetime) -> Tries:
    """Return the tries without the one that was just counted and succeeded."""
    return Tries(max(tries.times - 1, 0), now)
