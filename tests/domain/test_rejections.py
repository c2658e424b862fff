"""Every reason the business may refuse for is reached, so that none is documented in vain."""

from collections.abc import Callable

import pytest
from msgspec import Struct

from consign.domain.rejection import Reason
from tests.domain.log import MemoryLog
from tests.domain.refusals import (
    charity,
    devices,
    drawer,
    floor,
    integrators,
    items,
    main_path,
    manual_lines,
    members,
    offline,
    paying,
    presale,
    prices,
    settling,
    shifts,
    slots,
    taking_part,
    web,
)
from tests.domain.refusals.case import Case
from tests.domain.scenario import given

AREAS = (
    charity,
    devices,
    drawer,
    floor,
    integrators,
    items,
    main_path,
    manual_lines,
    members,
    offline,
    paying,
    presale,
    prices,
    settling,
    shifts,
    slots,
    taking_part,
    web,
)
CASES: list[tuple[Reason, Case]] = [
    (reason, case) for area in AREAS for reason, cases in area.CASES.items() for case in cases
]


BY_WHO_ASKS = {Reason.NOT_YOUR_SESSION}
"""Reasons that depend on who asks: see `test_reaching`."""


def test_every_reason_is_reached() -> None:
    assert set(Reason) - {reason for reason, _ in CASES} == BY_WHO_ASKS


@pytest.mark.parametrize(
    ("reason", "start", "command"),
    [pytest.param(reason, *case, id=reason.value) for reason, case in CASES],
)
def test_a_command_is_refused_for_its_reason_and_changes_nothing(
    reason: Reason, start: Callable[[], MemoryLog], command: Struct
) -> None:
    log = start()
    events, states = len(log.events), dict(log.states)
    rejected = given(log).when(command).rejected(reason)
    assert rejected.detail
    assert rejected.detail[-1] in ".!"
    assert len(log.events) == events
    assert all(log.states[stream] == state for stream, state in states.items())
