"""Integrators and their credentials for NATS, without anything secret."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.integrators import NatsCredentialsIssued, NatsCredentialsRevoked
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class NatsCredentialsRow(Struct, frozen=True):
    """The newest credentials of an integrator; `serial` counts them."""

    integrator: str
    status: Literal["issued", "revoked"]
    serial: int
    issued_at: datetime
    revoked_at: datetime | None = None


type Handled = NatsCredentialsIssued | NatsCredentialsRevoked


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case NatsCredentialsIssued():
            return ()
        case NatsCredentialsRevoked(integrator):
            return (("nats_credentials", (integrator,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    at = stored.recorded_at
    match event:
        case NatsCredentialsIssued(integrator, serial):
            return (Put("nats_credentials", NatsCredentialsRow(integrator, "issued", serial, at)),)
        case NatsCredentialsRevoked(integrator):
            row: NatsCredentialsRow = required(rows, "nats_credentials", (integrator,))
            return (Put("nats_credentials", replace(row, status="revoked", revoked_at=at)),)


INTEGRATORS = Projection(
    name="integrators",
    version=1,
    tables=(Table("nats_credentials", NatsCredentialsRow, key=("integrator",)),),
    handles=frozenset({"nats-credentials-issued", "nats-credentials-revoked"}),
    reads=_reads,
    apply=_apply,
)
