"""Who is a member, and who is invited, as the read model of memberships shows it."""

from datetime import timedelta

from consign.domain.members import MemberInvitationId
from consign.domain.membership import (
    AcceptMemberInvitation,
    EndMembership,
    FollowMembership,
    GrantRoles,
    InviteMember,
    RevokeMemberInvitation,
)
from consign.domain.values import AccountId, Sealed
from consign.projections.memberships import MemberInvitationRow, MembershipRow
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import SLUG, Scenario, planned_sale

PETRA = AccountId("petra")
FIRST, SECOND = (MemberInvitationId(f"01935a33-0000-7000-8000-{number:012d}") for number in (1, 2))
DIGEST, OTHER_DIGEST = "ab" * 32, "cd" * 32
ADDRESS = Sealed(FIRST, "sealed")
TOMORROW = BEGINNING + timedelta(days=1)


def member(scenario: Scenario, account: str) -> MembershipRow:
    row: MembershipRow = scenario.row("memberships", account)
    return row


def invitation(scenario: Scenario, identity: MemberInvitationId) -> MemberInvitationRow:
    row: MemberInvitationRow = scenario.row("memberships", identity, table="invitations")
    return row


def test_the_founder_is_shown_as_organizer() -> None:
    founder = member(planned_sale(), "olive")
    assert (founder.status, founder.roles, founder.because) == ("member", ("organizer",), "founded")


def test_a_member_is_shown_with_the_present_roles_and_since_when() -> None:
    scenario = planned_sale()
    scenario.do(GrantRoles(SLUG, PETRA, ("cashier",)))
    begun = member(scenario, "petra").since
    scenario.pass_time(60)
    scenario.do(GrantRoles(SLUG, PETRA, ("auditor",)))
    assert (member(scenario, "petra").roles, member(scenario, "petra").since) == (("auditor",), begun)
    scenario.do(EndMembership(SLUG, PETRA))
    assert (member(scenario, "petra").status, member(scenario, "petra").roles) == ("former", ())
    scenario.do(GrantRoles(SLUG, PETRA, ("volunteer",)))
    assert member(scenario, "petra").since > begun


def test_an_end_that_was_heard_of_before_its_beginning_shows_somebody_without_roles() -> None:
    scenario = planned_sale()
    scenario.do(FollowMembership(SLUG, PETRA, (), BEGINNING))
    assert (member(scenario, "petra").status, member(scenario, "petra").roles) == ("former", ())
    scenario.do(FollowMembership(SLUG, PETRA, ("cashier",), TOMORROW))
    assert (member(scenario, "petra").status, member(scenario, "petra").because) == ("member", "followed")


def test_an_invitation_is_shown_until_it_is_over_and_its_address_no_longer() -> None:
    scenario = planned_sale()
    scenario.do(InviteMember(SLUG, FIRST, DIGEST, ("cashier",), TOMORROW, ADDRESS))
    scenario.do(InviteMember(SLUG, SECOND, OTHER_DIGEST, ("cashier",), TOMORROW))
    assert (invitation(scenario, FIRST).status, invitation(scenario, FIRST).address) == ("open", ADDRESS)
    scenario.do(AcceptMemberInvitation(SLUG, DIGEST, PETRA))
    scenario.do(RevokeMemberInvitation(SLUG, SECOND))
    assert (invitation(scenario, FIRST).status, invitation(scenario, FIRST).address) == ("accepted", None)
    assert invitation(scenario, SECOND).status == "revoked"
    assert member(scenario, "petra").because == "invited"
