"""The keys that tokens are checked with: which one is meant, and where it comes from."""

from typing import Any, Literal, Protocol

from msgspec import Struct

Algorithm = Literal["HS256", "RS256", "ES256"]


class KeysUnavailable(Exception):
    """An issuer's keys cannot be had at the moment, so that nobody can say whether its token is valid."""


class VerifyingKey(Struct, frozen=True):
    """A key, and the one algorithm that it serves: what a token says of its algorithm chooses nothing.

    `key` is secret bytes for HS256, else a public key of the package cryptography.
    """

    algorithm: Algorithm
    key: Any


class Keys(Protocol):
    """The keys of one issuer, and of nobody else: the same id may mean another key elsewhere."""

    def known(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key where it is at hand."""
        ...

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key, asking for it in bounded time where it is not at hand; None: the issuer has no such key.

        Raises KeysUnavailable.
        """
        ...


class OneKey:
    """An issuer with a single key of no id."""

    def __init__(self, key: VerifyingKey) -> None:
        self._key = key

    def known(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key for a token that names none."""
        return self._key if key_id is None else None

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """Return the same."""
        return self.known(key_id)
