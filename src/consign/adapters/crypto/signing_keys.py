"""The keys that this installation signs access tokens with: a new one each month, kept nowhere.

Each is derived from the key-encryption key and the number of its month (HKDF, RFC 5869; the scalar from 384 bits, as
FIPS 186-5, A.2.1 wants it), so that all processes of an installation sign with the same one without asking each other.
"""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consign.identity.keys import VerifyingKey

PERIOD_S = 30 * 24 * 3600
_SCALAR_BYTES = 48
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (SEC 2, 2.4.2)."""


class _Key(NamedTuple):
    key_id: str
    private: ec.EllipticCurvePrivateKey
    public: Mapping[str, str]
    verifying: VerifyingKey


class SigningKeys:
    """Signs with the present period's key; the one before and the one after count too, so that clocks may differ.

    So do those of `former` key-encryption keys, while one takes the other's place.
    """

    def __init__(
        self, key_encryption_key: bytes, *, former: Sequence[bytes] = (), now_s: Callable[[], float] = time.time
    ) -> None:
        self._secret = key_encryption_key
        self._former = former
        self._now_s = now_s
        self._period = -1
        self._keys: Sequence[_Key] = ()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a JWT of the type that access tokens have (RFC 9068)."""
        present = self._current()[1]
        return jwt.encode(
            dict(claims), present.private, algorithm="ES256", headers={"kid": present.key_id, "typ": "at+jwt"}
        )

    def public(self) -> Sequence[Mapping[str, str]]:
        """Return the public keys as a JWK set holds them (RFC 7517)."""
        return [key.public for key in self._current()]

    def known(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key of this id."""
        return next((key.verifying for key in self._current() if key.key_id == key_id), None)

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """Return the same: there is nobody else to ask."""
        return self.known(key_id)

    def _current(self) -> Sequence[_Key]:
        period = int(self._now_s() // PERIOD_S)
        if period != self._period:
            secrets = (self._secret, *self._former)
            self._keys = [_key(secret, each) for secret in secrets for each in (period - 1, period, period + 1)]
            self._period = period
        return self._keys


def _key(secret: bytes, period: int) -> _Key:
    info = f"consign access tokens {period}".encode()
    raw = HKDF(SHA256(), _SCALAR_BYTES, salt=None, info=info).derive(secret)
    private = ec.derive_private_key(int.from_bytes(raw) % (_ORDER - 1) + 1, ec.SECP256R1())
    public = private.public_key()
    numbers = public.public_numbers()
    point = {"crv": "P-256", "kty": "EC", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}
    key_id = _encoded(sha256(msgspec.json.encode(point, order="sorted")).digest())  # a thumbprint, RFC 7638
    jwk = {**point, "kid": key_id, "use": "sig", "alg": "ES256"}
    return _Key(key_id, private, jwk, VerifyingKey("ES256", public))


def _coordinate(number: int) -> str:
    return _encoded(number.to_bytes(32))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
