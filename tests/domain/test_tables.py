"""Tables said at once: every row counts by itself, on what the rows before it changed, and wrong ones are named."""

from typing import Any

from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.commands import ChangeConsignorTerms
from consign.domain.participation.events import ConsignorTermsChanged
from consign.domain.participation.fee_commands import RecordFeePayment
from consign.domain.participation.fee_events import FeeMeans, FeePaid
from consign.domain.rejection import Reason
from consign.domain.row_commands import (
    ChangeTermsOfMany,
    ChooseSlots,
    FeePaymentRow,
    PlanShifts,
    PlanSlots,
    RecordFeePayments,
    RecordWorkOfMany,
    RowDone,
    ShiftRow,
    SlotChoiceRow,
    SlotRow,
    TermsRow,
    WorkRow,
)
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BEN,
    BENS_NUMBER,
    OTHER_SALE,
    SALE,
    SETTINGS,
    SKIRT,
    live,
    registered,
    sold,
)
from tests.domain.newcomers import DESK
from tests.domain.scenario import given
from tests.domain.volunteers import BEGIN, DOOR, HOUR, LATER_S, TIDY, working

OWN = CommissionRule(50_000)
NOBODYS_NUMBER = 9
FEE_MINOR = SETTINGS.fee_minor


def errors(answer: Any) -> list[tuple[int, str, str]]:
    return [(error.row, error.reason, error.pointer) for error in answer.errors]


def paid(log: MemoryLog, reference: str) -> FeePaid:
    return FeePaid(ANNA, SALE, ANNAS_NUMBER, FEE_MINOR, FeeMeans.BANK, log.now, 0, reference)


def test_terms_of_many_change_and_what_a_row_does_not_say_stays() -> None:
    log = registered()
    log.issue(ChangeConsignorTerms(ANNA, "volunteer", OWN))
    rows = (
        TermsRow(ANNAS_NUMBER, 2, tier=None),
        TermsRow(BENS_NUMBER, 3, own_rule=OWN),
        TermsRow(NOBODYS_NUMBER, 4, tier="volunteer"),
        TermsRow(BENS_NUMBER, 5, tier="no-such-tier"),
        TermsRow(BENS_NUMBER, 6),
    )
    outcome = (
        given(log)
        .when(ChangeTermsOfMany(SALE, rows))
        .then(ConsignorTermsChanged(ANNA, SALE, None, OWN), ConsignorTermsChanged(BEN, SALE, None, OWN))
    )
    assert outcome.answer.done == (RowDone(2), RowDone(3), RowDone(6, already=True))
    assert errors(outcome.answer) == [(4, "unknown_consignor", "/rows/2"), (5, "unknown_tier", "/rows/3")]


def test_terms_that_something_was_sold_on_stay_as_they_are() -> None:
    log = live()
    sold(log, SKIRT)
    rows = (TermsRow(ANNAS_NUMBER, tier="volunteer"), TermsRow(BENS_NUMBER, tier="volunteer"))
    outcome = given(log).when(ChangeTermsOfMany(SALE, rows))
    outcome.then(ConsignorTermsChanged(BEN, SALE, "volunteer", None))
    assert errors(outcome.answer) == [(0, "commission_in_use", "/rows/0")]


def test_fee_payments_are_recorded_once_however_often_the_table_is_read() -> None:
    log = registered()
    rows = (
        FeePaymentRow(ANNAS_NUMBER, "transfer 1", amount_minor=FEE_MINOR),
        FeePaymentRow(BENS_NUMBER, "transfer 2", amount_minor=FEE_MINOR + 1),
        FeePaymentRow(ANNAS_NUMBER, "transfer 3"),
    )
    outcome = given(log).when(RecordFeePayments(SALE, rows)).then(paid(log, "transfer 1"))
    assert errors(outcome.answer) == [(1, "fee_amount_differs", "/rows/1"), (2, "fee_not_due", "/rows/2")]
    again = given(log).when(RecordFeePayments(SALE, rows[:1])).then()
    assert again.answer.done == (RowDone(0, already=True),)
    given(log).when(RecordFeePayment(ANNA, "transfer 1")).then()
    given(log).when(RecordFeePayment(ANNA, "transfer 4")).rejected(Reason.FEE_NOT_DUE)


def test_a_table_in_another_currency_or_of_no_sale_is_refused_whole() -> None:
    rows = (FeePaymentRow(ANNAS_NUMBER, "transfer 1"),)
    given(registered()).when(RecordFeePayments(SALE, rows, "CHF")).rejected(Reason.WRONG_CURRENCY)
    given(registered()).when(RecordFeePayments(OTHER_SALE, rows)).rejected(Reason.UNKNOWN_SALE)


def test_shifts_are_planned_and_the_work_in_them_is_promised_done_and_missed() -> None:
    log = live(working())
    shifts = (
        ShiftRow(DOOR, "Stand at the door", BEGIN, BEGIN + 2 * HOUR, 1),
        ShiftRow(TIDY, "Tidy up", BEGIN + 3 * HOUR, BEGIN + 2 * HOUR, 1),
        ShiftRow(TIDY, "Tidy up", BEGIN + 2 * HOUR, BEGIN + 4 * HOUR, 2, place="Hall"),
    )
    planned = log.issue(PlanShifts(SALE, shifts))
    assert planned.done == (RowDone(0), RowDone(2))
    assert errors(planned) == [(1, "times_invalid", "/rows/1")]
    promises = (WorkRow(DOOR, ANNAS_NUMBER), WorkRow(DOOR, BENS_NUMBER), WorkRow(TIDY, BENS_NUMBER))
    promised = log.issue(RecordWorkOfMany(SALE, promises, DESK))
    assert errors(promised) == [(1, "shift_full", "/rows/1")], "a row sees what the rows before it took"
    log.pass_time(LATER_S)
    work = (WorkRow(DOOR, ANNAS_NUMBER, outcome="worked"), WorkRow(TIDY, BENS_NUMBER, outcome="missed"))
    assert log.issue(RecordWorkOfMany(SALE, work, DESK)).done == (RowDone(0), RowDone(1))
    assert log.issue(RecordWorkOfMany(SALE, work, DESK)).done == (RowDone(0, already=True), RowDone(1, already=True))
    assert log.state(f"participation-{ANNA}").tier == "volunteer"
    assert log.state(f"participation-{BEN}").tier is None


def test_slots_are_planned_and_chosen() -> None:
    log = registered()
    begins_at = OPENING + HOUR
    slot = SlotRow("early", "drop_off", begins_at, begins_at + HOUR, 1)
    planned = log.issue(PlanSlots(SALE, (slot, replace(slot, capacity=2, slot="late"), slot)))
    assert planned.done == (RowDone(0), RowDone(1), RowDone(2, already=True))
    choices = (
        SlotChoiceRow("early", ANNAS_NUMBER),
        SlotChoiceRow("early", BENS_NUMBER),
        SlotChoiceRow("early", BENS_NUMBER, beyond_capacity=True),
        SlotChoiceRow("no-such", BENS_NUMBER),
    )
    chosen = log.issue(ChooseSlots(SALE, choices, DESK))
    assert chosen.done == (RowDone(0), RowDone(2))
    assert errors(chosen) == [(1, "slot_full", "/rows/1"), (3, "unknown_slot", "/rows/3")]
