"""The keys of an organization for programs of others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.api_keys import ApiKeyCreated, ApiKeyRevoked
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required

ApiKeyStatus = Literal["open", "revoked"]


class ApiKeyRow(Struct, frozen=True):
    """`endpoints` are those for which the key is good, where it is not for all that integrators may use."""

    key: str
    name: str
    status: ApiKeyStatus
    endpoints: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None = None


type Handled = ApiKeyCreated | ApiKeyRevoked


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case ApiKeyCreated():
            return ()
        case ApiKeyRevoked(key):
            return (("api_keys", (key,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    at = stored.recorded_at
    match event:
        case ApiKeyCreated(key, name, only, expires_at):
            return (Put("api_keys", ApiKeyRow(key, name, "open", only, at, stored.account_id, expires_at)),)
        case ApiKeyRevoked(key):
            row: ApiKeyRow = required(rows, "api_keys", (key,))
            return (Put("api_keys", replace(row, status="revoked", revoked_at=at)),)


API_KEYS = Projection(
    name="api_keys",
    version=1,
    tables=(Table("api_keys", ApiKeyRow, key=("key",), indexes=(("created_at",),)),),
    handles=frozenset({"api-key-created", "api-key-revoked"}),
    reads=_reads,
    apply=_apply,
)
