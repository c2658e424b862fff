"""From the clock on the wall where a sale is to an instant, the same on every machine.

The rules of the zones are read from the pinned package `tzdata`, never from the machine, and instants are stored with
the events that need them: replaying a log asks no zone.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


class UnknownZone(Exception):
    """The IANA database has no zone of this name."""


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """Return the zone, such as `Europe/Paris`; raises UnknownZone."""
    parts = name.split("/")
    if not all(part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        raise UnknownZone(name)
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *parts).open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (OSError, ValueError) as error:
        raise UnknownZone(name) from error


def first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the wall clock first shows `local`, in UTC.

    What the clock skips (when summer time begins) is the moment of its jump.
    """
    return _instants(local, zone)[0]


def last_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the wall clock last shows `local`: the second one where an hour comes twice."""
    return _instants(local, zone)[1]


def _instants(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first, second
    jump = _jump(second, first, zone)
    return jump, jump


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when the zone's offset changed, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
