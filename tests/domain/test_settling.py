"""Settling with consignors and paying them, told in sentences; amounts are those of `tests.domain.settled`."""

from typing import Any

import pytest
from msgspec.structs import replace

from consign.domain import accounts
from consign.domain.accounts import payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY
from consign.domain.organization import FoundOrganization
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase, PlanSale
from consign.domain.session.commands import GivenRefundLine, OpenSession, RefundReceipt
from consign.domain.session.events import TenderKind
from consign.domain.settlement.commands import (
    AdjustConsignor,
    BringBalanceForward,
    BroughtAnswer,
    CarryPayout,
    ConfirmPayouts,
    ForfeitPayouts,
    ForfeitUncollected,
    FreezeSettlement,
    LeavePayoutUncollected,
    PaidOutAnswer,
    PayOutInCash,
    PreparePayouts,
    ReissuePayout,
    ReopenSettlement,
    ReturnPayout,
    SendPayoutBatch,
)
from consign.domain.settlement.events import (
    BatchNumber,
    Obstacle,
    PayoutDue,
    PayoutForfeited,
    StatementIssued,
    StatementLine,
)
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import Debtor, PayoutMethod, SettlementPolicy
from consign.domain.settlement.seal import statement_seal
from consign.domain.settlement.state import PayoutStatus, Stage
from consign.domain.turns import forfeiting, freezing
from consign.domain.values import ParticipationId, ReceiptNumber, SessionId
from tests.domain.freezing import conclude, freeze_whole
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    BEN,
    CASHIER,
    COAT,
    DRESS,
    OLIVE,
    ORGANIZATION,
    OTHER_SALE,
    SALE,
    SETTINGS,
    SKIRT,
    live,
    reach,
    sold,
)
from tests.domain.scenario import given
from tests.domain.settled import (
    ANNAS_NET_MINOR,
    BENS_NET_MINOR,
    details,
    freeze,
    frozen,
    number_of,
    payout_of,
    prepare,
    prepared,
    settlement,
    supplement,
    traded,
    with_policy,
)

LATE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
ANNA_AGAIN = ParticipationId("01900000-0000-7000-8000-0000000000a9")
RECEIPT, BATCH = ReceiptNumber("1-1"), BatchNumber("B1")
DAY_S = 86_400


def owed(log: MemoryLog, participation: ParticipationId, sale: str = SALE) -> int:
    """What the books say is still owed to the consignor."""
    return -balance(log, payable_account(participation), sale)


def balance(log: MemoryLog, account: str, sale: str = SALE) -> int:
    books = EMPTY
    for emitted in log.events:
        books, _ = post(books, emitted.event)
    assert sum(amount for (of, _), amount in books.balances.items() if of == sale) == 0
    return next((amount for (of, name), amount in books.balances.items() if (of, name) == (sale, account)), 0)


def with_till(log: MemoryLog) -> MemoryLog:
    log.issue(OpenSession(LATE_SESSION, SALE, "9", CASHIER, 10_000))
    return log


def give_back(log: MemoryLog, tag: str) -> None:
    lines = (GivenRefundLine(tag),)
    log.issue(RefundReceipt(LATE_SESSION, RECEIPT, TenderKind.CASH, "torn", "cashier", lines))


def test_a_statement_holds_the_figures_the_items_and_the_rule_of_each() -> None:
    log = frozen()
    statement = log.events_of(StatementIssued)[0]
    assert (statement.statement, statement.participation, statement.kind) == ("S1", ANNA, "statement")
    assert statement.figures == Figures(count=2, gross_minor=1550, commission_minor=310, fees_minor=500)
    assert statement.lines == (StatementLine(SKIRT, 350, 0), StatementLine(DRESS, 1200, 0))
    assert statement.rules == (SETTINGS.commission.default,)
    assert statement.figures.net_minor == ANNAS_NET_MINOR == owed(log, ANNA)


def test_statements_are_sealed_one_by_one_and_a_changed_one_breaks_the_seal() -> None:
    first, second = frozen().events_of(StatementIssued)
    assert first.seal == statement_seal(first, "")
    assert second.seal == statement_seal(second, first.seal)
    changed = replace(first, figures=replace(first.figures, adjustments_minor=1))
    assert statement_seal(changed, "") != first.seal


def test_a_freeze_that_is_interrupted_goes_on_and_nobody_gets_two_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "STATEMENTS_LIMIT", 1)
    log = traded()
    first = log.issue(FreezeSettlement(SALE))
    assert (first.issued, first.remaining) == (1, 1)
    assert settlement(log).stage is Stage.FREEZING
    rest = log.issue(FreezeSettlement(SALE))
    assert (rest.issued, rest.remaining, rest.net_minor) == (1, 0, ANNAS_NET_MINOR + BENS_NET_MINOR)
    given(log).when(FreezeSettlement(SALE)).then()
    assert conclude(log, SALE).frozen
    given(log).when(FreezeSettlement(SALE)).then()
    assert [event.consignor for event in log.events_of(StatementIssued)] == [1, 2]


