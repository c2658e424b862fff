"""Who belongs to an organization, in which roles, and how people get in and out."""

from consign.domain.members import (
    PLATFORM,
    JoiningChanged,
    LeaderAppointed,
    LeaderDismissed,
    MemberInvitationClosed,
    MemberInvited,
)
from consign.domain.membership import (
    AcceptMemberInvitation,
    EndMembership,
    GrantRoles,
    MembershipAnswer,
    MembershipEnded,
    RolesGranted,
)
from consign.domain.organization import FoundOrganization
from consign.domain.rejection import Reason
from consign.domain.values import AccountId
from tests.domain.log import MemoryLog
from tests.domain.market import OLIVE, ORGANIZATION, founded
from tests.domain.scenario import given
from tests.domain.team import (
    CODE_DIGEST,
    INVITATION,
    INVITE_A_CASHIER,
    OLIVE_LEAVES,
    OPEN_TO_ALL,
    PETRA,
    PETRA_ACCEPTS,
    PETRA_JOINS,
    REVOKE,
    TOMORROW,
    follow,
    grant,
)

SECONDS_A_DAY = 24 * 3600


def test_whoever_founds_an_organization_is_its_organizer() -> None:
    log = founded()
    assert [event.account for event in log.events_of(LeaderAppointed)] == [OLIVE]
    given(log).when(grant(OLIVE, "organizer")).then()


def test_founding_again_makes_nobody_else_organizer() -> None:
    again = FoundOrganization(ORGANIZATION, PETRA, "ALPE", "EUR", "fr-FR", "Europe/Paris")
    given(founded()).when(again).then()


def test_granting_says_all_roles_that_are_held_from_then_on() -> None:
    log = founded()
    given(log).when(grant(PETRA, "volunteer", "cashier", "cashier")).then(
        RolesGranted(PETRA, ("cashier", "volunteer"), "granted")
    )
    given(log).when(grant(PETRA, "cashier", "volunteer")).then()
    given(log).when(grant(PETRA, "auditor")).then(RolesGranted(PETRA, ("auditor",), "granted")).answered(
        MembershipAnswer(PETRA, ("auditor",))
    )


def test_the_last_organizer_stays_and_any_other_may_go() -> None:
    log = founded()
    given(log).when(OLIVE_LEAVES).rejected(Reason.LAST_ORGANIZER, "organizer")
    given(log).when(grant(PETRA, "organizer", "cashier")).then(
        LeaderAppointed(PETRA), RolesGranted(PETRA, ("cashier", "organizer"), "granted")
    )
    given(log).when(OLIVE_LEAVES).then(LeaderDismissed(OLIVE), MembershipEnded(OLIVE))
    given(log).when(grant(PETRA, "cashier")).rejected(Reason.LAST_ORGANIZER)


def test_a_membership_that_ended_has_ended_and_may_begin_again() -> None:
    log = founded()
    log.issue(grant(PETRA, "cashier"))
    given(log).when(EndMembership(ORGANIZATION, PETRA)).then(MembershipEnded(PETRA))
    given(log).when(EndMembership(ORGANIZATION, PETRA)).then()
    given(log).when(grant(PETRA, "cashier")).then(RolesGranted(PETRA, ("cashier",), "granted"))


def test_anybody_joins_where_the_organization_lets_them_and_keeps_other_roles() -> None:
    log = founded()
    log.issue(grant(PETRA, "cashier"))
    given(log).when(PETRA_JOINS).rejected(Reason.JOINING_CLOSED)
    given(log).when(OPEN_TO_ALL).then(JoiningChanged(is_open=True))
    given(log).when(OPEN_TO_ALL).then()
    given(log).when(PETRA_JOINS).then(RolesGranted(PETRA, ("cashier", "consignor", "shopper"), "joined"))
    given(log).when(PETRA_JOINS).then()


