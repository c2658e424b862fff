"""The refusals of leaving proceeds to charity."""

from consign.domain.charity_commands import PledgeProceeds
from consign.domain.rejection import Reason
from tests.domain.market import ANNA, registered
from tests.domain.newcomers import DESK
from tests.domain.refusals.case import Case

CASES: dict[Reason, list[Case]] = {
    Reason.NO_CHARITY: [(registered, PledgeProceeds(ANNA, 1_000_000, DESK))],
}
