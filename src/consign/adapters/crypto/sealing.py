"""Sealing with AES-256-GCM: a person's data under the person's key, the person's key under the key-encryption key."""

import base64
import binascii
import hmac
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


class SealBroken(Exception):
    """A ciphertext was altered, belongs to somebody else, or was made under another key."""


class KeyEncryption:
    """Holds the key-encryption key, which never reaches the database."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"consign request digest", sha256)

    def new_wrapped_key(self, owner: str) -> bytes:
        """Make a key for `owner` (organization and subject) and return it wrapped."""
        return _encrypt(self._cipher, secrets.token_bytes(KEY_BYTES), owner)

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """Return the key that `new_wrapped_key` made; raises SealBroken."""
        return _decrypt(self._cipher, wrapped, owner)

    def digest(self, content: bytes) -> bytes:
        """Return a keyed hash of the content."""
        return hmac.digest(self._digest_key, content, sha256)


def seal(key: bytes, plain: bytes, owner: str) -> str:
    """Return the ciphertext as text; it can only be read under the same key and owner."""
    return base64.b64encode(_encrypt(AESGCM(key), plain, owner)).decode()


def unseal(key: bytes, ciphertext: str, owner: str) -> bytes:
    """Return what was sealed; raises SealBroken."""
    try:
        raw = base64.b64decode(ciphertext, validate=True)
    except binascii.Error as error:
        raise SealBroken("not base64") from error
    return _decrypt(AESGCM(key), raw, owner)


def _encrypt(cipher: AESGCM, plain: bytes, owner: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + cipher.encrypt(nonce, plain, owner.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, owner: str) -> bytes:
    if sealed[:1] != _FORMAT:
        raise SealBroken("unknown format")
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, rest, owner.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken("wrong key, owner or content") from error