def test_nobody_is_a_member_of_what_was_not_founded() -> None:
    given(MemoryLog()).when(grant(PETRA, "organizer")).rejected(Reason.UNKNOWN_ORGANIZATION)


def test_whoever_shows_the_code_of_an_invitation_gets_its_roles_once() -> None:
    log = founded()
    given(log).when(INVITE_A_CASHIER).then(MemberInvited(INVITATION, CODE_DIGEST, ("cashier",), TOMORROW))
    given(log).when(INVITE_A_CASHIER).then()
    log.issue(grant(PETRA, "volunteer"))
    given(log).when(PETRA_ACCEPTS).then(
        MemberInvitationClosed(INVITATION, CODE_DIGEST, "accepted"),
        RolesGranted(PETRA, ("cashier", "volunteer"), "invited"),
    )
    other = AcceptMemberInvitation(ORGANIZATION, CODE_DIGEST, AccountId("mallory"))
    given(log).when(other).rejected(Reason.INVITATION_INVALID)


def test_an_invitation_is_taken_back_or_runs_out() -> None:
    log = founded()
    log.issue(INVITE_A_CASHIER)
    given(log).when(REVOKE).then(MemberInvitationClosed(INVITATION, CODE_DIGEST, "revoked"))
    given(log).when(REVOKE).then()

    log = founded()
    log.issue(INVITE_A_CASHIER)
    log.pass_time(SECONDS_A_DAY)
    given(log).when(PETRA_ACCEPTS).rejected(Reason.INVITATION_INVALID)
    log.fire_due_timers()
    assert log.events_of(MemberInvitationClosed) == [MemberInvitationClosed(INVITATION, CODE_DIGEST, "expired")]


def test_the_platform_is_led_by_operators_and_grants_nothing_else() -> None:
    log = MemoryLog()
    given(log).when(GrantRoles(PLATFORM, OLIVE, ("operator",))).then(
        LeaderAppointed(OLIVE), RolesGranted(OLIVE, ("operator",), "granted")
    )
    given(log).when(EndMembership(PLATFORM, OLIVE)).rejected(Reason.LAST_ORGANIZER, "operator")
    given(log).when(GrantRoles(PLATFORM, PETRA, ("organizer",))).rejected(Reason.ROLE_NOT_HERE)


def test_what_the_issuer_of_an_account_says_is_followed_and_remembered() -> None:
    log = founded()
    said = follow(PETRA, "organizer", "cashier", seconds=1)
    given(log).when(said).then(
        LeaderAppointed(PETRA), RolesGranted(PETRA, ("cashier", "organizer"), "followed", said.said_at)
    ).answered(MembershipAnswer(PETRA, ("cashier", "organizer")))
    given(log).when(said).then()
    gone = follow(PETRA, seconds=2)
    given(log).when(gone).then(LeaderDismissed(PETRA), MembershipEnded(PETRA, gone.said_at))


def test_what_the_issuer_said_before_something_newer_means_nothing() -> None:
    log = founded()
    given(log).when(follow(PETRA, seconds=2)).then(MembershipEnded(PETRA, follow(PETRA, seconds=2).said_at))
    given(log).when(follow(PETRA, "organizer", seconds=1)).then().answered(MembershipAnswer(PETRA, ()))


def test_roles_that_were_granted_here_do_not_bring_back_what_the_issuer_said_before() -> None:
    log = founded()
    given(log).when(follow(PETRA, "cashier", seconds=2)).then(
        RolesGranted(PETRA, ("cashier",), "followed", follow(PETRA, seconds=2).said_at)
    )
    given(log).when(grant(PETRA, "auditor")).then(RolesGranted(PETRA, ("auditor",), "granted"))
    given(log).when(follow(PETRA, "organizer", seconds=1)).then()
    again = follow(PETRA, "auditor", seconds=3)
    given(log).when(again).then(RolesGranted(PETRA, ("auditor",), "followed", again.said_at))
