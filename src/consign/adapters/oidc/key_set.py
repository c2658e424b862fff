"""Reading a JWK set (RFC 7517) of somebody else: the keys in it that can check a token here, and nothing else."""

from collections.abc import Mapping
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from msgspec import Struct

from consign.identity.keys import VerifyingKey

KEYS_MAX = 64
RSA_BITS_MIN, RSA_BITS_MAX = 2048, 8192
_MEMBERS_OF_RSA, _MEMBERS_OF_EC = ("kty", "n", "e"), ("kty", "crv", "x", "y")


class KeySetInvalid(Exception):
    """What the issuer calls its keys cannot be used."""


class _KeySet(Struct, frozen=True):
    keys: list[dict[str, Any]]


def key_set(document: bytes) -> Mapping[str, VerifyingKey]:
    """Return the keys by id. Keys of other kinds, for other ends, or without an id are left out; raises KeySetInvalid.

    Two keys of one id are refused: which of them counted would depend on chance.
    """
    try:
        read = msgspec.json.decode(document, type=_KeySet)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise KeySetInvalid("not a JWK set") from error
    if len(read.keys) > KEYS_MAX:
        raise KeySetInvalid(f"more than {KEYS_MAX} keys")
    found: dict[str, VerifyingKey] = {}
    for jwk in read.keys:
        key_id, key = jwk.get("kid"), _key(jwk)
        if key is None or not isinstance(key_id, str) or not key_id:
            continue
        if key_id in found:
            raise KeySetInvalid("two keys of one id")
        found[key_id] = key
    if not found:
        raise KeySetInvalid("no key that could check a token")
    return found


def _key(jwk: Mapping[str, Any]) -> VerifyingKey | None:
    """Only the public members are looked at, in case the issuer tells more than it should."""
    try:
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ("verify",)):
            return None
        match jwk.get("kty"), jwk.get("alg"):
            case "RSA", "RS256" | None:
                public = RSAAlgorithm.from_jwk({name: jwk[name] for name in _MEMBERS_OF_RSA})
                if not isinstance(public, RSAPublicKey) or not RSA_BITS_MIN <= public.key_size <= RSA_BITS_MAX:
                    return None
                return VerifyingKey("RS256", public)
            case "EC", "ES256" | None if jwk.get("crv") == "P-256":
                return VerifyingKey("ES256", ECAlgorithm.from_jwk({name: jwk[name] for name in _MEMBERS_OF_EC}))
            case _:
                return None
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        return None
