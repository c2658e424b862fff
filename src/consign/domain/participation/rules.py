"""What a sale asks of those who take part, and what it gives for bringing others."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.values import Ppm

LAST_CONSIGNOR_NUMBER = 9999

_HOUR_S = 3600
_MONTH_S = 31 * 24 * _HOUR_S


class ReferralRules(Struct, frozen=True, gc=False):
    """What whoever brought a consignor gets, once for each and at most `rewards_limit` times in a sale.

    `points_ppm` come off the referrer's commission rate, which never falls below zero.
    """

    reward: Literal["fee_waiver", "commission_points"]
    granted_when: Literal["fee_paid", "first_check_in"] = "fee_paid"
    points_ppm: Ppm = 0
    rewards_limit: Annotated[int, Meta(ge=1, le=100)] = 10


class ParticipationRules(Struct, frozen=True, gc=False):
    """Who may take part, and until when the fee is to be paid.

    Beyond `consignors_limit` consignors wait in order. A place that becomes free is offered for `offer_duration_s`;
    without it whoever is next takes part at once.
    `fee_policy`: `deduct` takes an unpaid fee from the proceeds; `prepaid` ends an unpaid participation at its
    deadline: `fee_due_days` after registration, or at `fee_due_at`. Neither: there is no deadline.
    `terms_required`: nobody registers or lists before having accepted the sale's present `terms_version`.
    """

    consignors_limit: Annotated[int, Meta(ge=1, le=LAST_CONSIGNOR_NUMBER)] | None = None
    offer_duration_s: Annotated[int, Meta(ge=_HOUR_S, le=_MONTH_S)] | None = None
    fee_policy: Literal["deduct", "prepaid"] = "deduct"
    fee_due_days: Annotated[int, Meta(ge=1, le=365)] | None = None
    fee_due_at: Annotated[datetime, Meta(tz=True)] | None = None
    terms_required: bool = False
    referral: ReferralRules | None = None


def contradictions(rules: ParticipationRules) -> list[tuple[str, str]]:
    """Return what is wrong with the rules: a JSON pointer below them and what is the matter, for each."""
    wrong = []
    if rules.fee_due_days is not None and rules.fee_due_at is not None:
        wrong.append(("/fee_due_at", "the fee has two deadlines"))
    if rules.fee_policy == "deduct" and (rules.fee_due_days is not None or rules.fee_due_at is not None):
        wrong.append(("/fee_policy", "a fee that is deducted from the proceeds has no deadline"))
    if rules.offer_duration_s is not None and rules.consignors_limit is None:
        wrong.append(("/offer_duration_s", "places are offered only where their number is limited"))
    referral = rules.referral
    if referral is not None and referral.reward == "commission_points" and not referral.points_ppm:
        wrong.append(("/referral/points_ppm", "the reward is worth nothing"))
    return wrong
