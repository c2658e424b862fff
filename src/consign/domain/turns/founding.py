"""What is asked of an organization: which actors each command decides over, and who decides it."""

from collections.abc import Sequence
from datetime import datetime

from consign.domain import organization
from consign.domain.decision import Decision, Emitted
from consign.domain.members import Members
from consign.domain.membership import Membership
from consign.domain.organization import (
    FollowName,
    FoundOrganization,
    OrganizationAnswer,
    OrganizationCommand,
    RegisterOrganization,
    RenameOrganization,
)
from consign.domain.recorded import StreamName
from consign.domain.turns.actors import States, membership_stream, organization_stream
from consign.domain.turns.granting import held
from consign.domain.values import Role


def needs(command: OrganizationCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    match command:
        case RegisterOrganization() | RenameOrganization() | FollowName():
            return (organization_stream(command.organization),)
        case FoundOrganization():
            return (organization_stream(command.organization), membership_stream(command.founder))


def decide(command: OrganizationCommand, states: States, _: datetime) -> Decision:
    stream = organization_stream(command.organization)
    state: organization.Organization = states[stream]
    match command:
        case RegisterOrganization():
            registered = organization.decide_registration(command, state)
            return _on(stream, registered, OrganizationAnswer(command.organization))
        case FoundOrganization():
            return _found(command, state, states[membership_stream(command.founder)])
        case RenameOrganization() | FollowName():
            return _on(stream, organization.decide_naming(command, state), OrganizationAnswer(command.organization))


def _found(command: FoundOrganization, state: organization.Organization, membership: Membership) -> Decision:
    """Found the organization with its first organizer: there never is one that nobody leads."""
    answer = OrganizationAnswer(command.organization, command.currency)
    founded = organization.decide_founding(command, state)
    if not founded:
        return Decision((), answer)
    begun = _on(organization_stream(command.organization), founded, answer)
    roles: tuple[Role, ...] = ("organizer",)
    led = held(command.organization, Members(), membership, command.founder, roles, "founded")
    return Decision((*begun.events, *led), answer)


def _on(stream: StreamName, events: Sequence[organization.OrganizationEvent], answer: OrganizationAnswer) -> Decision:
    return Decision(tuple(Emitted(stream, event) for event in events), answer)
