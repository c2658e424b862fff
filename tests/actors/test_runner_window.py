"""How much a step of the read models takes at once: whole commands, bounded in events and in bytes."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from consign.actors.runner_window import STEP_BYTES, Entry, whole_commands


@dataclass(frozen=True)
class Written:
    """What is asked of a stored event here."""

    data: bytes
    ends_its_command: bool


def entries(*sizes: tuple[int, bool]) -> list[Entry]:
    return [Entry(cast("Any", Written(b"x" * size, ends)), lambda stored: stored) for size, ends in sizes]


SMALL, LARGE = (100, True), (STEP_BYTES // 2, True)


@pytest.mark.parametrize(
    ("given", "limit", "taken"),
    [
        ([SMALL] * 5, 3, 3),
        ([SMALL] * 5, 9, 5),
        ([(100, False), (100, True), (100, False)], 9, 2),
        ([(100, False)] * 4 + [SMALL], 2, 5),
        ([(100, False)], 9, 0),
        ([LARGE] * 5, 9, 2),
        ([SMALL, LARGE, SMALL, LARGE, SMALL], 9, 4),
        ([(STEP_BYTES * 2, False), SMALL, SMALL], 9, 2),
        ([], 9, 0),
    ],
)
def test_a_step_takes_whole_commands_until_it_is_full(given: list[tuple[int, bool]], limit: int, taken: int) -> None:
    assert len(whole_commands(entries(*given), limit)) == taken
