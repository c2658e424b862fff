"""Every reason of the problem table is named by a test that reaches it, so that none is documented in vain."""

from pathlib import Path

from consign.domain.rejection import Reason
from consign.http.problems import REASONS

TESTS = Path(__file__).parent


def test_every_reason_beside_the_business_is_reached_by_some_test() -> None:
    """Those of the business are held to cases in `tests/domain/test_rejections.py`."""
    beside = REASONS.keys() - {reason.value for reason in Reason}
    told = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert {reason for reason in beside if f'"{reason}"' not in told} == set()