def test_open_tills_hold_a_freeze_up_until_they_are_named_as_accepted() -> None:
    log = live()
    sold(log, COAT)
    reach(log, Phase.SETTLEMENT)
    refused = given(log).when(FreezeSettlement(SALE)).rejected(Reason.SETTLEMENT_BLOCKED, "open till 1", "open till 2")
    assert [error["kind"] for error in refused.errors] == ["open_till", "open_till"]
    tills = (Obstacle("open_till", "1"), Obstacle("open_till", "2"))
    assert freeze_whole(log, FreezeSettlement(SALE, tills, "counted tomorrow")).frozen


def test_reopening_cancels_every_statement_under_one_number_and_withdraws_the_payouts() -> None:
    log = prepared()
    answer = log.issue(ReopenSettlement(SALE, "a till was forgotten"))
    assert (answer.cancellation, answer.cancelled) == ("C1", 2)
    assert {payout.status for payout in settlement(log).payouts.values()} == {PayoutStatus.WITHDRAWN}
    freeze(log)
    assert [event.statement for event in log.events_of(StatementIssued)] == ["S1", "S2", "S3", "S4"]
    assert owed(log, ANNA) == payout_of(log, ANNA).amount_minor == ANNAS_NET_MINOR


def test_reopening_gives_back_what_was_carried_and_what_the_organizer_bore() -> None:
    log = frozen(with_policy(minimum_minor=1000))
    assert (owed(log, ANNA), balance(log, accounts.CARRIED)) == (0, -ANNAS_NET_MINOR)
    log.issue(ReopenSettlement(SALE, "a till was forgotten"))
    assert (owed(log, ANNA), balance(log, accounts.CARRIED)) == (ANNAS_NET_MINOR, 0)


def test_a_transfer_is_prepared_sent_and_booked_when_the_bank_paid_it() -> None:
    log = prepared(with_policy(fees_minor={PayoutMethod.SEPA: 35}))
    assert settlement(log).batches[BATCH].total_minor == ANNAS_NET_MINOR + BENS_NET_MINOR - 70
    log.issue(SendPayoutBatch(SALE, BATCH))
    assert owed(log, ANNA) == ANNAS_NET_MINOR
    log.issue(ConfirmPayouts(SALE, BATCH))
    assert (owed(log, ANNA), owed(log, BEN)) == (0, 0)
    assert balance(log, accounts.FEES) == -1000 - 70
    given(log).when(ConfirmPayouts(SALE, BATCH)).then()


def test_who_has_not_said_where_to_pay_is_left_out_or_named() -> None:
    log = frozen(with_policy())
    details(log, ANNA)
    details(log, BEN, iban=False)
    assert prepare(log).count == 1
    named = PreparePayouts(SALE, PayoutMethod.LIST, (number_of(log, BEN),))
    refused = given(log).when(named).rejected(Reason.NOTHING_TO_PAY)
    assert [error["reason"] for error in refused.errors] == ["no_payout_details"]
    cheques = log.issue(PreparePayouts(SALE, PayoutMethod.CHEQUE, first_cheque=4711))
    assert (cheques.count, cheques.next_cheque) == (1, 4712)


def test_a_payout_that_came_back_is_made_again_and_its_consignor_bears_the_fee() -> None:
    log = prepared(with_policy(reissue_fee_minor=250))
    log.issue(SendPayoutBatch(SALE, BATCH))
    log.issue(ConfirmPayouts(SALE, BATCH))
    log.issue(ReturnPayout(SALE, number_of(log, ANNA), "account closed"))
    assert owed(log, ANNA) == ANNAS_NET_MINOR
    again = log.issue(ReissuePayout(SALE, number_of(log, ANNA)))
    with_till(log)
    paid = log.issue(PayOutInCash(LATE_SESSION, again.payout))
    assert paid == PaidOutAnswer(
        again.payout, ANNAS_NET_MINOR, 250, ANNAS_NET_MINOR - 250, 10_000 - ANNAS_NET_MINOR + 250, "EUR"
    )
    assert (owed(log, ANNA), balance(log, accounts.FEES)) == (0, -1000 - 250)
    given(log).when(PayOutInCash(LATE_SESSION, again.payout)).rejected(Reason.WRONG_PAYOUT_STATUS, "paid")


