from datetime import UTC, datetime

import pytest

from consign.domain.local_time import UnknownZone, first_instant, last_instant, zone_named

PARIS = zone_named("Europe/Paris")


def test_a_time_on_the_wall_is_one_instant_nearly_always() -> None:
    noon = datetime.fromisoformat("2026-09-26T12:00")
    assert first_instant(noon, PARIS) == last_instant(noon, PARIS) == datetime(2026, 9, 26, 10, tzinfo=UTC)


def test_an_hour_that_comes_twice_begins_at_its_first_and_ends_at_its_second() -> None:
    half_past_two = datetime.fromisoformat("2026-10-25T02:30")
    assert first_instant(half_past_two, PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert last_instant(half_past_two, PARIS) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("minute", [0, 1, 30, 59])
def test_a_time_that_is_skipped_is_the_moment_of_the_jump(minute: int) -> None:
    skipped = datetime.fromisoformat(f"2026-03-29T02:{minute:02}")
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert first_instant(skipped, PARIS) == last_instant(skipped, PARIS) == jump


def test_a_jump_of_half_an_hour_is_found_too() -> None:
    lord_howe = zone_named("Australia/Lord_Howe")
    assert first_instant(datetime.fromisoformat("2026-10-04T02:15"), lord_howe) == datetime(
        2026, 10, 3, 15, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "name", ["Europe/Atlantis", "Europe", "", "/etc/passwd", "../zones", "Europe/../Paris", "tzdata.zi"]
)
def test_what_is_no_zone_is_said_to_be_none(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)
