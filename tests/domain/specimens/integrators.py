"""The events of integrators."""

from msgspec import Struct

from consign.domain.integrators import IntegratorName, NatsCredentialsIssued, NatsCredentialsRevoked

SPECIMENS: tuple[Struct, ...] = (
    NatsCredentialsIssued(IntegratorName("web-shop"), 2),
    NatsCredentialsRevoked(IntegratorName("web-shop"), 2),
)
