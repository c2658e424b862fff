"""Domains that name an organization, and origins whose pages may ask for it."""

from datetime import UTC, datetime

import msgspec
import pytest

from consign.domain.members import PLATFORM
from consign.domain.rejection import Reason
from consign.domain.web import (
    DOMAINS_LIMIT,
    AddDomain,
    ChangeOrigins,
    Domain,
    DomainAdded,
    DomainAnswer,
    DomainDoubted,
    DomainLost,
    DomainRemoved,
    DomainTrusted,
    DomainVerified,
    DoubtDomain,
    LoseDomain,
    OriginsAnswer,
    OriginsChanged,
    RemoveDomain,
    VerifyDomain,
)
from tests.domain.log import MemoryLog
from tests.domain.market import ORGANIZATION, founded
from tests.domain.scenario import given

FAIR = Domain("fair.example.org")
ADD, VERIFY, REMOVE = (command(ORGANIZATION, FAIR) for command in (AddDomain, VerifyDomain, RemoveDomain))
LOSE = LoseDomain(ORGANIZATION, FAIR)
SUNDAY = datetime(2026, 10, 4, 8, tzinfo=UTC)
SHOP, OTHER_SHOP = "https://shop.example.org", "https://other.example.org:8443"


def test_a_domain_is_added_verified_and_removed_and_saying_so_again_changes_nothing() -> None:
    log = founded()
    given(log).when(ADD).then(DomainAdded(FAIR)).answered(DomainAnswer(FAIR, verified=False))
    given(log).when(ADD).then()
    given(log).when(VERIFY).then(DomainVerified(FAIR)).answered(DomainAnswer(FAIR, verified=True))
    given(log).when(VERIFY).then()
    given(log).when(ADD).then().answered(DomainAnswer(FAIR, verified=True))
    given(log).when(REMOVE).then(DomainRemoved(FAIR))
    given(log).when(REMOVE).then()
    given(log).when(VERIFY).rejected(Reason.UNKNOWN_DOMAIN, "Add it first")


def test_what_is_not_shown_any_more_is_in_doubt_until_it_is_shown_or_lost() -> None:
    log = founded()
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then()
    log.issue(ADD)
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then()
    given(log).when(LOSE).then()
    log.issue(VERIFY)
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then(DomainDoubted(FAIR))
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then()
    given(log).when(DoubtDomain(ORGANIZATION, FAIR, SUNDAY)).then(DomainDoubted(FAIR, SUNDAY))
    given(log).when(DoubtDomain(ORGANIZATION, FAIR, SUNDAY)).then()
    given(log).when(VERIFY).then(DomainTrusted(FAIR)).answered(DomainAnswer(FAIR, verified=True))
    given(log).when(VERIFY).then()
    log.issue(DoubtDomain(ORGANIZATION, FAIR, SUNDAY))
    given(log).when(LOSE).then(DomainLost(FAIR)).answered(DomainAnswer(FAIR, verified=False))
    given(log).when(LOSE).then()
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then()
    given(log).when(VERIFY).then(DomainVerified(FAIR))
    log.issue(DoubtDomain(ORGANIZATION, FAIR, SUNDAY))
    log.issue(REMOVE)
    given(log).when(DoubtDomain(ORGANIZATION, FAIR)).then()


def test_an_organization_has_a_bounded_number_of_domains() -> None:
    log = founded()
    for number in range(DOMAINS_LIMIT):
        log.issue(AddDomain(ORGANIZATION, Domain(f"fair{number}.example.org")))
    given(log).when(ADD).rejected(Reason.LIMIT_EXCEEDED)
    log.issue(RemoveDomain(ORGANIZATION, Domain("fair3.example.org")))
    given(log).when(ADD).then(DomainAdded(FAIR))


def test_origins_are_said_all_at_once() -> None:
    log = founded()
    given(log).when(ChangeOrigins(ORGANIZATION, (SHOP, OTHER_SHOP, SHOP))).then(
        OriginsChanged((OTHER_SHOP, SHOP))
    ).answered(OriginsAnswer((OTHER_SHOP, SHOP)))
    given(log).when(ChangeOrigins(ORGANIZATION, (OTHER_SHOP, SHOP))).then()
    given(log).when(ChangeOrigins(ORGANIZATION, ())).then(OriginsChanged(()))


def test_what_is_no_founded_organization_stands_nowhere_on_the_web() -> None:
    given(MemoryLog()).when(ADD).rejected(Reason.UNKNOWN_ORGANIZATION)
    given(founded()).when(AddDomain(PLATFORM, FAIR)).rejected(Reason.UNKNOWN_ORGANIZATION)


@pytest.mark.parametrize(
    "domain",
    [
        *("example", "127.0.0.1", "Fair.example.org", "fair.example.org.", "fair.example.org:80", "-fair.example"),
        *("a..b", "fair.example.org/x", "fünf.example.org", f"{'a' * 64}.example.org", "ada@example.org"),
    ],
)
def test_what_is_no_domain_is_not_understood_as_one(domain: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"organization": ORGANIZATION, "domain": domain}, AddDomain)


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "https://*.example.org", "http://shop.example.org", "https://shop.example.org/", "https://"),
        *("HTTPS://shop.example.org", "https://ada@shop.example.org", "https://shop.example.org:0", "file://"),
    ],
)
def test_an_origin_is_one_exact_origin_that_comes_by_tls(origin: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"organization": ORGANIZATION, "origins": [origin]}, ChangeOrigins)
