"""Keys of an organization for programs of others: an integrator each, who may do what the policy grants integrators.

What a key shows itself by is a secret, and lies elsewhere.
"""

from datetime import datetime
from typing import Annotated, NewType

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.values import UUID_PATTERN, Code, GivenSlug, Name

KEYS_LIMIT = 50
"""How many keys an organization may have at once."""
KEYS_EVER_LIMIT = 1000
"""How many it may have made in all: the id of none is ever used again."""

ApiKeyId = NewType("ApiKeyId", str)
GivenApiKeyId = Annotated[ApiKeyId, Meta(pattern=UUID_PATTERN, max_length=36)]
Endpoints = Annotated[tuple[Code, ...], Meta(max_length=20)]


class CreateApiKey(Struct, frozen=True, gc=False, tag="create-api-key"):
    """`only` names the endpoints for which the key is good; none: all that integrators may use."""

    organization: GivenSlug
    key: GivenApiKeyId
    name: Name
    only: Endpoints = ()
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class RevokeApiKey(Struct, frozen=True, gc=False, tag="revoke-api-key"):
    organization: GivenSlug
    key: GivenApiKeyId


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class ApiKeyCreated(Struct, frozen=True, gc=False, tag="api-key-created"):
    key: ApiKeyId
    name: str
    only: tuple[str, ...] = ()
    expires_at: datetime | None = None


class ApiKeyRevoked(Struct, frozen=True, gc=False, tag="api-key-revoked"):
    key: ApiKeyId


class ApiKeyAnswer(Struct, frozen=True, gc=False):
    key: ApiKeyId


class ApiKeys(Struct, frozen=True):
    """The ids of keys that count, as far as they have not expired, and of those that were revoked."""

    open: tuple[ApiKeyId, ...] = ()
    revoked: tuple[ApiKeyId, ...] = ()


type ApiKeyCommand = CreateApiKey | RevokeApiKey
type ApiKeyEvent = ApiKeyCreated | ApiKeyRevoked


def evolve(keys: ApiKeys, event: ApiKeyEvent) -> ApiKeys:
    """Return the keys after the event."""
    match event:
        case ApiKeyCreated(key=key):
            return replace(keys, open=(*keys.open, key))
        case ApiKeyRevoked(key):
            return ApiKeys(tuple(each for each in keys.open if each != key), (*keys.revoked, key))
