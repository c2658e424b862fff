"""From a planned sale to things on the floor: planning, registering, listing, checking in."""

from msgspec.structs import replace

from consign.domain.commission import CommissionRule, CommissionSchedule
from consign.domain.ledger.commands import (
    AdmitRefusedItem,
    CheckInConsignor,
    CheckInItems,
    ItemRow,
    ListedRow,
    ListItems,
    RefuseItem,
    TagsAnswer,
    WithdrawItems,
)
from consign.domain.ledger.events import (
    ItemListed,
    ItemReference,
    ItemRefused,
    ItemsCheckedIn,
    ItemsWithdrawn,
    RefusedItemAdmitted,
    WithdrawnItem,
)
from consign.domain.members import LeaderAppointed
from consign.domain.membership import RolesGranted
from consign.domain.organization import (
    FoundOrganization,
    OrganizationFounded,
    OrganizationRegistered,
    RegisterOrganization,
    SaleNumberTaken,
)
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ChangeConsignorTerms,
    ConsignorAnswer,
    ConsignorRow,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.participation.events import ConsignorProfileChanged, ConsignorRegistered, ConsignorTermsChanged
from consign.domain.places import ConsignorNumberTaken
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import (
    ChangeSalePhase,
    ChangeSaleSettings,
    Phase,
    PlanSale,
    SalePhaseChanged,
    SalePlanned,
    SaleSettingsChanged,
)
from consign.domain.tag import tag_code
from consign.domain.values import ParticipationId, RowError, SaleId, Sealed
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BEN,
    COAT,
    DRESS,
    OLIVE,
    ORGANIZATION,
    SALE,
    SALE_NUMBER,
    SETTINGS,
    SKIRT,
    checked_in,
    founded,
    listed,
    planned,
    reach,
    registered,
    row,
)
from tests.domain.scenario import given

CARL = ParticipationId("01900000-0000-7000-8000-0000000000c3")
NEXT_SALE = SaleId("01900000-0000-7000-8000-000000000002")
SEALED = Sealed("subject-1", "AAAA")


def test_a_slug_is_reserved_once() -> None:
    log = MemoryLog()
    reserve = RegisterOrganization(ORGANIZATION, OLIVE, "ALPE")
    given(log).when(reserve).then(OrganizationRegistered(ORGANIZATION, "ALPE", OLIVE))
    given(log).when(reserve).then()


def test_founding_fixes_the_currency_and_said_twice_is_true_once() -> None:
    log = MemoryLog()
    found = FoundOrganization(ORGANIZATION, OLIVE, "ALPE", "EUR", "fr-FR", "Europe/Paris")
    given(log).when(found).then(
        OrganizationFounded(ORGANIZATION, "ALPE", "EUR", "fr-FR", "Europe/Paris"),
        LeaderAppointed(OLIVE),
        RolesGranted(OLIVE, ("organizer",), "founded"),
    )
    given(log).when(found).then()


def test_a_sale_takes_the_next_free_number_and_the_organizations_currency() -> None:
    log = founded()
    given(log).when(PlanSale(ORGANIZATION, SALE, "Autumn", SETTINGS)).then(
        SaleNumberTaken(SALE, 1), SalePlanned(SALE, ORGANIZATION, 1, "Autumn", "EUR", "Europe/Paris", SETTINGS)
    )
    given(log).when(PlanSale(ORGANIZATION, SALE, "Autumn", SETTINGS)).then()
    assert log.issue(PlanSale(ORGANIZATION, NEXT_SALE, "Spring", SETTINGS)).number == 2


def test_settings_that_contradict_themselves_are_all_named() -> None:
    wrong = replace(
        SETTINGS,
        categories=(*SETTINGS.categories, replace(SETTINGS.categories[0], price_minimum_minor=9999)),
        commission=CommissionSchedule(CommissionRule(0), by_category={"piano": CommissionRule(0)}),
    )
    rejected = given(planned()).when(ChangeSaleSettings(SALE, wrong)).rejected(Reason.SETTINGS_INVALID)
    assert [error["pointer"] for error in rejected.errors] == [
        "/settings/categories/4/code",
        "/settings/categories/4/price_minimum_minor",
        "/settings/commission/by_category/piano",
    ]


def test_settings_may_change_and_said_twice_are_changed_once() -> None:
    log = planned()
    change = ChangeSaleSettings(SALE, replace(SETTINGS, fee_minor=300))
    given(log).when(change).then(SaleSettingsChanged(SALE, change.settings))
    given(log).when(change).then()


