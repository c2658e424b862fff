"""What is said of things before they are brought: single entry, drafts, references, whose things they are."""

from msgspec.structs import replace

from consign.domain.ledger.commands import CheckInItems, ListItems, WithdrawItems
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_commands import (
    ArrangePhotos,
    ChangeItems,
    ChangeWishes,
    CompletedDraft,
    CompleteDrafts,
    DiscardDrafts,
    DraftAnswer,
    DraftsAnswer,
    ItemAnswer,
    ItemChange,
    MarkTagsPrinted,
    PhotosOfItem,
    SaveDraft,
)
from consign.domain.ledger.item_events import (
    DraftSaved,
    DraftsDiscarded,
)
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.participation.rules import ParticipationRules
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSaleSettings, Phase
from consign.domain.turns.drafting import DRAFTS_LIMIT
from tests.domain.entering import (
    CARLA,
    CARLAS,
    CARLAS_NUMBER,
    CARLAS_PUZZLE,
    DRAFT,
    OTHER_DRAFT,
    PUZZLE,
    VOLUNTEER,
    a_draft,
    a_photo,
    item,
    reasons,
    with_carla,
)
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    SALE,
    SETTINGS,
    SKIRT,
    reach,
    registered,
    row,
)
from tests.domain.scenario import given


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


def test_a_reference_names_one_item_of_a_consignor() -> None:
    log = registered()
    jigsaw = row(0, 1, "toy", 500, reference="J-1")
    log.issue(ListItems(SALE, (jigsaw,)))
    answer = log.issue(ListItems(SALE, (jigsaw, replace(jigsaw, row=1, price_minor=550), replace(jigsaw, consignor=2))))
    assert [(done.row, done.already) for done in answer.listed] == [(0, True), (0, False)]
    assert reasons(answer) == [(1, "item_exists", "/rows/1/reference")]


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
    log.issue(CheckInItems(SALE, (CARLAS_PUZZLE,)))
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


def test_whoever_has_not_accepted_the_terms_keeps_drafts_and_lists_nothing() -> None:
    log = registered()
    settings = replace(SETTINGS, terms_version="2", participation=ParticipationRules(terms_required=True))
    log.issue(ChangeSaleSettings(SALE, settings))
    given(log).when(PUZZLE).rejected(Reason.TERMS_NOT_ACCEPTED)
    log.issue(SaveDraft(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500))
    assert [error.reason for error in log.issue(CompleteDrafts(SALE, ANNAS_NUMBER)).errors] == ["terms_not_accepted"]
    answer = log.issue(ListItems(SALE, (row(0, ANNAS_NUMBER, "toy", 500),)))
    assert reasons(answer) == [(0, "terms_not_accepted", "/rows/0/consignor")]
