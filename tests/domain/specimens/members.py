"""The events of membership."""

from msgspec import Struct

from consign.domain.members import (
    JoiningChanged,
    LeaderAppointed,
    LeaderDismissed,
    MemberInvitationClosed,
    MemberInvited,
)
from consign.domain.membership import MembershipEnded, RolesGranted
from consign.domain.pins import PinSet, PinTaken
from consign.domain.values import Sealed
from tests.domain.market import OLIVE
from tests.domain.team import CODE_DIGEST, INVITATION, PETRA, TOMORROW

SPECIMENS: tuple[Struct, ...] = (
    LeaderAppointed(OLIVE),
    LeaderDismissed(OLIVE),
    MemberInvited(INVITATION, CODE_DIGEST, ("cashier", "volunteer"), TOMORROW, Sealed(INVITATION, "AAAA")),
    MemberInvitationClosed(INVITATION, CODE_DIGEST, "accepted"),
    JoiningChanged(is_open=True),
    RolesGranted(PETRA, ("cashier", "volunteer"), "followed", TOMORROW),
    MembershipEnded(PETRA, TOMORROW),
    PinSet(PETRA, 3, Sealed("petra", "AAAA")),
    PinTaken(PETRA, 4),
)
