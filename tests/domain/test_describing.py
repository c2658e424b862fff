"""What is said of things before they are brought: single entry, drafts, lots, wishes, photos, printed tags."""

from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.commands import CheckInItems, ListItems, WithdrawItems
from consign.domain.ledger.events import ItemListed, Photo
from consign.domain.ledger.item_commands import (
    PHOTOS_LIMIT,
    ArrangePhotos,
    ChangedRow,
    ChangeItems,
    ChangeWishes,
    CompletedDraft,
    CompleteDrafts,
    DiscardDrafts,
    DraftAnswer,
    DraftsAnswer,
    ItemAnswer,
    ItemChange,
    ListItem,
    MarkConsignorTagsPrinted,
    MarkTagsPrinted,
    PhotosOfItem,
    SaveDraft,
)
from consign.domain.ledger.item_events import (
    DraftSaved,
    DraftsDiscarded,
    ItemChanged,
    ItemPhotos,
    ItemRetagged,
    PhotosArranged,
    TagsPrinted,
    Wishes,
    WishesChanged,
)
from consign.domain.ledger.state import OnFloor, Voided
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.participation.rules import ParticipationRules
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Category, ChangeSaleSettings, LotRule, Phase
from consign.domain.session.commands import Pay, RemoveLine, Scan
from consign.domain.tag import shown, tag_code
from consign.domain.turns.drafting import DRAFTS_LIMIT
from consign.domain.values import AccountId, Actor, DraftId, ParticipationId, PhotoId
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BASKET,
    BEN,
    BENS_NUMBER,
    COAT,
    DRESS,
    SALE,
    SALE_NUMBER,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    cash,
    checked_in,
    listed,
    live,
    reach,
    registered,
    row,
    sold,
)
from tests.domain.scenario import given

DRAFT = DraftId("01900000-0000-7000-8000-0000000000e1")
OTHER_DRAFT = DraftId("01900000-0000-7000-8000-0000000000e2")
CARLAS = ParticipationId("01900000-0000-7000-8000-0000000000c7")
CARLAS_NUMBER = 3
CARLA = Actor(AccountId("carla"), "consignor")
VOLUNTEER = Actor(AccountId("vera"), "volunteer")
ORGANIZER = Actor(AccountId("olga"), "organizer")
NEXT = tag_code(SALE_NUMBER, ANNAS_NUMBER, 3)
"""The tag that Anna's next item gets."""
PUZZLE = ListItem(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500)
LOTS = replace(SETTINGS, categories=(*SETTINGS.categories, Category("bodysuit", "Bodysuit", lot=LotRule(3, True))))


def a_draft(number: int) -> DraftId:
    return DraftId(f"01900000-0000-7000-8000-{number:012}")


def a_photo(number: int) -> Photo:
    return Photo(PhotoId(f"01900000-0000-7000-8000-{number:012}"), f"{number:064x}")


def item(log: MemoryLog, tag: str) -> Any:
    return log.state(f"ledger-{SALE}").items[tag]


def reasons(answer: Any) -> list[tuple[int, str, str]]:
    return [(error.row, error.reason, error.pointer) for error in answer.errors]


def with_carla() -> MemoryLog:
    """Carla, who has an account, has listed a puzzle."""
    log = listed()
    log.issue(RegisterConsignor(SALE, CARLAS, number=CARLAS_NUMBER, account=CARLA.account))
    log.issue(replace(PUZZLE, consignor=CARLAS_NUMBER, actor=CARLA))
    return log


CARLAS_PUZZLE = tag_code(SALE_NUMBER, CARLAS_NUMBER, 1)


def test_a_single_item_gets_its_tag_once_however_often_it_is_said() -> None:
    log = registered()
    given(log).when(PUZZLE).then(ItemListed(SALE, SKIRT, ANNA, 1, "toy", "Puzzle", 500, draft=DRAFT)).answered(
        ItemAnswer(DRAFT, SKIRT)
    )
    given(log).when(PUZZLE).then().answered(ItemAnswer(DRAFT, SKIRT, already=True))


def test_a_single_item_that_breaks_a_rule_is_refused_at_its_field() -> None:
    rejected = given(registered()).when(replace(PUZZLE, description="Car seat")).rejected(Reason.ITEM_INVALID)
    assert [(error["pointer"], error["reason"]) for error in rejected.errors] == [("/description", "not_accepted")]


