"""Integrators, as their read model shows them."""

from consign.domain.integrators import IntegratorName, IssueNatsCredentials, RevokeNatsCredentials
from consign.projections.integrators import NatsCredentialsRow
from tests.projections.scenario import SLUG, planned_sale

SHOP = IntegratorName("web-shop")


def test_an_integrator_is_shown_with_its_newest_credentials() -> None:
    scenario = planned_sale()
    for command in (IssueNatsCredentials, IssueNatsCredentials, RevokeNatsCredentials):
        scenario.pass_time(60)
        scenario.do(command(SLUG, SHOP))
    revoked: NatsCredentialsRow = scenario.row("integrators", SHOP, table="nats_credentials")
    assert (revoked.status, revoked.serial) == ("revoked", 2)
    assert revoked.revoked_at is not None
    assert revoked.revoked_at > revoked.issued_at
    scenario.do(IssueNatsCredentials(SLUG, SHOP))
    issued: NatsCredentialsRow = scenario.row("integrators", SHOP, table="nats_credentials")
    assert (issued.status, issued.serial, issued.revoked_at) == ("issued", 3, None)
