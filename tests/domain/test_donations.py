"""The list of what is given away, closed when it is handed over: nothing joins or leaves it before it is reopened."""

from msgspec.structs import replace

from consign.domain.ledger.floor_commands import (
    CloseDonations,
    CollectItems,
    DonateItems,
    DonateRest,
    DonationsClosedAnswer,
    FindItems,
    ReopenDonations,
)
from consign.domain.ledger.floor_events import DonatedCategory, DonationsClosed, DonationsReopened, ItemsDonated
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from tests.domain.log import MemoryLog
from tests.domain.market import COAT, DRESS, DRESS_MINOR, SALE, SETTINGS, SKIRT, SKIRT_MINOR, checked_in, reach
from tests.domain.scenario import given


def given_away() -> MemoryLog:
    """At pick-up two things were given away; the third is to follow by the sale's policy."""
    log = reach(checked_in(replace(SETTINGS, unsold_policy="donate")), Phase.PICK_UP)
    log.issue(DonateItems(SALE, (SKIRT, DRESS)))
    return log


def test_closing_says_how_much_is_on_the_list_by_category_and_what_is_left() -> None:
    log = given_away()
    asked_minor = SKIRT_MINOR + DRESS_MINOR
    assert log.issue(CloseDonations(SALE)) == DonationsClosedAnswer(1, 2, asked_minor, "EUR", remaining=1)
    categories = (DonatedCategory("dress", 1, DRESS_MINOR), DonatedCategory("skirt", 1, SKIRT_MINOR))
    assert log.events_of(DonationsClosed) == [DonationsClosed(SALE, 1, 2, asked_minor, categories, log.now)]
    assert log.issue(CloseDonations(SALE)).number == 1
    assert len(log.events_of(DonationsClosed)) == 1, "what is closed stays so"


def test_nothing_joins_or_leaves_a_closed_list() -> None:
    log = given_away()
    log.issue(CloseDonations(SALE))
    for joining in (DonateItems(SALE, (COAT,)), DonateRest(SALE)):
        given(log).when(joining).rejected(Reason.DONATIONS_CLOSED)
    for leaving in (CollectItems(SALE, (SKIRT,)), FindItems(SALE, (SKIRT,))):
        assert [error.reason for error in log.issue(leaving).errors] == [Reason.DONATIONS_CLOSED]
    log.issue(CollectItems(SALE, (COAT,)))  # what is not on it goes home as ever
    log.issue(DonateRest(SALE))  # and nothing is left to join it
    assert len(log.events_of(ItemsDonated)) == 1


def test_an_organizer_reopens_it_with_a_reason_and_closes_it_anew() -> None:
    log = given_away()
    log.issue(CloseDonations(SALE))
    log.issue(ReopenDonations(SALE, "a box was left behind"))
    log.issue(ReopenDonations(SALE, "again"))
    assert log.events_of(DonationsReopened) == [DonationsReopened(SALE, 1, "a box was left behind", log.now)]
    log.issue(DonateRest(SALE))
    closed = log.issue(CloseDonations(SALE))
    assert (closed.number, closed.items, closed.remaining) == (2, 3, 0)