def test_a_draft_says_what_it_lacks_and_has_no_tag() -> None:
    log = registered()
    save = SaveDraft(SALE, DRAFT, ANNAS_NUMBER, description="Puzzle")
    outcome = given(log).when(save).then(DraftSaved(SALE, DRAFT, ANNA, 1, description="Puzzle"))
    assert [(error.pointer, error.reason) for error in outcome.answer.lacking] == [("/category", "incomplete")]
    given(log).when(save).then()
    given(log).when(replace(save, category="toy", price_minor=500)).then(
        DraftSaved(SALE, DRAFT, ANNA, 1, "toy", "Puzzle", 500)
    ).answered(DraftAnswer(DRAFT))
    assert len(log.state(f"ledger-{SALE}").items) == 0


def test_complete_drafts_are_listed_and_the_others_stay_with_what_they_lack() -> None:
    log = registered()
    log.issue(SaveDraft(SALE, a_draft(1), ANNAS_NUMBER, "toy", "Puzzle"))
    log.issue(SaveDraft(SALE, a_draft(2), ANNAS_NUMBER, "toy", "Ball", 500))
    log.issue(SaveDraft(SALE, a_draft(3), ANNAS_NUMBER, "toy", "Kite", 505))
    outcome = given(log).when(CompleteDrafts(SALE, ANNAS_NUMBER))
    outcome.then(ItemListed(SALE, SKIRT, ANNA, 1, "toy", "Ball", 500, draft=a_draft(2)))
    assert outcome.answer.listed == (CompletedDraft(a_draft(2), SKIRT),)
    assert reasons(outcome.answer) == [
        (0, "incomplete", "/drafts/0/price_minor"),
        (2, "price_step", "/drafts/2/price_minor"),
    ]
    again = given(log).when(CompleteDrafts(SALE, ANNAS_NUMBER, (a_draft(2), a_draft(9)))).then().answer
    assert again.listed == (CompletedDraft(a_draft(2), SKIRT, already=True),)
    assert reasons(again) == [(1, "unknown_draft", "/drafts/1")]


def test_a_draft_that_is_listed_by_itself_is_a_draft_no_more() -> None:
    log = registered()
    log.issue(SaveDraft(SALE, DRAFT, ANNAS_NUMBER, description="Puzzle"))
    log.issue(PUZZLE)
    given(log).when(CompleteDrafts(SALE, ANNAS_NUMBER)).then()
    given(log).when(SaveDraft(SALE, DRAFT, ANNAS_NUMBER)).rejected(Reason.DRAFT_LISTED)


def test_drafts_are_thrown_away_and_listed_ones_stay() -> None:
    log = registered()
    log.issue(SaveDraft(SALE, OTHER_DRAFT, ANNAS_NUMBER))
    log.issue(PUZZLE)
    discard = DiscardDrafts(SALE, ANNAS_NUMBER, (OTHER_DRAFT, DRAFT))
    given(log).when(discard).then(DraftsDiscarded(SALE, 1, (OTHER_DRAFT,))).answered(DraftsAnswer((OTHER_DRAFT,)))
    given(log).when(discard).then().answered(DraftsAnswer((OTHER_DRAFT,)))


def test_a_consignor_keeps_no_more_drafts_than_one_command_completes() -> None:
    log = registered()
    for number in range(DRAFTS_LIMIT):
        log.issue(SaveDraft(SALE, a_draft(number), ANNAS_NUMBER))
    given(log).when(SaveDraft(SALE, a_draft(DRAFTS_LIMIT), ANNAS_NUMBER)).rejected(Reason.LIMIT_EXCEEDED, "500 drafts")
    given(log).when(SaveDraft(SALE, a_draft(1), ANNAS_NUMBER, description="Ball")).then(
        DraftSaved(SALE, a_draft(1), ANNA, 1, description="Ball")
    )


def test_a_lot_is_one_item_where_its_category_allows_lots() -> None:
    rows = (
        row(0, 1, "bodysuit", 500, pieces=3, size="86", brand="Colibri"),
        row(1, 1, "bodysuit", 500, pieces=4, size="86", brand="Colibri"),
        row(2, 1, "bodysuit", 500, pieces=2, size="86"),
        row(3, 1, "toy", 500, pieces=2),
        row(4, 1, "bodysuit", 500, pieces=0),
        row(5, 1, "bodysuit", 500),
        row(6, 1, "bodysuit", 500, size="x" * 61),
    )
    outcome = given(registered(LOTS)).when(ListItems(SALE, rows))
    outcome.then(
        ItemListed(SALE, SKIRT, ANNA, 1, "bodysuit", "bodysuit", 500, pieces=3, size="86", brand="Colibri"),
        ItemListed(SALE, DRESS, ANNA, 1, "bodysuit", "bodysuit", 500),
    )
    assert reasons(outcome.answer) == [
        (1, "lot_invalid", "/rows/1/pieces"),
        (2, "lot_invalid", "/rows/2/brand"),
        (3, "lot_invalid", "/rows/3/pieces"),
        (4, "lot_invalid", "/rows/4/pieces"),
        (6, "text_invalid", "/rows/6/size"),
    ]


