"""Domains and origins, as the read model of the web shows them."""

from datetime import UTC, datetime

from msgspec.structs import replace

from consign.domain.web import (
    AddDomain,
    ChangeOrigins,
    Domain,
    DoubtDomain,
    LoseDomain,
    RemoveDomain,
    VerifyDomain,
)
from consign.projections.web import EVERY_ORIGIN, DomainRow, OriginsRow
from tests.projections.scenario import SLUG, planned_sale

SUNDAY = datetime(2026, 10, 4, 8, tzinfo=UTC)
FAIR, OTHER = Domain("fair.example.org"), Domain("other.example.org")


def test_a_domain_is_listed_until_it_is_removed() -> None:
    scenario = planned_sale()
    scenario.do(AddDomain(SLUG, FAIR))
    scenario.do(AddDomain(SLUG, OTHER))
    scenario.pass_time(60)
    scenario.do(VerifyDomain(SLUG, FAIR))
    shown: DomainRow = scenario.row("web", FAIR, table="domains")
    assert (shown.status, scenario.row("web", OTHER, table="domains").status) == ("verified", "added")
    assert shown.verified_at is not None
    assert shown.verified_at > shown.added_at
    scenario.do(RemoveDomain(SLUG, FAIR))
    assert [row.domain for row in scenario.rows("web", "domains")] == [OTHER]


def test_a_domain_in_doubt_says_since_when_and_until_when_and_is_lost_or_trusted_again() -> None:
    scenario = planned_sale()
    scenario.do(AddDomain(SLUG, FAIR))
    scenario.do(VerifyDomain(SLUG, FAIR))
    scenario.do(DoubtDomain(SLUG, FAIR))
    first: DomainRow = scenario.row("web", FAIR, table="domains")
    assert (first.status, first.passes_at) == ("verified", None)
    assert first.doubted_since is not None
    scenario.pass_time(60)
    scenario.do(DoubtDomain(SLUG, FAIR, SUNDAY))
    assert scenario.row("web", FAIR, table="domains") == replace(first, passes_at=SUNDAY)
    scenario.do(VerifyDomain(SLUG, FAIR))
    assert scenario.row("web", FAIR, table="domains") == replace(first, doubted_since=None)
    scenario.do(DoubtDomain(SLUG, FAIR, SUNDAY))
    scenario.do(LoseDomain(SLUG, FAIR))
    lost: DomainRow = scenario.row("web", FAIR, table="domains")
    assert (lost.status, lost.doubted_since, lost.passes_at) == ("lost", None, None)
    assert lost.lost_at is not None


def test_origins_stand_in_one_row() -> None:
    scenario = planned_sale()
    scenario.do(ChangeOrigins(SLUG, ("https://b.example.org", "https://a.example.org")))
    origins = ("https://a.example.org", "https://b.example.org")
    assert scenario.row("web", EVERY_ORIGIN, table="origins") == OriginsRow(EVERY_ORIGIN, origins)
