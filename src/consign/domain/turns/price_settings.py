"""The price rules of a sale's settings: what contradicts itself, and when its discount windows really are."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from consign.domain.floor_rules import FloorRules
from consign.domain.local_time import UnknownZone, first_instant, last_instant, zone_named
from consign.domain.price_rules import DiscountWindow
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import SaleSettings

_YEARS = range(2000, 2200)
_LONGEST = timedelta(days=366)


def timed(settings: SaleSettings, time_zone: str) -> SaleSettings:
    """Return the settings with the instants of their windows.

    An hour that comes twice begins at its first and ends at its second time: a window is as long as its words allow.
    Raises Rejected with `settings_invalid` when there is no such zone.
    """
    try:
        zone = zone_named(time_zone)
    except UnknownZone:
        detail = f"There is no time zone “{time_zone}”. Name one of the IANA database, such as Europe/Paris."
        error = {"pointer": "/time_zone", "reason": Reason.SETTINGS_INVALID.value, "detail": detail}
        raise Rejected(Reason.SETTINGS_INVALID, detail, (error,)) from None
    windows = tuple(
        replace(window, begins_at=first_instant(window.begins, zone), ends_at=last_instant(window.ends, zone))
        for window in settings.discount_windows
    )
    return replace(settings, discount_windows=windows, floor=_until(settings.floor, zone))


def _until(rules: FloorRules, zone: ZoneInfo) -> FloorRules:
    """Return the rules with the instants until which things come and go: the later one where an hour comes twice."""
    return replace(
        rules,
        drop_off_until_at=None if rules.drop_off_until is None else last_instant(rules.drop_off_until, zone),
        pick_up_until_at=None if rules.pick_up_until is None else last_instant(rules.pick_up_until, zone),
        unsold_wish_until_at=None if rules.unsold_wish_until is None else last_instant(rules.unsold_wish_until, zone),
    )


def wrong_times(rules: FloorRules) -> list[tuple[str, str]]:
    """Return which of the times cannot be meant, each with a pointer into the settings."""
    times = {
        "drop_off_until": rules.drop_off_until,
        "pick_up_until": rules.pick_up_until,
        "unsold_wish_until": rules.unsold_wish_until,
    }
    return [
        (f"/floor/{name}", f"{name} is not in this time")
        for name, until in times.items()
        if until is not None and until.year not in _YEARS
    ]


def wrong_prices(settings: SaleSettings) -> list[tuple[str, str]]:
    """Return what contradicts itself, each with a pointer into the settings."""
    codes = {category.code for category in settings.categories}
    names: set[str] = set()
    wrong = []
    for index, window in enumerate(settings.discount_windows):
        pointer = f"/discount_windows/{index}"
        if window.name in names:
            wrong.append((f"{pointer}/name", f"discount window {window.name} is there twice"))
        names.add(window.name)
        wrong += [(f"{pointer}/{field}", detail) for field, detail in _wrong_hours(window)]
        unknown = [code for code in window.categories if code not in codes]
        if unknown:
            wrong.append((f"{pointer}/categories", f"there is no category {unknown[0]}"))
    return wrong


def _wrong_hours(window: DiscountWindow) -> list[tuple[str, str]]:
    if window.begins.year not in _YEARS or window.ends.year not in _YEARS:
        return [("begins", f"discount window {window.name} is not in this time")]
    if window.begins >= window.ends:
        return [("ends", f"discount window {window.name} ends before it begins")]
    if window.ends - window.begins > _LONGEST:
        return [("ends", f"discount window {window.name} lasts longer than a year")]
    return []
