"""Whose something is: consignors act on what is theirs alone, the organizer's people on everything.

Somebody else's is refused like what does not exist, so that nobody learns by asking what there is.
"""

from consign.domain.participation.state import Ended, Invited, Participation, Registered, Unknown, Waiting
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.values import AccountId, Actor


def holder(participation: Participation) -> AccountId | None:
    """Return the account that takes part, where there is one."""
    match participation:
        case Registered(account=account) | Ended(account=account):
            return account
        case Waiting(asked=asked) | Invited(asked=asked):
            return asked.account
        case Unknown():
            return None


def require_own(actor: Actor, participation: Participation) -> None:
    """Raise Rejected with `unknown_participation` where somebody who may only act on their own means another's."""
    if actor.reaches_own_alone and holder(participation) != actor.account:
        raise Rejected(Reason.UNKNOWN_PARTICIPATION, "There is no participation with this id.")


def require_own_number(actor: Actor, number: int, sale: Planned) -> None:
    """Raise Rejected with `unknown_consignor` where somebody who may only act on their own names another's number."""
    if not actor.reaches_own_alone:
        return
    theirs = sale.places.accounts.get(actor.account)
    if theirs is None or sale.consignors.get(number) != theirs:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {number} is not registered for this sale.")
