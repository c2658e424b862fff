"""Who brought whom: rewarded once, never for oneself, as a waived fee or points off the commission."""

import pytest
from msgspec.structs import replace

from consign.domain.accounts import payable_account
from consign.domain.ledger.commands import CheckInItems, ListItems
from consign.domain.participation.events import ReferralRewarded
from consign.domain.participation.fee_commands import RecordFeePayment, RecordFeeRefund
from consign.domain.participation.fee_events import FeeWaived
from consign.domain.participation.rules import ParticipationRules, ReferralRules
from consign.domain.participation.state import FeeStatus
from consign.domain.sale import ChangeSaleSettings, Phase
from consign.domain.session.commands import OpenSession, Pay, Scan
from consign.domain.tag import tag_code
from consign.domain.turns.referring import referral_code
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, CASHIER, SALE, SALE_NUMBER, SESSION, TILL, cash, reach, row
from tests.domain.newcomers import CLEO, CLEOS, DORA, DORAS, EMIL, EMILS, open_sale, register, rules
from tests.domain.test_fees import balances

FEE_MINOR = 500
WAIVED = rules(referral=ReferralRules("fee_waiver"))
POINTS = rules(referral=ReferralRules("commission_points", "first_check_in", 50_000, rewards_limit=2))
CLEOS_TOY, DORAS_TOY = tag_code(SALE_NUMBER, 1, 1), tag_code(SALE_NUMBER, 2, 1)


def brought(settled: ParticipationRules) -> MemoryLog:
    """Cleo brought Dora and Emil; each has listed a toy for 10.00."""
    log = open_sale(settled)
    log.issue(register(CLEO, CLEOS))
    code = referral_code(1, CLEO)
    log.issue(register(DORA, DORAS, referral_code=code))
    log.issue(register(EMIL, EMILS, referral_code=f" {code.lower()} ".strip()))
    log.issue(ListItems(SALE, tuple(row(number, number, "toy", 1000) for number in (1, 2, 3))))
    return log


def paid(log: MemoryLog, participation: str) -> MemoryLog:
    log.issue(RecordFeePayment(log.state(f"participation-{participation}").participation, "transfer"))
    log.fire_due_timers()
    return log


def test_a_paid_fee_waives_that_of_whoever_brought_the_payer() -> None:
    log = brought(WAIVED)
    assert log.events_of(ReferralRewarded) == []
    paid(log, DORA)
    assert log.events_of(ReferralRewarded, FeeWaived) == [
        ReferralRewarded(CLEO, SALE, DORA, "fee_waiver"),
        FeeWaived(CLEO, SALE, 1, FEE_MINOR, "referral"),
    ]
    paid(log, EMIL)
    assert len(log.events_of(ReferralRewarded)) == 1, "a fee is waived once"


def test_whoever_paid_already_has_the_waived_fee_to_their_credit() -> None:
    log = paid(paid(brought(WAIVED), CLEO), DORA)
    assert balances(log, payable_account(CLEO)) == [-FEE_MINOR]
    assert log.state(f"participation-{CLEO}").fee.status is FeeStatus.WAIVED


def test_paying_twice_is_rewarded_once() -> None:
    log = brought(replace(WAIVED, referral=ReferralRules("commission_points", points_ppm=10_000)))
    paid(log, DORA)
    log.issue(RecordFeeRefund(DORA, "transfer", "mistake"))
    assert log.events_of(ReferralRewarded) == [ReferralRewarded(CLEO, SALE, DORA, "commission_points", 10_000)]
    log.fire_due_timers()
    assert log.state(f"participation-{CLEO}").points_off_ppm == 10_000


def test_the_first_thing_checked_in_takes_points_off_the_commission() -> None:
    log = reach(brought(POINTS), Phase.DROP_OFF)
    for tag in (DORAS_TOY, CLEOS_TOY):
        log.issue(CheckInItems(SALE, (tag,)))
        log.fire_due_timers()
    assert log.events_of(ReferralRewarded) == [ReferralRewarded(CLEO, SALE, DORA, "commission_points", 50_000)]
    reach(log, Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    for tag in (CLEOS_TOY, DORAS_TOY):
        log.issue(Scan(SESSION, BASKET, tag))
    log.issue(Pay(SESSION, BASKET, (cash(2000),)))
    # 15 % instead of 20 % of 10.00, less the fee
    assert balances(log, payable_account(CLEO), payable_account(DORA)) == [150 - 1000 + 500, 200 - 1000 + 500]


def test_who_has_sold_already_is_rewarded_with_the_fee_as_what_was_sold_was_sold() -> None:
    log = reach(brought(POINTS), Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (CLEOS_TOY,)))
    reach(log, Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    log.issue(Scan(SESSION, BASKET, CLEOS_TOY))
    log.issue(Pay(SESSION, BASKET, (cash(1000),)))
    log.issue(CheckInItems(SALE, (DORAS_TOY,)))
    log.fire_due_timers()
    assert log.events_of(ReferralRewarded) == [ReferralRewarded(CLEO, SALE, DORA, "fee_waiver")]
    assert balances(log, payable_account(CLEO)) == [200 - 1000]


def test_a_rate_never_falls_below_zero_and_rewards_have_a_limit() -> None:
    generous = rules(referral=ReferralRules("commission_points", "fee_paid", 150_000, rewards_limit=1))
    log = paid(paid(brought(generous), DORA), EMIL)
    assert log.state(f"participation-{CLEO}").points_off_ppm == 150_000
    more = replace(generous, referral=ReferralRules("commission_points", "fee_paid", 150_000))
    log.issue(ChangeSaleSettings(SALE, replace(log.state(f"sale-{SALE}").settings, participation=more)))
    log.issue(RecordFeeRefund(EMIL, "transfer", "mistake"))
    assert log.state(f"participation-{CLEO}").points_off_ppm == 150_000


@pytest.mark.parametrize("number", [1, 17, 9999])
def test_a_code_names_a_number_and_is_not_hit_by_guessing(number: int) -> None:
    assert referral_code(number, CLEO) == f"{number:04}-00C1E0"
