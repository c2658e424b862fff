"""Credentials for NATS: counted, one at a time for each integrator."""

from consign.domain.integrators import (
    INTEGRATORS_LIMIT,
    IntegratorName,
    IssueNatsCredentials,
    NatsCredentialsAnswer,
    NatsCredentialsIssued,
    NatsCredentialsRevoked,
    RevokeNatsCredentials,
)
from consign.domain.members import PLATFORM
from consign.domain.rejection import Reason
from tests.domain.log import MemoryLog
from tests.domain.market import ORGANIZATION, founded
from tests.domain.scenario import given

SHOP = IntegratorName("web-shop")
ISSUE, REVOKE = IssueNatsCredentials(ORGANIZATION, SHOP), RevokeNatsCredentials(ORGANIZATION, SHOP)


def test_each_credentials_are_new_ones_and_no_count_comes_twice() -> None:
    log = founded()
    given(log).when(ISSUE).then(NatsCredentialsIssued(SHOP, 1)).answered(NatsCredentialsAnswer(SHOP, 1, "issued"))
    given(log).when(ISSUE).then(NatsCredentialsIssued(SHOP, 2))
    given(log).when(REVOKE).then(NatsCredentialsRevoked(SHOP, 2)).answered(NatsCredentialsAnswer(SHOP, 2, "revoked"))
    given(log).when(REVOKE).then()
    given(log).when(ISSUE).then(NatsCredentialsIssued(SHOP, 3))


def test_an_organization_has_a_bounded_number_of_integrators() -> None:
    log = founded()
    for number in range(INTEGRATORS_LIMIT):
        log.issue(IssueNatsCredentials(ORGANIZATION, IntegratorName(f"shop-{number}")))
    given(log).when(ISSUE).rejected(Reason.LIMIT_EXCEEDED)
    log.issue(RevokeNatsCredentials(ORGANIZATION, IntegratorName("shop-7")))
    given(log).when(ISSUE).then(NatsCredentialsIssued(SHOP, 1))


def test_only_a_founded_organization_has_integrators() -> None:
    given(MemoryLog()).when(ISSUE).rejected(Reason.UNKNOWN_ORGANIZATION)
    given(founded()).when(IssueNatsCredentials(PLATFORM, SHOP)).rejected(Reason.UNKNOWN_ORGANIZATION)
