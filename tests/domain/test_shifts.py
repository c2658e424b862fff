"""Promised work gives a tier, work done decides the rate: also of all that was sold before."""

from msgspec.structs import replace

from consign.domain.accounts import COMMISSION, payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.commission import NOTHING_SOLD
from consign.domain.participation.commands import ChangeConsignorTerms, WithdrawParticipation
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSaleSettings, Phase
from consign.domain.settlement.commands import FreezeSettlement, IssueSupplements
from consign.domain.settlement.events import Obstacle, StatementIssued
from consign.domain.shifts.commands import DropShift, WorkAnswer
from consign.domain.shifts.events import ConsignorTierEarned, ShiftGivenUp, ShiftTaken, WorkRecorded
from consign.domain.shifts.rules import ShiftRules
from consign.domain.values import AccountId
from tests.domain.freezing import freeze_whole
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BEN,
    DRESS,
    DRESS_MINOR,
    SALE,
    SKIRT,
    SKIRT_MINOR,
    reach,
    registered,
    sold,
)
from tests.domain.newcomers import DESK, consignor, open_sale, register, rules
from tests.domain.scenario import given
from tests.domain.settled import close_tills
from tests.domain.volunteers import (
    BASE_PPM,
    BROKEN_PPM,
    DOOR,
    HELPER_PPM,
    HOUR,
    KITCHEN,
    LATER_S,
    SHIFT_MINUTES,
    TIDY,
    give_up,
    missed,
    ready,
    retracted,
    selling,
    shift,
    take,
    with_shifts,
    worked,
    working,
)

SOLD_MINOR = SKIRT_MINOR + DRESS_MINOR
ANNAS_ACCOUNT = AccountId("anna")


def tier_of(log: MemoryLog) -> str | None:
    tier: str | None = log.state(f"participation-{ANNA}").tier
    return tier


