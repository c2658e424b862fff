"""The refusals of integrators."""

from consign.domain.integrators import IntegratorName, RevokeNatsCredentials
from consign.domain.rejection import Reason
from tests.domain.market import ORGANIZATION, founded
from tests.domain.refusals.case import Case

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_INTEGRATOR: [(founded, RevokeNatsCredentials(ORGANIZATION, IntegratorName("web-shop")))],
}