def test_a_sale_goes_one_phase_on_and_one_back_while_nothing_contradicts() -> None:
    log = planned()
    given(log).when(ChangeSalePhase(SALE, Phase.REGISTRATION)).then(
        SalePhaseChanged(SALE, Phase.REGISTRATION, Phase.DRAFT)
    )
    given(log).when(ChangeSalePhase(SALE, Phase.DRAFT)).then(SalePhaseChanged(SALE, Phase.DRAFT, Phase.REGISTRATION))
    given(log).when(ChangeSalePhase(SALE, Phase.LIVE)).rejected(Reason.WRONG_PHASE, "one step")
    given(registered()).when(ChangeSalePhase(SALE, Phase.DRAFT)).rejected(Reason.WRONG_PHASE, "2 consignors")
    given(checked_in()).when(ChangeSalePhase(SALE, Phase.REGISTRATION)).rejected(Reason.WRONG_PHASE, "3 items")


def test_a_cancelled_sale_names_those_whose_fees_go_back() -> None:
    given(registered()).when(ChangeSalePhase(SALE, Phase.CANCELLED, "flood")).then(
        SalePhaseChanged(SALE, Phase.CANCELLED, Phase.REGISTRATION, "flood", (ANNA, BEN))
    )


def test_a_consignor_gets_a_number_and_owes_the_fee() -> None:
    given(reach(planned(), Phase.REGISTRATION)).when(RegisterConsignor(SALE, ANNA, SEALED)).then(
        ConsignorNumberTaken(SALE, ANNA, 1), ConsignorRegistered(ANNA, SALE, 1, 500, SEALED)
    ).answered(ConsignorAnswer(ANNA, 1, 500, "EUR"))


def test_registering_again_says_the_same_number() -> None:
    given(registered()).when(RegisterConsignor(SALE, ANNA)).then().answered(ConsignorAnswer(ANNA, 1, 500, "EUR"))


def test_an_import_registers_the_good_rows_and_names_the_others() -> None:
    rows = (
        ConsignorRow(1, ANNA),
        ConsignorRow(2, CARL, number=2),
        ConsignorRow(3, CARL, tier="friend"),
        ConsignorRow(4, CARL),
        ConsignorRow(5, CARL),
    )
    answer = given(registered()).when(RegisterConsignors(SALE, rows)).answer
    assert [(done.row, done.number, done.already) for done in answer.registered] == [(1, 1, True), (4, 3, False)]
    assert [(error.row, error.reason) for error in answer.errors] == [
        (2, "consignor_number_taken"),
        (3, "unknown_tier"),
        (5, "participation_exists"),
    ]


def test_a_number_is_never_given_twice_in_one_import() -> None:
    others = [ParticipationId(f"01900000-0000-7000-8000-0000000001{index:02}") for index in range(5)]
    rows = tuple(ConsignorRow(index, other, number=4 if index == 1 else None) for index, other in enumerate(others))
    answer = given(registered()).when(RegisterConsignors(SALE, rows)).answer
    assert [done.number for done in answer.registered] == [3, 4, 5, 6, 7]


def test_profile_and_terms_change_each_once() -> None:
    log = registered()
    given(log).when(ChangeConsignorProfile(ANNA, SEALED)).then(ConsignorProfileChanged(ANNA, SALE, SEALED))
    given(log).when(ChangeConsignorProfile(ANNA, SEALED)).then()
    given(log).when(ChangeConsignorTerms(ANNA, "volunteer")).then(ConsignorTermsChanged(ANNA, SALE, "volunteer"))
    given(log).when(ChangeConsignorTerms(ANNA, "volunteer")).then()


