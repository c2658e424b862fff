"""The life of a fee: due, then paid, waived or refunded; unpaid at its deadline it ends the participation."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from consign.domain.accounts import BANK, CARD, CASH_ROUNDING, FEES, PROVIDER, cash_account, payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.ledger.commands import CheckInConsignor, CheckInItems, ListItems
from consign.domain.ledger.events import ItemsWithdrawn, WithdrawnItem
from consign.domain.participation.commands import ReopenParticipation, WithdrawParticipation
from consign.domain.participation.events import ParticipationEnded, ParticipationReopened
from consign.domain.participation.fee_commands import (
    FeeAnswer,
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
)
from consign.domain.participation.fee_events import FeeMeans, FeePaid, FeeRefunded, FeeWaived
from consign.domain.participation.state import Ended, FeeStatus, Registered
from consign.domain.places import PlaceFreed
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, Phase
from consign.domain.session.commands import CloseSession, OpenSession
from consign.domain.session.events import FeeReceived
from consign.domain.tag import tag_code
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    CASHIER,
    FLOAT_MINOR,
    SALE,
    SALE_NUMBER,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    live,
    reach,
    registered,
    row,
    sold,
)
from tests.domain.newcomers import CLEO, CLEOS, DAY_S, DESK, DORA, consignor, open_sale, register, rules
from tests.domain.scenario import given

FEE_MINOR = 500
DRAWER = cash_account(SESSION)


def fold(log: MemoryLog) -> Books:
    kept = EMPTY
    for emitted in log.events:
        kept, postings = post(kept, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0
    return kept


def balances(log: MemoryLog, *accounts: str) -> list[int]:
    kept = fold(log)
    assert sum(kept.balances.values()) == 0
    return [kept.balance(SALE, account) for account in accounts]


def fee_of(log: MemoryLog, participation: str = ANNA) -> FeeStatus:
    state: Registered = log.state(f"participation-{participation}")
    return state.fee.status


def prepaid(**more: object) -> MemoryLog:
    """Fees are to be paid within a day. Cleo is registered and has listed a toy."""
    log = open_sale(rules(fee_policy="prepaid", fee_due_days=1, **more))
    log.issue(register(CLEO, CLEOS))
    log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    return log


CLEOS_TOY = tag_code(SALE_NUMBER, 1, 1)


def test_a_fee_in_cash_goes_into_the_drawer_and_to_the_consignors_credit() -> None:
    log = live()
    given(log).when(ReceiveFee(SESSION, ANNA, "cash", "cashier")).then(
        FeeReceived(SALE, SESSION, TILL, ANNA, FeeMeans.CASH, FEE_MINOR, CASHIER),
        FeePaid(ANNA, SALE, ANNAS_NUMBER, FEE_MINOR, FeeMeans.CASH, log.now, session=SESSION, till=TILL),
    ).answered(FeeAnswer(ANNA, ANNAS_NUMBER, FeeStatus.PAID, FEE_MINOR, 0, "EUR"))
    assert balances(log, DRAWER, payable_account(ANNA), FEES) == [FLOAT_MINOR + FEE_MINOR, 0, -2 * FEE_MINOR]
    assert log.issue(CloseSession(SESSION, FLOAT_MINOR + FEE_MINOR)).difference_minor == 0


def test_a_fee_by_card_or_bank_or_online_is_on_the_account_it_came_to() -> None:
    log = live()
    log.issue(ReceiveFee(SESSION, ANNA, "card", "cashier", reference="slip 7"))
    assert balances(log, DRAWER, CARD, payable_account(ANNA)) == [FLOAT_MINOR, FEE_MINOR, 0]
    for payment, account in (
        (RecordFeePayment(ANNA, "transfer 12"), BANK),
        (RecordFeePayment(ANNA, "payment 12", "provider"), PROVIDER),
    ):
        log = registered()
        log.issue(payment)
        assert balances(log, account, payable_account(ANNA)) == [FEE_MINOR, 0]


def test_cash_is_rounded_and_the_rounding_is_nobodys_fee() -> None:
    log = live(replace(SETTINGS, fee_minor=502))
    answer = log.issue(ReceiveFee(SESSION, ANNA, "cash", "cashier"))
    assert (answer.amount_minor, answer.rounding_minor) == (502, -2)
    assert balances(log, DRAWER, CASH_ROUNDING, payable_account(ANNA)) == [FLOAT_MINOR + 500, 2, 0]


def test_a_fee_is_paid_whole_and_once() -> None:
    log = live()
    half = ReceiveFee(SESSION, ANNA, "cash", "cashier", 250)
    given(log).when(half).rejected(Reason.FEE_AMOUNT_DIFFERS, "500")
    log.issue(replace(half, amount_minor=FEE_MINOR))
    given(log).when(RecordFeePayment(ANNA, "transfer 12")).rejected(Reason.FEE_NOT_DUE, "paid")


def test_an_unpaid_fee_comes_off_the_proceeds_and_a_paid_one_does_not() -> None:
    log = live()
    sold(log, SKIRT)
    owed_minor = SKIRT_MINOR - 70
    assert balances(log, payable_account(ANNA)) == [FEE_MINOR - owed_minor]
    log.issue(RecordFeePayment(ANNA, "transfer 12"))
    assert balances(log, payable_account(ANNA)) == [-owed_minor]


def test_a_waived_fee_is_owed_no_more_and_what_was_paid_is_to_their_credit() -> None:
    log = registered()
    given(log).when(WaiveFee(ANNA, "helps")).then(FeeWaived(ANNA, SALE, ANNAS_NUMBER, FEE_MINOR, "helps"))
    given(log).when(WaiveFee(ANNA, "helps")).then()
    assert (fee_of(log), balances(log, payable_account(ANNA), FEES)) == (FeeStatus.WAIVED, [0, -FEE_MINOR])

    log = registered()
    log.issue(RecordFeePayment(ANNA, "transfer 12"))
    log.issue(WaiveFee(ANNA, "helps"))
    assert balances(log, payable_account(ANNA)) == [-FEE_MINOR]
    log.issue(RecordFeeRefund(ANNA, "transfer 13", "helps"))
    assert (fee_of(log), balances(log, payable_account(ANNA), BANK)) == (FeeStatus.REFUNDED, [0, 0])


def test_a_fee_is_given_back_out_of_the_drawer_that_holds_it() -> None:
    log = live()
    log.issue(ReceiveFee(SESSION, ANNA, "card", "cashier"))
    refunded = given(log).when(GiveFeeBack(SESSION, ANNA, "cash", "ill"))
    assert refunded.answer == FeeAnswer(ANNA, ANNAS_NUMBER, FeeStatus.REFUNDED, FEE_MINOR, 0, "EUR")
    accounts = (DRAWER, CARD, payable_account(ANNA), FEES)
    assert balances(log, *accounts) == [FLOAT_MINOR - FEE_MINOR, FEE_MINOR, 0, -FEE_MINOR]
    given(log).when(GiveFeeBack(SESSION, ANNA, "cash", "ill")).rejected(Reason.FEE_NOT_PAID)


def test_a_cancelled_sale_owes_paid_fees_back_and_nothing_more() -> None:
    log = registered()
    log.issue(RecordFeePayment(ANNA, "transfer 12"))
    log.issue(ChangeSalePhase(SALE, Phase.CANCELLED, "flood"))
    assert balances(log, payable_account(ANNA), FEES) == [-FEE_MINOR, 0]
    given(log).when(RecordFeePayment(ANNA, "transfer 13")).rejected(Reason.FEE_NOT_DUE)
    given(log).when(RecordFeeRefund(ANNA, "transfer 14", "flood")).then(
        FeeRefunded(ANNA, SALE, ANNAS_NUMBER, FEE_MINOR, 0, FeeMeans.BANK, "flood", log.now, reference="transfer 14")
    )
    assert balances(log, payable_account(ANNA), BANK) == [0, 0]


def test_an_unpaid_participation_ends_at_its_deadline_and_its_things_stay_out() -> None:
    log = prepaid()
    log.pass_time(DAY_S - 1)
    log.fire_due_timers()
    assert isinstance(log.state(f"participation-{CLEO}"), Registered)
    log.pass_time(1)
    log.fire_due_timers()
    assert log.events_of(ParticipationEnded, PlaceFreed) == [
        PlaceFreed(SALE, CLEO, 1, CLEOS),
        ParticipationEnded(CLEO, SALE, "fee_unpaid", 1, FEE_MINOR),
    ]
    assert balances(log, payable_account(CLEO), FEES) == [0, 0]
    reach(log, Phase.DROP_OFF)
    answer = log.issue(CheckInItems(SALE, (CLEOS_TOY,)))
    assert [error.reason for error in answer.errors] == [Reason.PARTICIPATION_ENDED]
    given(log).when(CheckInConsignor(SALE, 1)).rejected(Reason.PARTICIPATION_ENDED)
    listed = log.issue(ListItems(SALE, (row(0, 1, "toy", 500),)))
    assert [error.reason for error in listed.errors] == [Reason.PARTICIPATION_ENDED]


@pytest.mark.parametrize("meanwhile", [RecordFeePayment(CLEO, "transfer 12"), WaiveFee(CLEO, "helps")])
def test_whoever_paid_or_need_not_pay_stays(meanwhile: RecordFeePayment | WaiveFee) -> None:
    log = prepaid()
    log.issue(meanwhile)
    log.pass_time(DAY_S)
    log.fire_due_timers()
    assert isinstance(log.state(f"participation-{CLEO}"), Registered)


def test_whose_things_are_on_the_floor_already_stays_and_the_fee_comes_off_the_proceeds() -> None:
    log = reach(prepaid(), Phase.DROP_OFF)
    log.issue(CheckInConsignor(SALE, 1))
    log.pass_time(DAY_S)
    log.fire_due_timers()
    assert (fee_of(log, CLEO), balances(log, payable_account(CLEO))) == (FeeStatus.DUE, [FEE_MINOR])


def test_the_place_of_an_unpaid_participation_goes_to_whoever_is_next() -> None:
    log = prepaid(consignors_limit=1)
    log.issue(register(DORA))
    log.pass_time(DAY_S)
    log.fire_due_timers()
    log.fire_due_timers()
    assert log.state(f"participation-{DORA}").number == 2


def test_an_organizer_lets_somebody_pay_late_in_one_go() -> None:
    log = prepaid()
    log.pass_time(DAY_S)
    log.fire_due_timers()
    late = RecordFeePayment(CLEO, "transfer 12")
    given(log).when(late).rejected(Reason.PARTICIPATION_ENDED, "fee unpaid")
    log.issue(replace(late, reopen=True))
    assert (fee_of(log, CLEO), balances(log, payable_account(CLEO), FEES, BANK)) == (
        FeeStatus.PAID,
        [0, -FEE_MINOR, FEE_MINOR],
    )
    log.pass_time(10 * DAY_S)
    log.fire_due_timers()
    reach(log, Phase.DROP_OFF)
    assert log.issue(CheckInConsignor(SALE, 1)).tags == (CLEOS_TOY,)


def test_a_cashier_alone_brings_nobody_back() -> None:
    log = reach(prepaid(), Phase.LIVE)
    log.issue(replace(register(DORA), fee_minor=0))
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    log.pass_time(DAY_S)
    log.fire_due_timers()
    late = ReceiveFee(SESSION, CLEO, "cash", "cashier", reopen=True)
    given(log).when(late).rejected(Reason.ROLE_NEEDED)
    log.issue(replace(late, role="organizer"))
    assert balances(log, DRAWER, payable_account(CLEO)) == [FLOAT_MINOR + FEE_MINOR, 0]


def test_a_reopened_participation_has_a_deadline_again() -> None:
    log = prepaid()
    log.pass_time(DAY_S)
    log.fire_due_timers()
    due_at = log.now + timedelta(days=2)
    log.issue(ReopenParticipation(CLEO, due_at))
    assert log.events_of(ParticipationReopened) == [ParticipationReopened(CLEO, SALE, 1, FEE_MINOR, due_at)]
    given(log).when(ReopenParticipation(CLEO)).then()
    log.pass_time(2 * DAY_S)
    log.fire_due_timers()
    assert isinstance(log.state(f"participation-{CLEO}"), Ended)


def test_whoever_withdraws_takes_along_what_was_only_listed() -> None:
    log = prepaid()
    given(log).when(WithdrawParticipation(CLEO, consignor(CLEOS), "moving")).then(
        PlaceFreed(SALE, CLEO, 1, CLEOS),
        ParticipationEnded(CLEO, SALE, "withdrawn", 1, FEE_MINOR, "moving"),
        ItemsWithdrawn(SALE, (WithdrawnItem(CLEOS_TOY, CLEO, "toy", "listed"),), "moving"),
    )
    given(log).when(WithdrawParticipation(CLEO, consignor(CLEOS))).then()
    reopened = log.issue(register(DORA, CLEOS))
    assert reopened.number == 2, "the account may take part anew"


def test_nobody_withdraws_whose_things_are_there() -> None:
    given(live()).when(WithdrawParticipation(ANNA, DESK)).rejected(Reason.ITEMS_BROUGHT)


def test_a_paid_fee_stays_until_it_is_given_back_also_after_a_withdrawal() -> None:
    log = prepaid()
    log.issue(RecordFeePayment(CLEO, "transfer 12"))
    log.issue(WithdrawParticipation(CLEO, DESK))
    assert balances(log, payable_account(CLEO), FEES) == [0, -FEE_MINOR]
    log.issue(RecordFeeRefund(CLEO, "transfer 13", "goodwill"))
    assert balances(log, payable_account(CLEO), FEES, BANK) == [0, 0, 0]
