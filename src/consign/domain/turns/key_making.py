"""What is asked about keys for programs: which actor each command decides over, and the decisions."""

from datetime import datetime

from consign.domain.api_keys import (
    KEYS_EVER_LIMIT,
    KEYS_LIMIT,
    ApiKeyAnswer,
    ApiKeyCommand,
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeys,
    CreateApiKey,
    RevokeApiKey,
)
from consign.domain.decision import Decision, Emitted
from consign.domain.organization import Founded, Organization, Platform, Registered, Unknown
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import States, organization_stream


def needs(command: ApiKeyCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (organization_stream(command.organization),)


def decide(command: ApiKeyCommand, states: States, now: datetime) -> Decision:
    keys = _keys_of(states[organization_stream(command.organization)])
    match command:
        case CreateApiKey():
            return create(command, keys, now)
        case RevokeApiKey():
            return revoke(command, keys)


def create(command: CreateApiKey, keys: ApiKeys, now: datetime) -> Decision:
    """Make a key, under an id that no other ever had."""
    if command.key in (*keys.open, *keys.revoked):
        raise Rejected(Reason.API_KEY_EXISTS, "There is or was a key with this id. Use a new one.")
    if command.expires_at is not None and command.expires_at <= now:
        raise Rejected(Reason.TIMES_INVALID, "The key would have expired already.")
    if len(keys.open) >= KEYS_LIMIT or len(keys.open) + len(keys.revoked) >= KEYS_EVER_LIMIT:
        raise Rejected(
            Reason.LIMIT_EXCEEDED, f"At most {KEYS_LIMIT} keys count at once, and {KEYS_EVER_LIMIT} are ever made."
        )
    event = ApiKeyCreated(command.key, command.name, tuple(sorted(set(command.only))), command.expires_at)
    return _decided(command, event)


def revoke(command: RevokeApiKey, keys: ApiKeys) -> Decision:
    """End a key for good; one that was revoked is revoked."""
    if command.key in keys.revoked:
        return Decision((), ApiKeyAnswer(command.key))
    if command.key not in keys.open:
        raise Rejected(Reason.UNKNOWN_API_KEY, "There is no key with this id.")
    return _decided(command, ApiKeyRevoked(command.key))


def _decided(command: ApiKeyCommand, event: ApiKeyCreated | ApiKeyRevoked) -> Decision:
    return Decision((Emitted(organization_stream(command.organization), event),), ApiKeyAnswer(command.key))


def _keys_of(organization: Organization) -> ApiKeys:
    match organization:
        case Founded(api_keys=keys):
            return keys
        case Platform() | Registered() | Unknown():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, "Keys are an organization's, and there is none here.")