def test_a_list_has_as_many_items_as_it_may_and_no_more() -> None:
    log = registered(replace(SETTINGS, items_per_list=2, lists_per_consignor=2))
    rows = (*(row(index, 1, "toy", 500) for index in range(3)), row(3, 1, "toy", 500, list_number=2))
    answer = log.issue(ListItems(SALE, (*rows, row(4, 1, "toy", 500, list_number=3), row(5, 2, "toy", 500))))
    assert [done.row for done in answer.listed] == [0, 1, 3, 5]
    assert reasons(answer) == [
        (2, "quota_exceeded", "/rows/2/list_number"),
        (4, "quota_exceeded", "/rows/4/list_number"),
    ]
    later = log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    assert "at most 2 items" in later.errors[0].detail


def test_groups_categories_and_consignors_have_quotas_of_their_own() -> None:
    categories = (
        Category("coat", "Coat", quota_groups=("outer", "clothes")),
        Category("jacket", "Jacket", quota_groups=("outer",)),
        Category("shirt", "Shirt", quota_groups=("clothes",)),
        Category("book", "Book", items_maximum=1),
    )
    log = registered(
        replace(
            SETTINGS,
            commission=replace(SETTINGS.commission, by_category={}),
            categories=categories,
            quotas={"outer": 1, "clothes": 2},
            items_per_consignor=5,
        )
    )
    names = ("coat", "jacket", "shirt", "shirt", "book", "book")
    answer = log.issue(ListItems(SALE, tuple(row(index, 1, name, 500) for index, name in enumerate(names))))
    assert [done.row for done in answer.listed] == [0, 2, 4]
    assert [error.row for error in answer.errors] == [1, 3, 5]
    second_list = tuple(row(index, 1, name, 500, list_number=2) for index, name in enumerate(names))
    answer = log.issue(ListItems(SALE, second_list))
    assert [done.row for done in answer.listed] == [0, 2]
    assert "at most 5 items" in answer.errors[-1].detail


@pytest.mark.parametrize("how", ["list", "complete", "change"])
def test_every_way_in_is_held_to_the_quotas(how: str) -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500), row(1, 1, "toy", 500, list_number=2))))
    match how:
        case "list":
            rejected = given(log).when(PUZZLE).rejected(Reason.ITEM_INVALID)
            assert rejected.errors[0]["reason"] == RowReason.QUOTA_EXCEEDED
        case "complete":
            log.issue(SaveDraft(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500))
            assert log.issue(CompleteDrafts(SALE, ANNAS_NUMBER)).errors[0].reason == RowReason.QUOTA_EXCEEDED
        case _:
            answer = log.issue(ChangeItems(SALE, (ItemChange(SKIRT, list_number=2),)))
            assert answer.errors[0].reason == RowReason.QUOTA_EXCEEDED


def test_an_organizer_lets_in_what_there_is_no_place_for_and_it_is_recorded_so() -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    late = ListItems(SALE, (row(0, 1, "toy", 500),), actor=ORGANIZER, beyond_quota=True)
    given(log).when(late).then(ItemListed(SALE, DRESS, ANNA, 1, "toy", "toy", 500, beyond_quota=True))
    given(log).when(ChangeItems(SALE, (ItemChange(DRESS, price_minor=600),))).then(
        ItemChanged(SALE, ItemListed(SALE, DRESS, ANNA, 1, "toy", "toy", 600, beyond_quota=True))
    )


def test_what_is_withdrawn_makes_place() -> None:
    log = registered(replace(SETTINGS, items_per_list=1))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    log.issue(WithdrawItems(SALE, (SKIRT,)))
    assert log.issue(ListItems(SALE, (row(0, 1, "toy", 500),))).listed[0].tag == DRESS


