"""What is asked about an organization's integrators: their credentials for NATS."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.integrators import (
    INTEGRATORS_LIMIT,
    IntegratorCommand,
    Integrators,
    IssueNatsCredentials,
    NatsCredentialsAnswer,
    NatsCredentialsIssued,
    NatsCredentialsRevoked,
    RevokeNatsCredentials,
)
from consign.domain.organization import Founded, Organization, Platform, Registered, Unknown
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import States, organization_stream
from consign.domain.values import OrganizationSlug


def needs(command: IntegratorCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (organization_stream(command.organization),)


def decide(command: IntegratorCommand, states: States, _: datetime) -> Decision:
    stream = organization_stream(command.organization)
    integrators = _integrators_of(command.organization, states[stream])
    integrator = command.integrator
    known = integrators.get(integrator)
    match command:
        case IssueNatsCredentials():
            valid = sum(each.is_valid for name, each in integrators.items() if name != integrator)
            if valid >= INTEGRATORS_LIMIT or (known is None and len(integrators) >= 10 * INTEGRATORS_LIMIT):
                raise Rejected(Reason.LIMIT_EXCEEDED, f"An organization has at most {INTEGRATORS_LIMIT} integrators.")
            serial = 1 if known is None else known.serial + 1
            issued = Emitted(stream, NatsCredentialsIssued(integrator, serial))
            return Decision((issued,), NatsCredentialsAnswer(integrator, serial, "issued"))
        case RevokeNatsCredentials():
            if known is None:
                raise Rejected(Reason.UNKNOWN_INTEGRATOR, f"There are no credentials of {integrator}.")
            revoked = (Emitted(stream, NatsCredentialsRevoked(integrator, known.serial)),) if known.is_valid else ()
            return Decision(revoked, NatsCredentialsAnswer(integrator, known.serial, "revoked"))


def _integrators_of(slug: OrganizationSlug, organization: Organization) -> Integrators:
    match organization:
        case Founded(integrators=integrators):
            return integrators
        case Registered() | Platform() | Unknown():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {slug} here that has integrators.")
