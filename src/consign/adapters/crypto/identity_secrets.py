"""Digests and seals of what people sign in with, under keys that derive from the installation's root secret."""

import hmac
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consign.adapters.crypto.sealing import SealBroken

_NONCE_BYTES = 12


class IdentitySecrets:
    """Two keys for two ends; neither reaches the database."""

    def __init__(self, root_secret: bytes) -> None:
        self._digest_key = hmac.digest(root_secret, b"consign identity digest", sha256)
        self._cipher = AESGCM(hmac.digest(root_secret, b"consign identity seal", sha256))

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest."""
        return hmac.digest(self._digest_key, content, sha256)

    def address_digest(self, address: str) -> bytes:
        """Return what an address is known by."""
        return self.digest(f"address\n{address}".encode())

    def seal(self, plain: bytes) -> bytes:
        """Return nonce and ciphertext (AES-256-GCM)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed; raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("wrong key or content") from error