def test_a_return_after_the_settlement_leaves_the_statement_and_yields_a_supplement() -> None:
    log = prepared()
    log.issue(SendPayoutBatch(SALE, BATCH))
    log.issue(ConfirmPayouts(SALE, BATCH))
    with_till(log)
    give_back(log, SKIRT)
    assert owed(log, ANNA) == -280
    assert supplement(log) == 1
    issued = log.events_of(StatementIssued)[-1]
    assert (issued.kind, issued.statement) == ("supplement", "S3")
    assert issued.figures == Figures(count=-1, gross_minor=-350, commission_minor=-70)
    assert issued.lines == (StatementLine(SKIRT, -350, 0, returned=True),)
    assert payout_of(log, ANNA).status is PayoutStatus.CARRIED
    assert (owed(log, ANNA), balance(log, accounts.CARRIED)) == (0, 280)
    assert supplement(log) == 0


def test_what_comes_back_from_a_consignor_who_was_paid_may_be_borne_by_the_organizer() -> None:
    log = prepared(with_policy(negative="bear"))
    log.issue(SendPayoutBatch(SALE, BATCH))
    log.issue(ConfirmPayouts(SALE, BATCH))
    with_till(log)
    give_back(log, SKIRT)
    supplement(log)
    assert log.events_of(StatementIssued)[-1].figures.borne_minor == 280
    assert (owed(log, ANNA), balance(log, accounts.COMPENSATION)) == (0, 280)


def test_a_payout_that_is_only_due_is_replaced_when_a_supplement_changes_it() -> None:
    log = with_till(frozen())
    give_back(log, SKIRT)
    log.issue(AdjustConsignor(SALE, ANNA, 1000, "it was torn by us"))
    supplement(log)
    first, second = (settlement(log).payouts[number] for number in settlement(log).standing(ANNA).payouts)
    assert first.status is PayoutStatus.WITHDRAWN
    assert (second.status, second.amount_minor) == (PayoutStatus.DUE, ANNAS_NET_MINOR - 280 + 1000)
    assert owed(log, ANNA) == second.amount_minor


@pytest.mark.parametrize(("below", "account"), [("carry", accounts.CARRIED), ("charity", accounts.CHARITY)])
def test_what_is_below_the_minimum_is_carried_or_given_to_charity(below: str, account: str) -> None:
    log = frozen(with_policy(minimum_minor=1000, below_minimum=below))
    assert (owed(log, ANNA), balance(log, account)) == (0, -ANNAS_NET_MINOR)
    assert payout_of(log, BEN).status is PayoutStatus.DUE


@pytest.mark.parametrize(("to", "account"), [("organizer", accounts.FEES), ("charity", accounts.CHARITY)])
def test_what_nobody_fetches_is_given_up_after_the_days_of_the_policy(to: str, account: str) -> None:
    log = frozen(with_policy(forfeit_after_days=30, forfeit_to=to))
    before = balance(log, account)
    log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    given(log).when(ForfeitPayouts(SALE)).then()
    log.pass_time(31 * DAY_S)
    assert log.issue(ForfeitPayouts(SALE)).count == 2
    assert balance(log, account) == before - ANNAS_NET_MINOR - BENS_NET_MINOR
    assert {event.to for event in log.events_of(PayoutForfeited)} == {to}


def test_what_was_left_uncollected_is_given_up_by_itself_in_time_and_nothing_else() -> None:
    log = frozen(with_policy(forfeit_after_days=30))
    log.pass_time(DAY_S)
    log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    log.pass_time(29 * DAY_S - 1)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.UNCOLLECTED
    log.pass_time(1)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.FORFEITED
    assert payout_of(log, BEN).status is PayoutStatus.DUE
    given(log).when(ForfeitUncollected(SALE, number_of(log, ANNA))).then()


def test_what_was_fetched_after_all_or_is_never_given_up_is_not_given_up_by_itself() -> None:
    log = frozen(with_policy(forfeit_after_days=30))
    left = number_of(log, ANNA)
    log.issue(LeavePayoutUncollected(SALE, left))
    log.issue(ReissuePayout(SALE, left))
    log.pass_time(31 * DAY_S)
    log.fire_due_timers()
    assert log.events_of(PayoutForfeited) == []
    forever = frozen()
    given(forever).when(LeavePayoutUncollected(SALE, number_of(forever, ANNA)))
    given(forever).when(ForfeitUncollected(SALE, number_of(forever, ANNA))).then()


def test_a_policy_that_gives_more_time_meanwhile_puts_giving_up_off() -> None:
    log = frozen(with_policy(forfeit_after_days=30))
    log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    log.issue(ChangeSaleSettings(SALE, with_policy(forfeit_after_days=60)))
    log.pass_time(31 * DAY_S)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.UNCOLLECTED
    log.pass_time(30 * DAY_S)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.FORFEITED


def changed_policy(log: MemoryLog, **policy: Any) -> None:
    """Change the policy, and let what is due by then come."""
    log.issue(ChangeSaleSettings(SALE, with_policy(**policy)))
    log.fire_due_timers()