def test_a_reference_names_one_item_of_a_consignor() -> None:
    log = registered()
    jigsaw = row(0, 1, "toy", 500, reference="J-1")
    log.issue(ListItems(SALE, (jigsaw,)))
    answer = log.issue(ListItems(SALE, (jigsaw, replace(jigsaw, row=1, price_minor=550), replace(jigsaw, consignor=2))))
    assert [(done.row, done.already) for done in answer.listed] == [(0, True), (0, False)]
    assert reasons(answer) == [(1, "item_exists", "/rows/1/reference")]


def test_before_its_tag_is_printed_an_item_is_changed_and_keeps_it() -> None:
    log = listed()
    change = ChangeItems(SALE, (ItemChange(SKIRT, price_minor=400, description=" Red skirt "),))
    given(log).when(change).then(
        ItemChanged(SALE, ItemListed(SALE, SKIRT, ANNA, 1, "skirt", "Red skirt", 400))
    ).answered(replace(log.issue(change), changed=(ChangedRow(0, SKIRT),)))
    given(log).when(change).then()


def test_the_printed_price_wins_a_change_voids_the_tag_and_gives_a_new_one() -> None:
    log = listed()
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    outcome = given(log).when(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=400),)))
    outcome.then(ItemRetagged(SALE, SKIRT, ItemListed(SALE, NEXT, ANNA, 1, "skirt", "skirt", 400), "listed"))
    assert outcome.answer.changed == (ChangedRow(0, NEXT, SKIRT),)
    assert item(log, SKIRT).status == Voided(NEXT)
    again = log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=450), ItemChange(NEXT, price_minor=450))))
    assert reasons(again) == [(0, "tag_voided", "/rows/0/tag")]
    assert again.changed == (ChangedRow(1, NEXT),), "nobody has printed the new tag yet"


def test_what_is_not_on_the_tag_may_change_after_printing() -> None:
    log = listed()
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    change = ChangeItems(SALE, (ItemChange(SKIRT, list_number=2, reference="A"),))
    given(log).when(change).then(
        ItemChanged(SALE, ItemListed(SALE, SKIRT, ANNA, 1, "skirt", "skirt", SKIRT_MINOR, 2, reference="A"))
    )


def test_a_void_tag_is_refused_at_the_till_with_the_new_one_and_the_new_one_sells_at_its_price() -> None:
    log = live()
    log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=300),), actor=ORGANIZER))
    log.issue(ChangeItems(SALE, (ItemChange(NEXT, price_minor=250),), actor=ORGANIZER))
    newest = tag_code(SALE_NUMBER, ANNAS_NUMBER, 4)
    rejected = given(log).when(Scan(SESSION, BASKET, SKIRT)).rejected(Reason.TAG_VOIDED, shown(newest))
    assert rejected.errors[0]["replaced_by"] == newest
    assert isinstance(item(log, newest).status, OnFloor)
    assert log.issue(Scan(SESSION, BASKET, newest)).total_minor == 250


def test_on_the_floor_only_an_organizer_changes_an_item_and_a_sold_one_stays() -> None:
    log = live()
    answer = log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=300),), actor=VOLUNTEER))
    assert reasons(answer) == [(0, "item_on_floor", "/rows/0")]
    sold(log, DRESS)
    answer = log.issue(ChangeItems(SALE, (ItemChange(DRESS, price_minor=300),), actor=ORGANIZER))
    assert reasons(answer) == [(0, "already_sold", "/rows/0/tag")]


def test_a_change_is_held_to_the_rules_of_entry_and_each_item_is_changed_once() -> None:
    rows = (
        ItemChange(SKIRT, price_minor=375),
        ItemChange(SKIRT, category="piano"),
        ItemChange(SKIRT, description="a tie"),
        ItemChange(SKIRT, pieces=2),
        ItemChange(SKIRT, price_minor=400),
        ItemChange(SKIRT, price_minor=450),
        ItemChange("123", price_minor=450),
    )
    answer = given(listed()).when(ChangeItems(SALE, rows)).answer
    assert reasons(answer) == [
        (0, "price_step", "/rows/0/price_minor"),
        (1, "category_unknown", "/rows/1/category"),
        (2, "not_accepted", "/rows/2/description"),
        (3, "lot_invalid", "/rows/3/pieces"),
        (5, "said_twice", "/rows/5/tag"),
        (6, "tag_invalid", "/rows/6/tag"),
    ]
    assert [change.row for change in answer.changed] == [4]


def test_a_number_whose_tag_is_void_is_not_used_again() -> None:
    log = listed()
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=400),)))
    answer = log.issue(ListItems(SALE, (row(0, 1, "skirt", SKIRT_MINOR, number=1),)))
    assert reasons(answer) == [(0, "item_exists", "/rows/0/number")]
    assert shown(NEXT) in answer.errors[0].detail


