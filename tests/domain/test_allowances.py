"""How much somebody may list beyond the rule: granted by an organizer, or bought list by list off the proceeds."""

from typing import Any

from msgspec.structs import replace

from consign.domain.accounts import FEES, payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.ledger.commands import ListItems, WithdrawItems
from consign.domain.participation.allowance_commands import AllowanceAnswer, BuyLists, GrantAllowance
from consign.domain.participation.commands import WithdrawParticipation
from consign.domain.participation.events import ListsCharged
from consign.domain.places import Allowance, AllowanceChanged
from consign.domain.rejection import Reason, RowReason
from consign.domain.values import AccountId
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, ANNAS_NUMBER, SALE, SETTINGS, registered, row
from tests.domain.newcomers import DESK, consignor
from tests.domain.scenario import given

LIST_MINOR, FEE_MINOR = 150, 500
SELLING_LISTS = replace(SETTINGS, fee_covers_lists=1, extra_list_fee_minor=LIST_MINOR, lists_per_consignor=4)


def buy(lists: int, **more: Any) -> BuyLists:
    return BuyLists(ANNA, lists, more.pop("actor", DESK))


def enter(list_number: int, count: int = 1) -> ListItems:
    return ListItems(SALE, tuple(row(each, ANNAS_NUMBER, "toy", 500, list_number=list_number) for each in range(count)))


def refused(log: MemoryLog, command: ListItems) -> list[str]:
    return [error.reason for error in log.issue(command).errors]


def books_of(log: MemoryLog) -> Books:
    books = EMPTY
    for emitted in log.events:
        books, postings = post(books, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0
    return books


def test_the_fee_covers_so_many_lists_and_further_ones_are_bought() -> None:
    log = registered(SELLING_LISTS)
    assert refused(log, enter(2)) == [RowReason.QUOTA_EXCEEDED]
    given(log).when(buy(1)).then(
        AllowanceChanged(SALE, ANNA, ANNAS_NUMBER, Allowance(0, 0, 1)),
        ListsCharged(ANNA, SALE, ANNAS_NUMBER, 1, LIST_MINOR),
    ).answered(AllowanceAnswer(ANNA, ANNAS_NUMBER, 2, 4, None, {}, 1, LIST_MINOR, "EUR"))
    assert refused(log, enter(2)) == []
    assert refused(log, enter(3)) == [RowReason.QUOTA_EXCEEDED]


def test_what_lists_cost_is_owed_and_stands_in_the_books() -> None:
    log = registered(SELLING_LISTS)
    before = books_of(log).balance(SALE, FEES)
    log.issue(buy(2))
    books = books_of(log)
    assert books.balance(SALE, payable_account(ANNA)) == FEE_MINOR + 2 * LIST_MINOR
    assert books.balance(SALE, FEES) == before - 2 * LIST_MINOR
    assert log.state(f"participation-{ANNA}").charged_minor == FEE_MINOR + 2 * LIST_MINOR


def test_a_list_that_nothing_stands_on_is_given_back() -> None:
    log = registered(SELLING_LISTS)
    log.issue(buy(2))
    tag = log.issue(enter(3)).listed[0].tag
    given(log).when(buy(1)).rejected(Reason.LISTS_IN_USE, "3")
    log.issue(WithdrawItems(SALE, (tag,)))
    given(log).when(buy(1)).then(
        AllowanceChanged(SALE, ANNA, ANNAS_NUMBER, Allowance(0, 0, 1)),
        ListsCharged(ANNA, SALE, ANNAS_NUMBER, 1, -LIST_MINOR),
    )
    given(log).when(buy(1)).then()
    given(log).when(buy(0))
    assert log.state(f"participation-{ANNA}").lists_charged_minor == 0


def test_a_list_that_was_granted_stays_in_use_when_a_bought_one_is_given_back() -> None:
    log = registered(SELLING_LISTS)
    log.issue(GrantAllowance(ANNA, extra_lists=1))
    log.issue(buy(1))
    assert refused(log, enter(2)) == []
    given(log).when(buy(0))
    assert refused(log, enter(3)) == [RowReason.QUOTA_EXCEEDED]


def test_nobody_buys_more_lists_than_the_sale_allows_each_unless_granted() -> None:
    log = registered(SELLING_LISTS)
    given(log).when(buy(4)).rejected(Reason.LIMIT_EXCEEDED, "4")
    given(log, GrantAllowance(ANNA, extra_lists=1)).when(buy(4))
    given(registered()).when(buy(1)).rejected(Reason.LISTS_NOT_SOLD)


def test_an_organizer_grants_more_items_and_lists() -> None:
    log = registered(replace(SETTINGS, items_per_consignor=1, lists_per_consignor=1))
    assert refused(log, enter(1, 2)) == [RowReason.QUOTA_EXCEEDED]
    given(log).when(GrantAllowance(ANNA, extra_items=2, extra_lists=1)).then(
        AllowanceChanged(SALE, ANNA, ANNAS_NUMBER, Allowance(2, 1, 0))
    ).answered(AllowanceAnswer(ANNA, ANNAS_NUMBER, 2, 2, 3, {}, 0, 0, "EUR"))
    assert refused(log, enter(2, 3)) == [RowReason.QUOTA_EXCEEDED]
    given(log).when(GrantAllowance(ANNA, extra_items=2, extra_lists=1)).then()


def test_an_organizer_grants_more_of_a_category() -> None:
    scarce = tuple(replace(each, items_maximum=1 if each.code == "toy" else None) for each in SETTINGS.categories)
    log = registered(replace(SETTINGS, categories=scarce))
    assert refused(log, enter(1, 2)) == [RowReason.QUOTA_EXCEEDED]
    given(log).when(GrantAllowance(ANNA, extra_by_category={"hat": 1})).rejected(Reason.UNKNOWN_CATEGORY, "hat")
    given(log).when(GrantAllowance(ANNA, extra_by_category={"toy": 2, "coat": 0})).then(
        AllowanceChanged(SALE, ANNA, ANNAS_NUMBER, Allowance(extra_by_category={"toy": 2}))
    ).answered(AllowanceAnswer(ANNA, ANNAS_NUMBER, None, None, None, {"toy": 3}, 0, 0, "EUR"))
    assert refused(log, enter(1, 3)) == [RowReason.QUOTA_EXCEEDED]


def test_lists_are_bought_for_oneself_alone_and_whoever_leaves_owes_nothing_for_them() -> None:
    log = registered(SELLING_LISTS)
    given(log).when(buy(1, actor=consignor(AccountId("stranger")))).rejected(Reason.UNKNOWN_PARTICIPATION)
    log.issue(buy(1))
    log.issue(WithdrawParticipation(ANNA, DESK))
    assert books_of(log).balance(SALE, payable_account(ANNA)) == 0