@pytest.mark.parametrize("days_before", [None, 60])
def test_a_policy_that_comes_later_gives_up_what_was_left_before(days_before: int | None) -> None:
    log = frozen(with_policy(forfeit_after_days=days_before))
    log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    log.pass_time(DAY_S)
    changed_policy(log, forfeit_after_days=30)
    log.pass_time(29 * DAY_S - 1)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.UNCOLLECTED
    log.pass_time(1)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.FORFEITED
    assert payout_of(log, BEN).status is PayoutStatus.DUE


def test_a_policy_that_comes_when_its_time_is_over_gives_up_at_once() -> None:
    log = frozen()
    log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    log.pass_time(31 * DAY_S)
    changed_policy(log, forfeit_after_days=30)
    log.fire_due_timers()
    assert payout_of(log, ANNA).status is PayoutStatus.FORFEITED


def test_timers_of_what_nobody_fetched_are_set_in_bounded_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forfeiting, "ROWS_LIMIT", 1)
    log = frozen()
    for participation in (ANNA, BEN):
        log.issue(LeavePayoutUncollected(SALE, number_of(log, participation)))
    changed_policy(log, forfeit_after_days=30)
    for _ in range(2):
        log.pass_time(1)
        log.fire_due_timers()
    watched = {timer.command.payout for timer in log.timers if isinstance(timer.command, ForfeitUncollected)}
    assert watched == {number_of(log, ANNA), number_of(log, BEN)}


def test_a_sale_is_closed_only_when_every_payout_has_ended_and_says_which_have_not() -> None:
    log = frozen()
    refused = given(log).when(ChangeSalePhase(SALE, Phase.CLOSED)).rejected(Reason.PAYOUTS_OPEN, "P1 (due)", "P2 (due)")
    assert [error["payout"] for error in refused.errors] == ["P1", "P2"]
    for payout in (number_of(log, ANNA), number_of(log, BEN)):
        log.issue(CarryPayout(SALE, payout, "until next time"))
    assert log.issue(ChangeSalePhase(SALE, Phase.CLOSED)).phase is Phase.CLOSED


def test_a_carried_balance_counts_in_a_later_sale_once() -> None:
    log = frozen()
    log.issue(CarryPayout(SALE, number_of(log, ANNA), "until next time"))
    log.issue(PlanSale(ORGANIZATION, OTHER_SALE, "Spring bourse", SETTINGS))
    log.issue(ChangeSalePhase(OTHER_SALE, Phase.REGISTRATION))
    log.issue(RegisterConsignor(OTHER_SALE, ANNA_AGAIN, number=5))
    bring = BringBalanceForward(OTHER_SALE, ANNA_AGAIN, SALE, ANNA)
    assert log.issue(bring) == BroughtAnswer(ANNA_AGAIN, ANNAS_NET_MINOR, "EUR")
    assert owed(log, ANNA_AGAIN, OTHER_SALE) == ANNAS_NET_MINOR - 500
    given(log).when(bring).rejected(Reason.NOTHING_CARRIED)
    given(log).when(ReopenSettlement(SALE, "too late")).rejected(Reason.PAYOUTS_MADE)


def test_nothing_is_due_to_who_owes_and_the_debt_is_carried() -> None:
    log = live()
    sold(log, COAT)
    accepted = (Obstacle("open_till", "1"), Obstacle("open_till", "2"))
    reach(log, Phase.SETTLEMENT)
    freeze_whole(log, FreezeSettlement(SALE, accepted, "counted tomorrow"))
    assert (payout_of(log, ANNA).amount_minor, payout_of(log, ANNA).status) == (-500, PayoutStatus.CARRIED)
    assert [event.payout for event in log.events_of(PayoutDue)] == ["P1", "P2"]


def test_sepa_is_for_euros() -> None:
    log = MemoryLog()
    log.issue(FoundOrganization(ORGANIZATION, OLIVE, "ALPE", "USD"))
    log.issue(PlanSale(ORGANIZATION, SALE, "Autumn bourse", SETTINGS, 7))
    reach(log, Phase.SETTLEMENT)
    freeze_whole(log, FreezeSettlement(SALE))
    given(log).when(PreparePayouts(SALE, PayoutMethod.SEPA)).rejected(Reason.WRONG_CURRENCY, "USD")


def test_an_organizers_account_that_cannot_be_is_refused_in_the_settings() -> None:
    log = traded()
    wrong = SettlementPolicy(debtor=Debtor("ALPE", "DE89370400440532013001"))
    changed = ChangeSaleSettings(SALE, replace(SETTINGS, settlement=wrong))
    refused = given(log).when(changed).rejected(Reason.SETTINGS_INVALID, "check number")
    assert refused.errors[0]["pointer"] == "/settings/settlement/debtor/iban"