def books_of(log: MemoryLog) -> Books:
    books = EMPTY
    for emitted in log.events:
        books, postings = post(books, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0
    return books


def commission_minor(log: MemoryLog) -> int:
    return -books_of(log).balance(SALE, COMMISSION)


def share_minor(rate_ppm: int) -> int:
    return (SOLD_MINOR * rate_ppm + 500_000) // 1_000_000


def test_a_promise_gives_the_tier_and_giving_it_up_takes_it() -> None:
    log = ready(working())
    given(log).when(take()).then(
        ShiftTaken(SALE, DOOR, ANNA, ANNAS_NUMBER, SHIFT_MINUTES),
        ConsignorTierEarned(
            ANNA, SALE, ANNAS_NUMBER, "volunteer", SHIFT_MINUTES, SHIFT_MINUTES, broken=False, totals=NOTHING_SOLD
        ),
    ).answered(WorkAnswer(ANNA, ANNAS_NUMBER, "volunteer", SHIFT_MINUTES, SHIFT_MINUTES, broken=False))
    given(log).when(give_up()).then(
        ShiftGivenUp(SALE, DOOR, ANNA, ANNAS_NUMBER),
        ConsignorTierEarned(ANNA, SALE, ANNAS_NUMBER, None, 0, 0, broken=False, totals=NOTHING_SOLD),
    )


def test_a_promise_below_the_threshold_gives_no_tier() -> None:
    log = ready(working())
    log.issue(shift(KITCHEN, 4, credit_minutes=SHIFT_MINUTES - 1))
    given(log).when(take(KITCHEN)).then(ShiftTaken(SALE, KITCHEN, ANNA, ANNAS_NUMBER, SHIFT_MINUTES - 1))


def test_what_a_shift_counts_need_not_be_how_long_it_lasts() -> None:
    log = ready(working())
    log.issue(shift(KITCHEN, 4, credit_minutes=5))
    assert given(log).when(take(KITCHEN)).answer.promised_minutes == 5


def test_said_twice_nothing_changes() -> None:
    log = ready(working())
    given(log, take()).when(take()).then()
    given(log, give_up()).when(give_up()).then()
    given(log).when(shift()).then()


def test_a_broken_promise_has_its_own_rate_also_for_what_was_sold_before() -> None:
    log = selling(working(broken_tier="broken"))
    sold(log, SKIRT, DRESS)
    assert commission_minor(log) == share_minor(HELPER_PPM)
    payable_minor = books_of(log).balance(SALE, payable_account(ANNA))
    outcome = given(log).when(missed())
    assert outcome.answer == WorkAnswer(ANNA, ANNAS_NUMBER, "broken", SHIFT_MINUTES, 0, broken=True)
    assert commission_minor(log) == share_minor(BROKEN_PPM)
    moved_minor = share_minor(BROKEN_PPM) - share_minor(HELPER_PPM)
    assert books_of(log).balance(SALE, payable_account(ANNA)) == payable_minor + moved_minor


def test_without_a_rate_for_broken_promises_the_work_done_gives_the_tier() -> None:
    log = selling(working())
    sold(log, SKIRT, DRESS)
    log.issue(missed())
    assert tier_of(log) is None
    assert commission_minor(log) == share_minor(BASE_PPM)


def test_less_work_than_promised_falls_short_and_other_work_makes_up_for_it() -> None:
    log = selling(working(broken_tier="broken"))
    log.issue(worked(minutes=SHIFT_MINUTES - 1))
    assert tier_of(log) == "broken"
    answer = log.issue(worked(TIDY, minutes=1))
    assert (answer.tier, answer.broken) == ("volunteer", False)


def test_work_without_a_promise_counts_as_well() -> None:
    log = selling(working())
    outcome = given(log).when(worked(TIDY, number=2))
    outcome.answered(WorkAnswer(BEN, 2, "volunteer", 0, SHIFT_MINUTES, broken=False))


def test_a_correction_counts_in_place_of_what_was_recorded_before() -> None:
    log = selling(working(broken_tier="broken"))
    sold(log, SKIRT, DRESS)
    given(log, missed()).when(worked())
    assert tier_of(log) == "volunteer"
    assert commission_minor(log) == share_minor(HELPER_PPM)
    given(log, missed()).when(retracted())
    assert tier_of(log) == "volunteer"
    given(log).when(retracted()).then()


def test_a_record_taken_back_of_who_came_unasked_leaves_nothing() -> None:
    log = selling(working())
    given(log, worked(TIDY)).when(retracted(TIDY)).then(WorkRecorded(SALE, TIDY, ANNA, ANNAS_NUMBER, "promised", 0))
    assert log.state(f"sale-{SALE}").roster.shifts[TIDY].taken == 0


def test_the_tier_agreed_on_counts_where_work_gives_none() -> None:
    log = ready(working(broken_tier="broken"))
    given(log, take()).when(ChangeConsignorTerms(ANNA, "broken"))
    assert tier_of(log) == "volunteer"
    given(log).when(give_up())
    assert tier_of(log) == "broken"


def test_a_full_shift_is_refused_with_what_is_free() -> None:
    log = ready(working())
    log.issue(shift(KITCHEN, 4, capacity=1))
    rejected = given(log, take(KITCHEN)).when(take(KITCHEN, BEN)).rejected(Reason.SHIFT_FULL, DOOR)
    assert [error["shift"] for error in rejected.errors] == [DOOR, TIDY]


def test_nobody_works_two_shifts_at_once_and_one_after_the_other_is_fine() -> None:
    log = ready(working())
    log.issue(shift(KITCHEN, 1))
    given(log, take()).when(take(KITCHEN)).rejected(Reason.SHIFT_OVERLAPS, DOOR)
    given(log).when(take(TIDY)).answered(
        WorkAnswer(ANNA, ANNAS_NUMBER, "volunteer", 2 * SHIFT_MINUTES, 2 * SHIFT_MINUTES, broken=False)
    )


def test_consignors_give_up_until_the_deadline_and_staff_at_any_time() -> None:
    log = with_shifts(open_sale(rules(), commission=working().commission, shifts=working().shifts))
    own = consignor(ANNAS_ACCOUNT)
    log.issue(register(ANNA, ANNAS_ACCOUNT))
    given(log).when(take(actor=own))
    given(log).when(give_up(actor=own))
    given(log, take(actor=own)).when(take(TIDY, actor=consignor(AccountId("somebody-else")))).rejected(
        Reason.UNKNOWN_PARTICIPATION
    )
    log.pass_time(LATER_S - 20 * HOUR.total_seconds())
    given(log).when(give_up(actor=own)).rejected(Reason.TOO_LATE, "24 hours")
    given(log).when(give_up()).then(
        ShiftGivenUp(SALE, DOOR, ANNA, 1),
        ConsignorTierEarned(ANNA, SALE, 1, None, 0, 0, broken=False, totals=NOTHING_SOLD),
    )


def test_the_rules_stay_as_they_are_once_somebody_promised() -> None:
    log = ready(working())
    settings = replace(working(), shifts=ShiftRules())
    given(log, take()).when(ChangeSaleSettings(SALE, settings)).rejected(Reason.SHIFT_IN_USE)
    given(log).when(shift(credit_minutes=7)).rejected(Reason.SHIFT_IN_USE)
    given(log).when(DropShift(SALE, DOOR)).rejected(Reason.SHIFT_IN_USE)
    given(log).when(shift(capacity=1))
    given(log).when(DropShift(SALE, TIDY))
    given(log).when(take(TIDY)).rejected(Reason.UNKNOWN_SHIFT)


def test_rules_that_contradict_each_other_are_named() -> None:
    wrong = replace(working(), shifts=replace(working().shifts, broken_tier="no-such-tier"))
    log = registered()
    rejected = given(log).when(ChangeSaleSettings(SALE, wrong)).rejected(Reason.SETTINGS_INVALID)
    assert [error["pointer"] for error in rejected.errors] == ["/settings/shifts/broken_tier"]


def test_whoever_leaves_gives_up_what_was_promised() -> None:
    log = ready(working())
    log.issue(take())
    log.issue(WithdrawParticipation(ANNA, DESK))
    assert log.state(f"sale-{SALE}").roster.shifts[DOOR].taken == 0
    assert log.state(f"participation-{ANNA}").was.tier is None


def settling(log: MemoryLog) -> MemoryLog:
    sold(log, SKIRT, DRESS)
    close_tills(log)
    return reach(log, Phase.SETTLEMENT)


def test_promises_that_nobody_judged_hold_up_the_settlement() -> None:
    log = settling(selling(working()))
    given(log).when(FreezeSettlement(SALE)).rejected(Reason.SETTLEMENT_BLOCKED, DOOR)
    accepted = (Obstacle("unrecorded_shift", DOOR),)
    assert freeze_whole(log, FreezeSettlement(SALE, accepted, "she was seen there")).frozen


def test_work_recorded_after_the_settlement_is_told_in_a_supplement() -> None:
    log = settling(selling(working(broken_tier="broken")))
    log.issue(worked())
    freeze_whole(log, FreezeSettlement(SALE))
    log.issue(missed())
    log.issue(IssueSupplements(SALE, "nobody saw her"))
    statement, _, supplement = log.events_of(StatementIssued)
    assert statement.figures.commission_minor == share_minor(HELPER_PPM)
    assert supplement.kind == "supplement"
    assert supplement.figures.commission_minor == share_minor(BROKEN_PPM) - share_minor(HELPER_PPM)
    assert supplement.figures.net_minor == -supplement.figures.commission_minor
