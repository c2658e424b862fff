"""The key-encryption keys that a process was given: the newest, and those before it while one replaces the other."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consign.adapters.crypto.sealing import KEY_BYTES, SealBroken, decrypted, encrypted

KEY_ID_BYTES = 8
_FORMAT = b"\x02"


class KeyMissing(Exception):
    """Something is wrapped by a key-encryption key that this process was not given."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"keys are wrapped by the key-encryption key {key_id.hex()}, which this process was not given")


class KeyRing:
    """Wraps and unwraps other keys. Its own never reach the database; what they wrapped carries their ids.

    `given` tells the keys, the newest first. It is asked again where an unknown one is met: a file of keys may have
    changed since.
    """

    def __init__(self, given: Callable[[], Sequence[bytes]]) -> None:
        self._given = given
        self._ciphers: Mapping[bytes, AESGCM] = {}
        self._read()

    @property
    def newest(self) -> bytes:
        """The id of the newest key."""
        return next(iter(self._ciphers))

    def holds(self, key_id: bytes) -> bool:
        """Say whether this key was given."""
        try:
            self._cipher(key_id)
        except KeyMissing:
            return False
        return True

    def wrap(self, key_id: bytes, key: bytes, owner: str) -> bytes:
        """Return the key wrapped by the one of this id, for its owner alone; raises KeyMissing."""
        return _FORMAT + key_id + encrypted(self._cipher(key_id), key, owner)

    def wrapped_new(self, key_id: bytes, owner: str) -> bytes:
        """Return a new key, wrapped."""
        return self.wrap(key_id, secrets.token_bytes(KEY_BYTES), owner)

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """Return the key again; raises KeyMissing, or SealBroken."""
        if wrapped[:1] != _FORMAT:
            raise SealBroken("unknown format")
        end = 1 + KEY_ID_BYTES
        return decrypted(self._cipher(wrapped[1:end]), wrapped[end:], owner)

    def _cipher(self, key_id: bytes) -> AESGCM:
        if key_id not in self._ciphers:
            self._read()
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeyMissing(key_id)
        return cipher

    def _read(self) -> None:
        # A key that was known stays so: what it wrapped may still be under way.
        self._ciphers = {**{key_id_of(key): AESGCM(key) for key in self._given()}, **self._ciphers}


def key_id_of(key: bytes) -> bytes:
    """Return what a key is called; it tells nothing of it."""
    return sha256(b"consign key-encryption key id" + key).digest()[:KEY_ID_BYTES]
