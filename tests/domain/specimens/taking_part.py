"""The events of people and of taking part: places, fees, referrals, invitations."""

from msgspec import Struct

from consign.domain.account import AccountProfileChanged, ParticipationJoined, PersonForgotten
from consign.domain.commission import CommissionRule
from consign.domain.participation.events import (
    ConsignorForgotten,
    ConsignorInvited,
    ConsignorRegistered,
    ConsignorWaitlisted,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeeMeans, FeePaid, FeeRefunded, FeeWaived
from consign.domain.places import (
    Allowance,
    AllowanceChanged,
    ConsignorNumberTaken,
    InvitationClosed,
    InvitationOpened,
    PlaceFreed,
    PlaceOffered,
    PlaceTakenAgain,
    TermsAccepted,
    WaitingListJoined,
    WaitingListLeft,
)
from consign.domain.session.events import FeeReceived, FeeReturned
from consign.domain.values import AccountId, Sealed
from tests.domain.log import OPENING
from tests.domain.market import ANNA, BEN, CASHIER, SALE, SESSION

ACCOUNT = AccountId("account-anna")
RULE = CommissionRule(200_000, 10, 50, 5000)
SEALED = Sealed("subject-1", "c2VhbGVk")
DIGEST = "ab" * 32

SPECIMENS: tuple[Struct, ...] = (
    AccountProfileChanged(ACCOUNT, SEALED, (ANNA,)),
    ParticipationJoined(ACCOUNT, ANNA, SALE),
    PersonForgotten(ACCOUNT, (ANNA,)),
    ConsignorNumberTaken(SALE, ANNA, 1, ACCOUNT, "2026-01", BEN),
    PlaceFreed(SALE, ANNA, 1, ACCOUNT),
    PlaceTakenAgain(SALE, ANNA, 1, ACCOUNT),
    WaitingListJoined(SALE, ANNA, 1, ACCOUNT),
    WaitingListLeft(SALE, ANNA, 1, ACCOUNT),
    PlaceOffered(SALE, ANNA, 1, OPENING),
    InvitationOpened(SALE, ANNA, DIGEST, 17),
    InvitationClosed(SALE, ANNA, DIGEST, 17),
    TermsAccepted(SALE, ANNA, 1, "2026-01", OPENING),
    ConsignorRegistered(ANNA, SALE, 1, 500, SEALED, "volunteer", RULE, "2026-01", ACCOUNT, OPENING, OPENING, BEN),
    ConsignorWaitlisted(ANNA, SALE, 1, SEALED, 17, "volunteer", RULE, 500, "2026-01", ACCOUNT, OPENING, BEN),
    ConsignorInvited(ANNA, SALE, DIGEST, OPENING, SEALED, 17, "volunteer", RULE, 500),
    ListsCharged(ANNA, SALE, 1, 2, 300),
    LateDropOffCharged(ANNA, SALE, 1, -150, "the train was late", undone=True),
    ProceedsPledged(ANNA, SALE, 1, 500_000, "flagged"),
    AllowanceChanged(SALE, ANNA, 1, Allowance(20, 1, 2, {"coat": 3})),
    ParticipationEnded(ANNA, SALE, "withdrawn", 1, 500, "moving house"),
    ParticipationReopened(ANNA, SALE, 1, 500, OPENING),
    ReferralRewarded(ANNA, SALE, BEN, "commission_points", 10_000),
    ConsignorForgotten(ANNA, SALE),
    FeePaid(ANNA, SALE, 1, 502, FeeMeans.CASH, OPENING, -2, "slip 7", SESSION, "1", "late"),
    FeeWaived(ANNA, SALE, 1, 500, "helps at the door"),
    FeeRefunded(ANNA, SALE, 1, 502, 502, FeeMeans.CASH, "ill", OPENING, -2, "slip 8", SESSION, "1", "late"),
    FeeReceived(SALE, SESSION, "1", ANNA, FeeMeans.CASH, 500, CASHIER, "late"),
    FeeReturned(SALE, SESSION, "1", ANNA, FeeMeans.CASH, 500, CASHIER, "late"),
)
