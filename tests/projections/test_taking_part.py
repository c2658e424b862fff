"""Read models and public events of people who take part: places, fees, rewards, invitations, accounts."""

from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from consign.domain.account import ChangeAccountProfile, ForgetConsignor, ForgetPerson
from consign.domain.participation.commands import (
    AcceptTerms,
    RegisterConsignor,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.fee_commands import (
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
)
from consign.domain.participation.place_commands import AcceptInvitation, AcceptPlace, InviteConsignor
from consign.domain.participation.rules import ParticipationRules, ReferralRules
from consign.domain.sale import Phase
from consign.domain.turns.referring import referral_code
from consign.domain.values import AccountId, Actor, ParticipationId, Sealed
from consign.projections.participations import ParticipationRow
from tests.projections import agreement
from tests.projections.scenario import (
    SALE,
    SETTINGS,
    Scenario,
    live_sale,
    move_to,
    open_till,
    participation_id,
    planned_sale,
)

SECRET = "whisper"
ADA, BEA, CLEO, DORA = (participation_id(number) for number in range(1, 5))
ADAS, BEAS = AccountId("ada"), AccountId("bea")
DESK = Actor(AccountId("olga"), "organizer")
SAID, SAID_LATER = Sealed("person-1", f"sealed {SECRET}"), Sealed("person-1", f"sealed later {SECRET}")
DIGEST = "ab" * 32
DAY_S = 86_400


def registering(settled: ParticipationRules) -> Scenario:
    scenario = planned_sale(settings=replace(SETTINGS, participation=settled))
    move_to(scenario, Phase.REGISTRATION)
    return scenario


def of(scenario: Scenario, participation: ParticipationId) -> ParticipationRow:
    row: ParticipationRow = scenario.row("participations", participation)
    return row


def published(scenario: Scenario, event_type: str) -> list[dict[str, Any]]:
    rows = scenario.rows("public_events", "events")
    return [msgspec.json.decode(row.data) for row in rows if row.type == event_type]


def test_a_profile_said_once_is_shown_in_every_row_and_counted_once() -> None:
    scenario = registering(ParticipationRules())
    scenario.do(RegisterConsignor(SALE, ADA, SAID, account=ADAS))
    scenario.do(ChangeAccountProfile(ADAS, SAID_LATER))
    assert of(scenario, ADA).profile == SAID_LATER
    person = scenario.row("consignors", "ada")
    assert (person.profile, person.participations, person.forgotten_at) == (SAID_LATER, 1, None)
    scenario.do(ForgetPerson(ADAS))
    assert scenario.row("consignors", "ada").forgotten_at is not None
    assert published(scenario, "PersonForgotten") == [{"account": "ada", "participations": [ADA]}]


def test_who_waits_is_offered_a_place_and_keeps_their_newest_profile() -> None:
    scenario = registering(ParticipationRules(consignors_limit=1, offer_duration_s=DAY_S))
    scenario.do(RegisterConsignor(SALE, ADA))
    scenario.do(RegisterConsignor(SALE, BEA, SAID, account=BEAS))
    waiting = of(scenario, BEA)
    assert (waiting.status, waiting.turn, waiting.number, waiting.profile) == ("waiting", 1, 0, SAID)

    scenario.do(ChangeAccountProfile(BEAS, SAID_LATER))
    scenario.do(WithdrawParticipation(ADA, DESK, SECRET))
    scenario.fire_due_timers()
    offered = of(scenario, BEA)
    assert (offered.status, offered.until) == ("offered", scenario.recorder.now + timedelta(seconds=DAY_S))
    scenario.do(AcceptPlace(BEA, DESK))
    taken = of(scenario, BEA)
    assert (taken.status, taken.number, taken.profile, taken.turn) == ("registered", 2, SAID_LATER, 0)
    ended = of(scenario, ADA)
    assert (ended.status, ended.ended_because, ended.number) == ("ended", "withdrawn", 1)
    assert [each["turn"] for each in published(scenario, "ConsignorWaiting")] == [1]
    assert [each["because"] for each in published(scenario, "ConsignorEnded")] == ["withdrawn"]
    agreement.check(scenario)


def test_a_fee_is_followed_from_due_to_refunded() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    assert (of(scenario, ADA).fee_status, of(scenario, ADA).fee_charged_minor) == ("due", 250)
    scenario.do(ReceiveFee(session, ADA, "cash", "cashier", reference=SECRET))
    paid = of(scenario, ADA)
    assert (paid.fee_status, paid.fee_paid_minor, paid.fee_means) == ("paid", 250, "cash")
    assert scenario.row("sessions", session).figures.fees_cash_minor == 250
    scenario.do(GiveFeeBack(session, ADA, "card", SECRET))
    refunded = of(scenario, ADA)
    assert (refunded.fee_status, refunded.fee_charged_minor, refunded.fee_paid_minor) == ("refunded", 0, 0)
    assert scenario.row("sessions", session).figures.fees_card_minor == -250
    scenario.do(WaiveFee(BEA, SECRET))
    assert (of(scenario, BEA).fee_status, of(scenario, BEA).fee_charged_minor) == ("waived", 0)
    assert [each["means"] for each in published(scenario, "FeePaid")] == ["cash"]
    assert [each["amount_minor"] for each in published(scenario, "FeeRefunded")] == [250]
    assert [each["amount_minor"] for each in published(scenario, "FeeWaived")] == [250]
    agreement.check(scenario)


def test_an_unpaid_participation_ends_and_comes_back() -> None:
    scenario = registering(ParticipationRules(fee_policy="prepaid", fee_due_days=1))
    scenario.do(RegisterConsignor(SALE, ADA))
    assert of(scenario, ADA).fee_due_at == scenario.recorder.now + timedelta(days=1)
    scenario.pass_time(DAY_S)
    scenario.fire_due_timers()
    ended = of(scenario, ADA)
    assert (ended.status, ended.ended_because, ended.fee_charged_minor) == ("ended", "fee_unpaid", 0)
    assert scenario.row("books", ADA, table="consignors").net_minor == 0
    scenario.do(ReopenParticipation(ADA))
    back = of(scenario, ADA)
    assert (back.status, back.ended_because, back.fee_charged_minor) == ("registered", None, 250)
    scenario.do(RecordFeePayment(ADA, SECRET))
    scenario.do(RecordFeeRefund(ADA, SECRET, SECRET))
    assert [each["consignor"] for each in published(scenario, "ConsignorReopened")] == [1]
    agreement.check(scenario)


def test_an_invitation_is_a_row_until_it_becomes_a_consignor() -> None:
    scenario = registering(ParticipationRules())
    expires_at = scenario.recorder.now + timedelta(days=1)
    scenario.do(InviteConsignor(SALE, ADA, DIGEST, expires_at, SAID, 77, "helper"))
    invited = of(scenario, ADA)
    assert (invited.status, invited.number, invited.until) == ("invited", 77, expires_at)
    scenario.do(AcceptInvitation(SALE, DIGEST, ADAS, SAID_LATER))
    accepted = of(scenario, ADA)
    assert (accepted.status, accepted.number, accepted.account, accepted.tier) == ("registered", 77, "ada", "helper")
    assert accepted.profile == SAID_LATER
    assert [each["consignor"] for each in published(scenario, "ConsignorInvited")] == [77]


def test_terms_and_rewards_are_shown_where_they_belong() -> None:
    referral = ReferralRules("commission_points", points_ppm=50_000)
    scenario = registering(ParticipationRules(referral=referral))
    scenario.do(RegisterConsignor(SALE, ADA, account=ADAS))
    scenario.do(RegisterConsignor(SALE, BEA, referral_code=referral_code(1, ADA)))
    scenario.do(AcceptTerms(ADA, SETTINGS.terms_version, DESK))
    assert (of(scenario, ADA).terms_version, of(scenario, ADA).terms_accepted_at) == (
        SETTINGS.terms_version,
        scenario.recorder.now,
    )
    scenario.do(RecordFeePayment(BEA, SECRET))
    scenario.fire_due_timers()
    assert (of(scenario, ADA).rewards, of(scenario, ADA).points_off_ppm) == (1, 50_000)
    assert of(scenario, BEA).referred_by == ADA
    assert scenario.row("books", ADA, table="consignors").points_off_ppm == 50_000
    assert [each["referred"] for each in published(scenario, "ReferralRewarded")] == [BEA]
    agreement.check(scenario)


def test_nothing_that_tells_who_or_why_is_published() -> None:
    scenario = live_sale()
    session = open_till(scenario, 1, "A")
    scenario.do(RegisterConsignor(SALE, CLEO, SAID, account=ADAS))
    scenario.do(ReceiveFee(session, CLEO, "card", "cashier", reference=SECRET))
    scenario.do(GiveFeeBack(session, CLEO, "card", SECRET))
    scenario.do(WaiveFee(ADA, SECRET))
    scenario.do(RecordFeePayment(BEA, SECRET))
    scenario.do(WithdrawParticipation(CLEO, DESK, SECRET))
    scenario.do(RegisterConsignor(SALE, DORA, SAID))
    scenario.do(ForgetConsignor(DORA))
    texts = [row.data for row in scenario.rows("public_events", "events")]
    assert any(SECRET in stored.data.decode() for stored in scenario.recorder.stored)
    assert not any(word in text for text in texts for word in (SECRET, "sealed", "person-1"))
    assert [each["participation"] for each in published(scenario, "ConsignorForgotten")] == [DORA]
