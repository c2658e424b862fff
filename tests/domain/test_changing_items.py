"""What is changed of things that are listed: the printed price wins; wishes, photos and printed tags."""

from msgspec.structs import replace

from consign.domain.ledger.commands import CheckInItems, ListItems, WithdrawItems
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import (
    PHOTOS_LIMIT,
    ArrangePhotos,
    ChangedRow,
    ChangeItem,
    ChangeItems,
    ChangeWishes,
    ItemChange,
    ItemChangedAnswer,
    MarkConsignorTagsPrinted,
    MarkTagsPrinted,
    PhotosOfItem,
)
from consign.domain.ledger.item_events import (
    ItemChanged,
    ItemPhotos,
    ItemRetagged,
    PhotosArranged,
    TagsPrinted,
    Wishes,
    WishesChanged,
)
from consign.domain.ledger.state import OnFloor, Voided
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import Pay, RemoveLine, Scan
from consign.domain.tag import shown, tag_code
from tests.domain.entering import (
    CARLA,
    CARLAS_PUZZLE,
    NEXT,
    ORGANIZER,
    PUZZLE,
    VOLUNTEER,
    a_photo,
    item,
    reasons,
    with_carla,
)
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


def test_one_item_is_changed_by_itself_and_what_breaks_a_rule_is_refused_at_its_field() -> None:
    log = listed()
    change = ChangeItem(SALE, SKIRT, price_minor=400, reduce=True)
    given(log).when(change).then(
        ItemChanged(SALE, ItemListed(SALE, SKIRT, ANNA, 1, "skirt", "skirt", 400, reduce=True))
    ).answered(ItemChangedAnswer(SKIRT))
    given(log).when(change).then().answered(ItemChangedAnswer(SKIRT))
    rejected = given(log).when(ChangeItem(SALE, SKIRT, price_minor=375)).rejected(Reason.ITEM_INVALID)
    assert [(error["pointer"], error["reason"]) for error in rejected.errors] == [("/price_minor", "price_step")]
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    given(log).when(replace(change, price_minor=450)).answered(ItemChangedAnswer(NEXT, SKIRT))
    given(log).when(replace(change, price_minor=500)).rejected(Reason.TAG_VOIDED, shown(NEXT))


def test_what_is_not_on_the_tag_may_change_after_printing() -> None:
    log = listed()
    log.issue(MarkTagsPrinted(SALE, (SKIRT,)))
    change = ChangeItems(SALE, (ItemChange(SKIRT, list_number=2, reference="A", donate=True),))
    given(log).when(change).then(
        ItemChanged(
            SALE, ItemListed(SALE, SKIRT, ANNA, 1, "skirt", "skirt", SKIRT_MINOR, 2, donate=True, reference="A")
        )
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
        ItemChange(SKIRT, 7, category="piano"),
        ItemChange(SKIRT, description="a tie"),
        ItemChange(SKIRT, pieces=2),
        ItemChange(SKIRT, price_minor=400),
        ItemChange(SKIRT, price_minor=450),
        ItemChange("123", price_minor=450),
    )
    answer = given(listed()).when(ChangeItems(SALE, rows)).answer
    assert reasons(answer) == [
        (0, "price_step", "/rows/0/price_minor"),
        (7, "category_unknown", "/rows/1/category"),
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
        log.issue(CheckInItems(SALE, (CARLAS_PUZZLE,)))
        assert reasons(log.issue(replace(wish, reduce=False))) == expected
        assert log.issue(replace(wish, reduce=False, actor=VOLUNTEER)).errors == ()


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
