"""The refusals of membership."""

from consign.domain.membership import EndMembership
from consign.domain.pins import SetPin, TakePin
from consign.domain.rejection import Reason
from tests.domain.market import OLIVE, ORGANIZATION, founded
from tests.domain.refusals.case import Case, after
from tests.domain.team import (
    INVITE_A_CASHIER,
    OLIVE_LEAVES,
    PETRA,
    PETRA_ACCEPTS,
    PETRA_JOINS,
    REVOKE,
    follow,
    grant,
)

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_MEMBER: [
        (founded, EndMembership(ORGANIZATION, PETRA)),
        (founded, SetPin(PETRA)),
        (after(founded, grant(PETRA, "cashier"), EndMembership(ORGANIZATION, PETRA)), TakePin(PETRA)),
    ],
    Reason.LAST_ORGANIZER: [
        (founded, OLIVE_LEAVES),
        (founded, grant(OLIVE, "cashier")),
        (founded, follow(OLIVE, "cashier", seconds=1)),
    ],
    Reason.ROLE_NOT_HERE: [(founded, grant(PETRA, "operator")), (founded, grant(PETRA, "system"))],
    Reason.JOINING_CLOSED: [(founded, PETRA_JOINS)],
    Reason.INVITATION_INVALID: [
        (founded, PETRA_ACCEPTS),
        (after(founded, INVITE_A_CASHIER, REVOKE), PETRA_ACCEPTS),
        (after(founded, INVITE_A_CASHIER, PETRA_ACCEPTS), PETRA_ACCEPTS),
    ],
}
