"""Who may read an organization's public events from NATS: integrators by name, each with the credentials that count.

No secret is in the log. Credentials are counted, and their password follows from the installation's key and the count.
"""

from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from consign.domain.values import GivenSlug

INTEGRATORS_LIMIT = 50

IntegratorName = NewType("IntegratorName", str)
GivenIntegratorName = Annotated[IntegratorName, Meta(pattern=r"^[a-z0-9-]{1,40}$", max_length=40)]


class IssueNatsCredentials(Struct, frozen=True, gc=False, tag="issue-nats-credentials"):
    """The integrator's credentials of before end with it."""

    organization: GivenSlug
    integrator: GivenIntegratorName


class RevokeNatsCredentials(Struct, frozen=True, gc=False, tag="revoke-nats-credentials"):
    organization: GivenSlug
    integrator: GivenIntegratorName


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class NatsCredentialsIssued(Struct, frozen=True, gc=False, tag="nats-credentials-issued"):
    """`serial` counts the credentials that the integrator was given."""

    integrator: IntegratorName
    serial: int


class NatsCredentialsRevoked(Struct, frozen=True, gc=False, tag="nats-credentials-revoked"):
    """All up to and with `serial` count no longer."""

    integrator: IntegratorName
    serial: int


class NatsCredentialsAnswer(Struct, frozen=True, gc=False):
    integrator: IntegratorName
    serial: int
    status: Literal["issued", "revoked"]


class Issued(Struct, frozen=True, gc=False):
    """The newest credentials of an integrator, and whether they count."""

    serial: int
    is_valid: bool


type Integrators = dict[IntegratorName, Issued]
type IntegratorCommand = IssueNatsCredentials | RevokeNatsCredentials
type IntegratorEvent = NatsCredentialsIssued | NatsCredentialsRevoked


def evolve(integrators: Integrators, event: IntegratorEvent) -> Integrators:
    """Return the integrators after the event."""
    match event:
        case NatsCredentialsIssued(integrator, serial):
            return {**integrators, integrator: Issued(serial, is_valid=True)}
        case NatsCredentialsRevoked(integrator, serial):
            return {**integrators, integrator: Issued(serial, is_valid=False)}
