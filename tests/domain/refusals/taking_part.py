"""The refusals of people, places, fees, referrals and invitations."""

from datetime import timedelta

from msgspec.structs import replace

from consign.domain.account import ChangeAccountProfile, ForgetConsignor, ForgetPerson
from consign.domain.participation.commands import (
    AcceptTerms,
    ChangeConsignorProfile,
    ChangeConsignorTerms,
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
from consign.domain.participation.place_commands import (
    AcceptInvitation,
    AcceptPlace,
    InviteConsignor,
    MoveUp,
    RevokeInvitation,
)
from consign.domain.participation.rules import ReferralRules
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSaleSettings
from consign.domain.turns.referring import referral_code
from consign.domain.values import AccountId, Sealed
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import ANNA, SALE, SESSION, SETTINGS, live, registered
from tests.domain.newcomers import CLEO, CLEOS, DESK, DORA, DORAS, EMIL, consignor, open_sale, register, rules
from tests.domain.refusals.case import Case, after

SEALED = Sealed("subject-1", "AAAA")
DIGEST = "ab" * 32
TOMORROW = OPENING + timedelta(days=1)
INVITE = InviteConsignor(SALE, EMIL, DIGEST, TOMORROW)
FULL = rules(consignors_limit=1)
BRINGING = rules(referral=ReferralRules("fee_waiver"))
STRANGER = consignor(AccountId("somebody-else"))


def one() -> MemoryLog:
    return after(lambda: open_sale(rules()), register(CLEO, CLEOS))()


def waiting() -> MemoryLog:
    """Cleo has the only place, Dora waits."""
    return after(lambda: open_sale(FULL), register(CLEO, CLEOS), register(DORA, DORAS))()


def ended() -> MemoryLog:
    return after(one, WithdrawParticipation(CLEO, DESK))()


def bringing() -> MemoryLog:
    return after(lambda: open_sale(BRINGING), register(CLEO, CLEOS))()


def no_longer_bringing() -> MemoryLog:
    return after(bringing, WithdrawParticipation(CLEO, DESK))()


def invited() -> MemoryLog:
    return after(lambda: open_sale(FULL), INVITE)()


def strict() -> MemoryLog:
    return open_sale(rules(terms_required=True))


CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_ACCOUNT: [(one, ForgetPerson(DORAS))],
    Reason.PERSON_FORGOTTEN: [
        (after(one, ForgetPerson(CLEOS)), ChangeAccountProfile(CLEOS, SEALED)),
        (after(one, ForgetPerson(CLEOS)), register(DORA, CLEOS)),
    ],
    Reason.PROFILE_OF_ACCOUNT: [
        (one, ChangeConsignorProfile(CLEO, SEALED)),
        (waiting, ChangeConsignorProfile(DORA, SEALED)),
        (one, ForgetConsignor(CLEO)),
    ],
    Reason.ALREADY_TAKING_PART: [
        (one, register(DORA, CLEOS)),
        (waiting, register(EMIL, DORAS)),
        (after(ended, register(DORA, CLEOS)), ReopenParticipation(CLEO)),
    ],
    Reason.UNKNOWN_PARTICIPATION: [
        (one, WithdrawParticipation(DORA, DESK)),
        (one, WithdrawParticipation(CLEO, STRANGER)),
        (one, AcceptTerms(CLEO, "2026-09", STRANGER)),
        (waiting, AcceptPlace(DORA, STRANGER)),
        (one, ReopenParticipation(DORA)),
        (one, MoveUp(DORA)),
        (one, WaiveFee(DORA, "helps")),
        (one, RevokeInvitation(DORA)),
        (one, ForgetConsignor(DORA)),
    ],
    Reason.NOT_REGISTERED: [
        (waiting, ChangeConsignorTerms(DORA)),
        (waiting, WaiveFee(DORA, "helps")),
        (invited, AcceptTerms(EMIL, "2026-09", DESK)),
        (invited, WithdrawParticipation(EMIL, DESK)),
        (invited, MoveUp(EMIL)),
    ],
    Reason.PARTICIPATION_ENDED: [
        (ended, WaiveFee(CLEO, "helps")),
        (ended, RecordFeePayment(CLEO, "transfer 12")),
        (after(invited, RevokeInvitation(EMIL)), ReopenParticipation(EMIL)),
    ],
    Reason.PARTICIPATION_EXISTS: [
        (ended, register(CLEO, CLEOS)),
        (invited, register(EMIL)),
        (invited, replace(INVITE, number=3)),
        (one, replace(INVITE, participation=CLEO)),
        (after(invited, AcceptInvitation(SALE, DIGEST, CLEOS)), RevokeInvitation(EMIL)),
    ],
    Reason.ITEMS_BROUGHT: [(live, WithdrawParticipation(ANNA, DESK))],
    Reason.TERMS_NOT_ACCEPTED: [
        (strict, register(CLEO)),
        (strict, register(CLEO, terms_version="2025-09")),
        (one, AcceptTerms(CLEO, "2025-09", DESK)),
    ],
    Reason.REFERRAL_INVALID: [
        (one, register(DORA, referral_code=referral_code(1, CLEO))),
        (bringing, register(DORA, referral_code="0001-ABCDEF")),
        (bringing, register(DORA, CLEOS, referral_code=referral_code(1, CLEO))),
        (no_longer_bringing, register(DORA, referral_code=referral_code(1, CLEO))),
    ],
    Reason.SALE_FULL: [(waiting, INVITE)],
    Reason.NO_PLACE_OFFERED: [(waiting, AcceptPlace(DORA, DESK))],
    Reason.INVITATION_INVALID: [
        (one, AcceptInvitation(SALE, DIGEST, CLEOS)),
        (one, replace(INVITE, expires_at=OPENING)),
        (after(one, INVITE), replace(INVITE, participation=DORA)),
    ],
    Reason.CONSIGNOR_NUMBER_TAKEN: [
        (after(one, replace(INVITE, number=7)), register(DORA, number=7)),
        (one, replace(INVITE, number=1)),
        (waiting, register(EMIL, number=1)),
    ],
    Reason.FEE_NOT_DUE: [
        (after(one, WaiveFee(CLEO, "helps")), RecordFeePayment(CLEO, "transfer 12")),
        (after(one, RecordFeePayment(CLEO, "transfer 12")), RecordFeePayment(CLEO, "transfer 13")),
    ],
    Reason.FEE_NOT_PAID: [(one, RecordFeeRefund(CLEO, "transfer 12", "ill"))],
    Reason.FEE_AMOUNT_DIFFERS: [(one, RecordFeePayment(CLEO, "transfer 12", amount_minor=499))],
    Reason.ROLE_NEEDED: [(live, ReceiveFee(SESSION, ANNA, "cash", "cashier", reopen=True))],
    Reason.REASON_NEEDED: [
        (one, RecordFeePayment(CLEO, " ")),
        (one, RecordFeeRefund(CLEO, " ", "ill")),
        (after(one, RecordFeePayment(CLEO, "transfer 12")), RecordFeeRefund(CLEO, "transfer 13", " ")),
        (one, WaiveFee(CLEO, " ")),
    ],
    Reason.CASH_TOO_LOW: [
        (
            after(lambda: live(replace(SETTINGS, fee_minor=9_000)), RecordFeePayment(ANNA, "transfer 12")),
            GiveFeeBack(SESSION, ANNA, "cash", "ill"),
        )
    ],
    Reason.WRONG_CURRENCY: [(one, RecordFeePayment(CLEO, "transfer 12", currency="USD"))],
    Reason.SETTINGS_INVALID: [
        (registered, ChangeSaleSettings(SALE, replace(SETTINGS, participation=wrong)))
        for wrong in (
            rules(fee_due_days=3, fee_due_at=TOMORROW, fee_policy="prepaid"),
            rules(fee_due_days=3),
            rules(offer_duration_s=7200),
            rules(terms_required=True),
            rules(referral=ReferralRules("commission_points")),
        )
    ],
}
