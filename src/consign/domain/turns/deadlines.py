"""The timers of taking part: when a fee, an offered place or an invitation runs out, and who is looked after next."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from consign.domain.decision import Timer
from consign.domain.participation.commands import EndUnpaidParticipation, GrantReferralReward
from consign.domain.participation.place_commands import ExpireInvitation, ExpireOffer, FillPlaces
from consign.domain.participation.rules import ParticipationRules
from consign.domain.values import ParticipationId, SaleId

LATE_REGISTRATION = timedelta(days=1)
"""How long whoever registers after the day on which fees are due has to pay."""

_SHORTEST_WAIT = timedelta(seconds=1)


def fee_due_at(rules: ParticipationRules, fee_minor: int, now: datetime) -> datetime | None:
    """Return until when the fee is to be paid, where not paying it ends the participation."""
    if rules.fee_policy == "deduct" or not fee_minor:
        return None
    if rules.fee_due_days is not None:
        return now + timedelta(days=rules.fee_due_days)
    return None if rules.fee_due_at is None else max(rules.fee_due_at, now + LATE_REGISTRATION)


def fee_timers(participation: ParticipationId, due_at: datetime | None, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that looks at the fee at its deadline, where there is one."""
    return () if due_at is None else (_timer(participation, due_at, now, EndUnpaidParticipation(participation)),)


def offer_timer(participation: ParticipationId, expires_at: datetime, now: datetime) -> Timer:
    return _timer(participation, expires_at, now, ExpireOffer(participation))


def invitation_timer(participation: ParticipationId, expires_at: datetime, now: datetime) -> Timer:
    return _timer(participation, expires_at, now, ExpireInvitation(participation))


def fill_timer(sale: SaleId, now: datetime) -> Timer:
    """Return the timer that lets others move up: a turn of its own, as it may take many of them."""
    return _timer(sale, now, now, FillPlaces(sale))


def refill_timer(sale: SaleId, now: datetime) -> Timer:
    """Return the timer that goes on where one turn's share of those who wait was served."""
    return _timer(sale, now + _SHORTEST_WAIT, now, FillPlaces(sale))


def reward_timer(referred: ParticipationId, now: datetime) -> Timer:
    """Return the timer that rewards whoever brought `referred`; it takes effect once, however often it is set."""
    return Timer(uuid5(UUID(referred), "referral-reward"), now, GrantReferralReward(referred))


def _timer(about: str, due_at: datetime, now: datetime, command: Any) -> Timer:
    """Name the timer by when it was set, too: one that fired early by a clock's difference is set anew."""
    due_at = max(due_at, now)
    return Timer(
        uuid5(UUID(about), f"{type(command).__name__} {due_at.isoformat()} {now.isoformat()}"), due_at, command
    )


def early(due_at: datetime, now: datetime) -> datetime | None:
    """Return when to look again where a timer came too early; None: it is time."""
    return None if due_at <= now else max(due_at, now + _SHORTEST_WAIT)
