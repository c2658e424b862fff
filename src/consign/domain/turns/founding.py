"""What is asked of an organization: which actors each command decides over, and who decides it."""

from collections.abc import Sequence
from datetime import datetime

from consign.domain import organization
from consign.domain.decision import Decision, Emitted
from consign.domain.organization import (
    FoundOrganization,
    OrganizationAnswer,
    OrganizationCommand,
    RegisterOrganization,
)
from consign.domain.recorded import StreamName
from consign.domain.turns.actors import States, organization_stream


def needs(command: OrganizationCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    match command:
        case RegisterOrganization() | FoundOrganization():
            return (organization_stream(command.organization),)


def decide(command: OrganizationCommand, states: States, _: datetime) -> Decision:
    stream = organization_stream(command.organization)
    state: organization.Organization = states[stream]
    match command:
        case RegisterOrganization():
            registered = organization.decide_registration(command, state)
            return _on(stream, registered, OrganizationAnswer(command.organization))
        case FoundOrganization():
            founded = organization.decide_founding(command, state)
            return _on(stream, founded, OrganizationAnswer(command.organization, command.currency))


def _on(stream: StreamName, events: Sequence[organization.OrganizationEvent], answer: OrganizationAnswer) -> Decision:
    return Decision(tuple(Emitted(stream, event) for event in events), answer)