def test_every_printing_is_recorded_and_what_was_never_printed_is_found() -> None:
    log = listed()
    given(log).when(MarkTagsPrinted(SALE, (SKIRT, SKIRT))).then(TagsPrinted(SALE, (SKIRT,)))
    given(log).when(MarkTagsPrinted(SALE, (SKIRT,))).then(TagsPrinted(SALE, (SKIRT,)))
    assert log.state(f"ledger-{SALE}").printed[SKIRT] == 2
    log.issue(WithdrawItems(SALE, (COAT,)))
    given(log).when(MarkConsignorTagsPrinted(SALE, ANNAS_NUMBER)).then(TagsPrinted(SALE, (DRESS,)))
    given(log).when(MarkConsignorTagsPrinted(SALE, ANNAS_NUMBER)).then()
    assert reasons(log.issue(MarkTagsPrinted(SALE, (COAT,)))) == [(0, "item_withdrawn", "/tags/0")]


def test_wishes_change_many_at_once_and_until_check_in() -> None:
    log = listed()
    wish = ChangeWishes(SALE, (SKIRT, COAT), donate=True)
    given(log).when(wish).then(WishesChanged(SALE, (Wishes(SKIRT, ANNA, False, True), Wishes(COAT, BEN, False, True))))
    given(log).when(wish).then()
    assert item(log, SKIRT).listed.donate


def test_consignors_change_wishes_until_check_in_or_until_sold_by_the_sales_setting() -> None:
    for until, expected in (("checked_in", [(0, "item_on_floor", "/tags/0")]), ("sold", [])):
        log = reach(with_carla(), Phase.DROP_OFF)
        settings = replace(log.state(f"sale-{SALE}").settings, wishes_until=until)
        log.states[f"sale-{SALE}"] = replace(log.state(f"sale-{SALE}"), settings=settings)
        wish = ChangeWishes(SALE, (CARLAS_PUZZLE,), reduce=True, actor=CARLA)
        assert log.issue(wish).errors == ()
        log.issue(checked_in_now(CARLAS_PUZZLE))
        assert reasons(log.issue(replace(wish, reduce=False))) == expected
        assert log.issue(replace(wish, reduce=False, actor=VOLUNTEER)).errors == ()


def checked_in_now(tag: str) -> Struct:
    return CheckInItems(SALE, (tag,))


def test_photos_are_attached_detached_and_ordered_by_saying_how_it_shall_be() -> None:
    log = listed()
    both = (a_photo(1), a_photo(2))
    given(log).when(ArrangePhotos(SALE, (PhotosOfItem(SKIRT, both), PhotosOfItem(COAT, (a_photo(3),))))).then(
        PhotosArranged(SALE, (ItemPhotos(SKIRT, ANNA, both), ItemPhotos(COAT, BEN, (a_photo(3),))))
    )
    swapped = ArrangePhotos(SALE, (PhotosOfItem(SKIRT, both[::-1]), PhotosOfItem(COAT, (a_photo(3),))))
    given(log).when(swapped).then(PhotosArranged(SALE, (ItemPhotos(SKIRT, ANNA, both[::-1]),)))
    twice = ArrangePhotos(SALE, (PhotosOfItem(SKIRT, (a_photo(1), a_photo(1))), PhotosOfItem("1", ())))
    assert reasons(given(log).when(twice).then().answer) == [
        (0, "said_twice", "/rows/0/photos"),
        (1, "tag_invalid", "/rows/1/tag"),
    ]
    assert item(log, SKIRT).listed.photos == both[::-1]


def test_an_item_has_so_many_photos_and_each_once() -> None:
    many = tuple(a_photo(number) for number in range(PHOTOS_LIMIT + 1))
    log = registered()
    assert log.issue(ListItems(SALE, (row(0, 1, "toy", 500, photos=many),))).errors[0].reason == "photos_invalid"
    twice = replace(PUZZLE, photos=(many[0], many[0]))
    given(log).when(twice).rejected(Reason.ITEM_INVALID, "each once")


