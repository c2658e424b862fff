"""Sealing with AES-256-GCM: a person's data under the person's key, which the key-encryption key wraps in turn."""

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


class Digests:
    """Keyed hashes, which nobody can make who does not hold the installation's root secret."""

    def __init__(self, root_secret: bytes) -> None:
        self._key = hmac.digest(root_secret, b"consign request digest", sha256)

    def of(self, content: bytes) -> bytes:
        """Return the hash of the content."""
        return hmac.digest(self._key, content, sha256)


def seal(key: bytes, plain: bytes, owner: str) -> str:
    """Return the ciphertext as text; it can only be read under the same key and owner."""
    return base64.b64encode(_FORMAT + encrypted(AESGCM(key), plain, owner)).decode()


def unseal(key: bytes, ciphertext: str, owner: str) -> bytes:
    """Return what was sealed; raises SealBroken."""
    try:
        raw = base64.b64decode(ciphertext, validate=True)
    except binascii.Error as error:
        raise SealBroken("not base64") from error
    if raw[:1] != _FORMAT:
        raise SealBroken("unknown format")
    return decrypted(AESGCM(key), raw[1:], owner)


def encrypted(cipher: AESGCM, plain: bytes, owner: str) -> bytes:
    """Return nonce and ciphertext, which belongs to `owner`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, owner.encode())


def decrypted(cipher: AESGCM, sealed: bytes, owner: str) -> bytes:
    """Return what was encrypted; raises SealBroken."""
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken("wrong key, owner or content") from error
