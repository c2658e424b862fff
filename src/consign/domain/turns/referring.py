"""Who brought whom: codes, and what whoever brought somebody gets for it, once."""

from datetime import datetime
from typing import Literal

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.state import Ledger
from consign.domain.participation.commands import GrantReferralReward
from consign.domain.participation.events import ReferralRewarded
from consign.domain.participation.fee_events import FeeWaived
from consign.domain.participation.rules import ReferralRules
from consign.domain.participation.state import FeeStatus, Participation, Registered
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import participation_stream
from consign.domain.turns.brought import has_brought
from consign.domain.turns.deadlines import reward_timer
from consign.domain.values import AccountId, Done, ParticipationId

_ID_DIGITS = 6


def referral_code(number: int, participation: ParticipationId) -> str:
    """Return what a consignor tells others: the number, and digits of the id, so that nobody hits one by guessing."""
    return f"{number:04}-{participation[-_ID_DIGITS:].upper()}"


def referrer(code: str, account: AccountId | None, sale: Planned) -> ParticipationId | None:
    """Return whose code it is, None for no code; raises Rejected with `referral_invalid`."""
    if not code:
        return None
    number = code.strip().partition("-")[0]
    found = sale.consignors.get(int(number)) if number.isdecimal() else None
    if sale.settings.participation.referral is None:
        raise Rejected(Reason.REFERRAL_INVALID, "This sale rewards nobody for bringing others: leave the code out.")
    if found is None or referral_code(int(number), found) != code.strip().upper():
        raise Rejected(Reason.REFERRAL_INVALID, "Nobody in this sale has this code. Check it, or leave it out.")
    if sale.places.standing[int(number)].ended:
        raise Rejected(Reason.REFERRAL_INVALID, "Whoever had this code takes part no more: leave it out.")
    if account is not None and sale.places.accounts.get(account) == found:
        raise Rejected(Reason.REFERRAL_INVALID, "This is your own code: nobody brings themselves.")
    return found


def on_fee_paid(referred: Registered, sale: Planned, now: datetime) -> tuple[Timer, ...]:
    """Return the timer that sees to the reward, where paying is what it is given for."""
    rules = sale.settings.participation.referral
    if rules is None or rules.granted_when != "fee_paid" or referred.referred_by is None:
        return ()
    return (reward_timer(referred.participation, now),)


def on_check_in(items: tuple[ItemReference, ...], sale: Planned, ledger: Ledger, now: datetime) -> tuple[Timer, ...]:
    """Return the timers that see to rewards, where bringing things is what they are given for."""
    rules = sale.settings.participation.referral
    if rules is None or rules.granted_when != "first_check_in":
        return ()
    numbers = {ledger.items[item.tag].listed.consignor for item in items}
    first = (
        sale.consignors[number]
        for number in sorted(numbers)
        if sale.places.standing[number].referred_by is not None and not has_brought(ledger, number)
    )
    return tuple(reward_timer(participation, now) for participation in first)


def grant(
    command: GrantReferralReward, referred: Registered, by: Participation, sale: Planned, ledger: Ledger
) -> Decision:
    """Reward whoever brought `referred`, unless that was done before or what it is for has not happened."""
    rules = sale.settings.participation.referral
    nothing = Decision((), Done())
    if rules is None or not isinstance(by, Registered) or command.participation in by.rewarded:
        return nothing
    if len(by.rewarded) >= rules.rewards_limit or not _earned(rules, referred, ledger):
        return nothing
    stream = participation_stream(by.participation)
    theirs = ledger.consignors.get(by.number)
    # What was sold was sold at the rate of its hour, so points come too late then: the fee is waived instead.
    sold = theirs is not None and theirs.sold > 0
    reward: Literal["fee_waiver", "commission_points"] = "fee_waiver" if sold else rules.reward
    if reward == "commission_points":
        points = ReferralRewarded(by.participation, by.sale, referred.participation, reward, rules.points_ppm)
        return Decision((Emitted(stream, points),), Done())
    if not by.fee.charged_minor:
        return nothing
    rewarded = ReferralRewarded(by.participation, by.sale, referred.participation, reward)
    waived = FeeWaived(by.participation, by.sale, by.number, by.fee.charged_minor, "referral")
    return Decision((Emitted(stream, rewarded), Emitted(stream, waived)), Done())


def _earned(rules: ReferralRules, referred: Registered, ledger: Ledger) -> bool:
    match rules.granted_when:
        case "fee_paid":
            return referred.fee.status is FeeStatus.PAID
        case "first_check_in":
            return has_brought(ledger, referred.number)
