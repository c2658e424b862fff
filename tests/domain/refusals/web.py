"""The refusals of an organization's place on the web."""

from consign.domain.rejection import Reason
from consign.domain.web import Domain, VerifyDomain
from tests.domain.market import ORGANIZATION, founded
from tests.domain.refusals.case import Case

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_DOMAIN: [(founded, VerifyDomain(ORGANIZATION, Domain("fair.example.org")))],
}
