"""Things that did not sell come to the next sale, by its rules."""

from msgspec.structs import replace

from consign.domain.ledger.commands import ListedRow, WithdrawItems
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import CopyItems, PriceRule
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.rejection import Reason
from consign.domain.sale import Category
from consign.domain.values import AccountId, Actor, ParticipationId
from tests.domain.market import ANNA, ANNAS_NUMBER, DRESS, SALE, SETTINGS, SKIRT
from tests.domain.other_sale import ANNAS_NUMBER_THEN, BEAR, EARLIER, SCARF, SLED, with_earlier_sale
from tests.domain.scenario import given

UNSOLD = CopyItems(SALE, EARLIER, ANNAS_NUMBER, from_consignor=ANNAS_NUMBER_THEN)
CARLA = Actor(AccountId("carla"), "consignor", "own")


def test_what_was_not_sold_is_listed_again_once() -> None:
    log = with_earlier_sale()
    outcome = given(log).when(UNSOLD)
    outcome.then(
        ItemListed(SALE, SKIRT, ANNA, 1, "toy", "Scarf", 350, copied_from=SCARF),
        ItemListed(SALE, DRESS, ANNA, 1, "toy", "Sled", 1250, copied_from=SLED),
    )
    assert outcome.answer.listed == (ListedRow(0, SKIRT), ListedRow(1, DRESS))
    given(log).when(UNSOLD).then()
    named = given(log).when(replace(UNSOLD, from_consignor=None, tags=(SCARF,))).then()
    assert named.answer.listed == (ListedRow(0, SKIRT, already=True),)


def test_what_was_sold_is_copied_only_where_that_is_said() -> None:
    log = with_earlier_sale()
    chosen = CopyItems(SALE, EARLIER, ANNAS_NUMBER, tags=(BEAR, SLED, "12"))
    answer = given(log).when(chosen).answer
    assert [(error.row, error.reason) for error in answer.errors] == [(0, "not_to_copy"), (2, "tag_invalid")]
    assert log.issue(replace(chosen, tags=(BEAR,), sold=True)).listed == (ListedRow(0, DRESS),)


def test_prices_follow_the_rule_and_the_new_sales_bands() -> None:
    half = PriceRule(500_000)
    log = with_earlier_sale()
    answer = log.issue(replace(UNSOLD, price=half))
    ledger = log.state(f"ledger-{SALE}")
    assert [ledger.items[done.tag].listed.price_minor for done in answer.listed] == [200, 650]

    narrow = replace(SETTINGS, categories=(*SETTINGS.categories, Category("game", "Game", 220, 580)))
    log = with_earlier_sale(narrow)
    games = replace(UNSOLD, price=half, categories={"toy": "game"})
    assert [error.reason for error in log.issue(games).errors] == ["price_too_low", "price_too_high"]
    answer = log.issue(replace(games, price=PriceRule(500_000, fit=True)))
    ledger = log.state(f"ledger-{SALE}")
    assert [ledger.items[done.tag].listed.price_minor for done in answer.listed] == [250, 550]


def test_copies_are_held_to_the_rules_like_anything_that_comes_in() -> None:
    strict = replace(SETTINGS, refused=("sled",), items_per_list=1)
    answer = with_earlier_sale(strict).issue(UNSOLD)
    assert [error.reason for error in answer.errors] == ["not_accepted"]
    answer = with_earlier_sale(replace(SETTINGS, items_per_list=1)).issue(UNSOLD)
    assert [(error.row, error.reason) for error in answer.errors] == [(1, "quota_exceeded")]


def test_withdrawn_things_are_copied_too() -> None:
    log = with_earlier_sale()
    log.issue(WithdrawItems(EARLIER, (SLED,)))
    assert len(log.issue(UNSOLD).listed) == 2


def test_consignors_copy_from_their_own_things_alone() -> None:
    log = with_earlier_sale()
    here = ParticipationId("01900000-0000-7000-8000-0000000000c7")
    log.issue(RegisterConsignor(SALE, here, number=3, account=CARLA.account))
    hers = replace(UNSOLD, consignor=3, actor=CARLA)
    given(log).when(hers).rejected(Reason.UNKNOWN_CONSIGNOR)
    answer = log.issue(replace(hers, from_consignor=None, tags=(SLED,)))
    assert [error.reason for error in answer.errors] == ["unknown_tag"]

    log = with_earlier_sale(account=CARLA.account)
    log.issue(RegisterConsignor(SALE, here, number=3, account=CARLA.account))
    assert len(log.issue(hers).listed) == 2


def test_something_must_be_named_to_be_copied() -> None:
    log = with_earlier_sale()
    given(log).when(CopyItems(SALE, EARLIER, ANNAS_NUMBER)).rejected(Reason.NOTHING_NAMED)
    given(log).when(replace(UNSOLD, from_consignor=77)).rejected(Reason.UNKNOWN_CONSIGNOR)