def test_consignors_reach_their_own_items_and_nobody_elses() -> None:
    log = with_carla()
    given(log).when(replace(PUZZLE, draft=OTHER_DRAFT, actor=CARLA)).rejected(Reason.UNKNOWN_CONSIGNOR)
    commands = (
        ChangeItems(
            SALE, (ItemChange(SKIRT, price_minor=400), ItemChange(CARLAS_PUZZLE, price_minor=550)), actor=CARLA
        ),
        ChangeWishes(SALE, (SKIRT, CARLAS_PUZZLE), reduce=True, actor=CARLA),
        ArrangePhotos(SALE, (PhotosOfItem(SKIRT, ()), PhotosOfItem(CARLAS_PUZZLE, (a_photo(1),))), actor=CARLA),
        MarkTagsPrinted(SALE, (SKIRT, CARLAS_PUZZLE), actor=CARLA),
        WithdrawItems(SALE, (SKIRT, CARLAS_PUZZLE), actor=CARLA),
    )
    before = item(log, SKIRT).listed
    for command in commands:
        outcome = given(log).when(command)
        assert [error.reason for error in outcome.answer.errors] == ["unknown_tag"]
        assert item(log, SKIRT).listed == before
    answer = log.issue(ListItems(SALE, (row(0, 1, "toy", 500), row(1, CARLAS_NUMBER, "toy", 500)), actor=CARLA))
    assert reasons(answer) == [(0, "unknown_consignor", "/rows/0/consignor")]
    assert [done.row for done in answer.listed] == [1]


def test_consignors_withdraw_until_they_have_brought_the_item_the_desk_later() -> None:
    log = reach(with_carla(), Phase.DROP_OFF)
    log.issue(checked_in_now(CARLAS_PUZZLE))
    withdraw = WithdrawItems(SALE, (CARLAS_PUZZLE,), actor=CARLA)
    assert reasons(given(log).when(withdraw).then().answer) == [(0, "item_on_floor", "/tags/0")]
    assert log.issue(replace(withdraw, actor=VOLUNTEER)).tags == (CARLAS_PUZZLE,)


def test_consignors_enter_items_as_long_as_the_sale_lets_them_the_desk_longer() -> None:
    settings = replace(SETTINGS, consignor_entry_until="registration")
    log = registered(settings)
    log.issue(RegisterConsignor(SALE, CARLAS, number=CARLAS_NUMBER, account=CARLA.account))
    reach(log, Phase.DROP_OFF)
    late = replace(PUZZLE, consignor=CARLAS_NUMBER, actor=CARLA)
    given(log).when(late).rejected(Reason.WRONG_PHASE, "registration")
    assert log.issue(replace(late, actor=VOLUNTEER)).tag == CARLAS_PUZZLE


def test_the_ledger_as_a_whole_counts_rightly_after_a_change_on_the_floor() -> None:
    log = checked_in()
    before = log.state(f"ledger-{SALE}").on_floor_count
    log.issue(ChangeItems(SALE, (ItemChange(SKIRT, price_minor=400),)))
    ledger = log.state(f"ledger-{SALE}")
    assert ledger.on_floor_count == before
    assert ledger.consignors[ANNAS_NUMBER].tags == (SKIRT, DRESS, NEXT)
    assert ledger.consignors[BENS_NUMBER].tags == (COAT,)


def test_a_line_whose_item_was_listed_as_something_else_meanwhile_is_scanned_again() -> None:
    log = live()
    log.issue(Scan(SESSION, BASKET, SKIRT))
    log.pass_time(1000)
    log.fire_due_timers()
    log.issue(ChangeItems(SALE, (ItemChange(SKIRT, list_number=2),), actor=ORGANIZER))
    rejected = given(log).when(Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))).rejected(Reason.LINE_LOST, "was changed")
    assert rejected.errors[0]["tag"] == SKIRT
    given(log).when(Scan(SESSION, BASKET, SKIRT)).rejected(Reason.LINE_LOST, "was changed")
    log.issue(RemoveLine(SESSION, BASKET, SKIRT))
    assert sold(log, SKIRT)


def test_whoever_has_not_accepted_the_terms_keeps_drafts_and_lists_nothing() -> None:
    log = registered()
    settings = replace(SETTINGS, terms_version="2", participation=ParticipationRules(terms_required=True))
    log.issue(ChangeSaleSettings(SALE, settings))
    given(log).when(PUZZLE).rejected(Reason.TERMS_NOT_ACCEPTED)
    log.issue(SaveDraft(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500))
    assert [error.reason for error in log.issue(CompleteDrafts(SALE, ANNAS_NUMBER)).errors] == ["terms_not_accepted"]
    answer = log.issue(ListItems(SALE, (row(0, ANNAS_NUMBER, "toy", 500),)))
    assert reasons(answer) == [(0, "terms_not_accepted", "/rows/0/consignor")]