def test_listing_keeps_the_good_rows_and_names_what_is_wrong_with_each_other() -> None:
    rows = (
        row(10, 1, "skirt", 350),
        row(11, 9, "skirt", 350),
        row(12, 1, "piano", 350),
        row(13, 1, "skirt", 150),
        row(14, 1, "skirt", 1050),
        row(15, 1, "skirt", 355),
        row(16, 1, "skirt", -5),
        row(17, 1, "toy", 50),
        row(18, 1, "toy", 15_050),
        row(19, 1, "toy", 500, description="CAR-SEAT, blue"),
        row(20, 1, "toy", 500, description=" "),
        row(21, 1, "toy", 500, number=1000),
        row(22, 1, "toy", 500, list_number=0),
        row(23, 1, "toy", 500, number=1),
        row(24, 1, "toy", 500, description="Necktie"),
        row(25, 1, "toy", 10**30),
    )
    outcome = given(registered()).when(ListItems(SALE, rows))
    outcome.then(
        ItemListed(SALE, SKIRT, ANNA, 1, "skirt", "skirt", 350),
        ItemListed(SALE, DRESS, ANNA, 1, "toy", "Necktie", 500),
    )
    assert outcome.answer.listed == (ListedRow(10, SKIRT), ListedRow(24, DRESS))
    assert [(error.row, error.reason) for error in outcome.answer.errors] == [
        (11, Reason.UNKNOWN_CONSIGNOR),
        (12, RowReason.CATEGORY_UNKNOWN),
        (13, RowReason.PRICE_TOO_LOW),
        (14, RowReason.PRICE_TOO_HIGH),
        (15, RowReason.PRICE_STEP),
        (16, RowReason.PRICE_INVALID),
        (17, RowReason.PRICE_TOO_LOW),
        (18, RowReason.PRICE_TOO_HIGH),
        (19, RowReason.NOT_ACCEPTED),
        (20, RowReason.DESCRIPTION_INVALID),
        (21, RowReason.NUMBER_INVALID),
        (22, RowReason.LIST_INVALID),
        (23, RowReason.ITEM_EXISTS),
        (25, RowReason.PRICE_INVALID),
    ]
    assert outcome.answer.errors[1].pointer == "/rows/2/category"


def test_an_identical_row_said_again_is_already_listed() -> None:
    answer = given(listed()).when(ListItems(SALE, (row(1, 1, "skirt", 350, number=1),))).then().answer
    assert answer.listed == (ListedRow(1, SKIRT, already=True),)


def test_item_numbers_run_out_and_gaps_are_used_first() -> None:
    log = registered()
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500, number=999), row(1, 1, "toy", 500))))
    assert log.state(f"ledger-{SALE}").items.get(tag_code(SALE_NUMBER, 1, 1)) is not None
    for start in (2, 500):
        rows = tuple(row(number, 1, "toy", 500, number=number) for number in range(start, min(start + 499, 999)))
        log.issue(ListItems(SALE, rows))
    errors = log.issue(ListItems(SALE, (row(7, 1, "toy", 500),))).errors
    assert [error.reason for error in errors] == [RowReason.NUMBERS_EXHAUSTED]


def test_check_in_puts_items_on_the_floor_and_answers_row_by_row() -> None:
    log = reach(listed(), Phase.DROP_OFF)
    given(log).when(CheckInItems(SALE, (SKIRT, "123", SKIRT))).then(
        ItemsCheckedIn(SALE, (ItemReference(SKIRT, ANNA, "skirt"),))
    ).answered(
        TagsAnswer(
            (SKIRT,), (RowError(1, "/tags/1", "tag_invalid", "A tag has 11 digits, this has 3. Scan it again."),)
        )
    )
    given(log).when(CheckInItems(SALE, (SKIRT,))).then()


def test_all_that_a_consignor_listed_is_checked_in_at_once() -> None:
    log = reach(listed(), Phase.DROP_OFF)
    given(log).when(CheckInConsignor(SALE, ANNAS_NUMBER)).then(
        ItemsCheckedIn(SALE, (ItemReference(SKIRT, ANNA, "skirt"), ItemReference(DRESS, ANNA, "dress")))
    )
    given(log).when(CheckInConsignor(SALE, ANNAS_NUMBER)).then()


def test_a_refused_item_stays_out_until_somebody_thinks_better_of_it() -> None:
    log = checked_in()
    given(log).when(RefuseItem(SALE, COAT, "moth holes")).then(
        ItemRefused(SALE, COAT, BEN, "coat", "moth holes", "on_floor")
    )
    given(log).when(RefuseItem(SALE, COAT, "moth holes")).then()
    given(log).when(AdmitRefusedItem(SALE, COAT)).then(RefusedItemAdmitted(SALE, COAT, BEN, "coat"))
    given(log).when(AdmitRefusedItem(SALE, COAT)).then()


def test_items_are_withdrawn_from_wherever_they_are() -> None:
    log = checked_in()
    log.issue(RefuseItem(SALE, COAT, "moth holes"))
    given(log).when(WithdrawItems(SALE, (SKIRT, COAT))).then(
        ItemsWithdrawn(
            SALE, (WithdrawnItem(SKIRT, ANNA, "skirt", "on_floor"), WithdrawnItem(COAT, BEN, "coat", "refused"))
        )
    )
    given(log).when(WithdrawItems(SALE, (SKIRT,))).then()


def test_a_bulk_row_needs_no_more_than_consignor_category_description_and_price() -> None:
    assert ItemRow(0, 1, "toy", "Puzzle", 500).number is None
