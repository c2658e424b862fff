"""Every reason for leaving out a single row is reached, so that none is documented in vain."""

import pytest

from consign.domain.rejection import Rejected, RowReason
from tests.domain.refusals.case import Case
from tests.domain.refusals.rows import CASES


def test_every_reason_is_reached() -> None:
    assert set(CASES) == set(RowReason)


@pytest.mark.parametrize(("reason", "case"), [pytest.param(*each, id=each[0].value) for each in CASES.items()])
def test_a_row_is_left_out_for_its_reason_and_named(reason: RowReason, case: Case) -> None:
    start, command = case
    try:
        errors = [(error.reason, error.detail) for error in start().issue(command).errors]
    except Rejected as rejected:
        errors = [(error["reason"], error["detail"]) for error in rejected.errors]
    assert reason.value in [found for found, _ in errors]
    assert all(detail for _, detail in errors)
