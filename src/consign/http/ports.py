"""What the HTTP layer needs from the rest of the process, as small protocols; the composition root fulfils them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from consign.actors.ports import Issued, Reply


class CommandGateway(Protocol):
    """Takes a command to whichever process owns the organization."""

    async def submit(self, issued: Issued) -> Reply:
        """Return the reply once it is durable, or Unavailable in bounded time."""
        ...


class Registry(Protocol):
    """Begins logs."""

    async def begin_log(self, organization_id: str) -> None:
        """Begin an organization's log; one that is there already stays as it is."""
        ...


class Vault(Protocol):
    """Keeps personal data readable only as long as its subject's key exists."""

    async def seal(self, organization_id: str, plain: Mapping[str, bytes]) -> Mapping[str, str | None]:
        """Return the ciphertext of each subject's data, making keys for new subjects; None: forgotten."""
        ...

    async def seal_until(
        self, organization_id: str, subject: str, plain: Sequence[bytes], ends_at: datetime
    ) -> Sequence[str] | None:
        """Return ciphertexts under one key that is destroyed at `ends_at`; None: it is destroyed already."""
        ...

    async def unseal(self, organization_id: str, sealed: Sequence[tuple[str, str]]) -> Sequence[bytes | None]:
        """Return the data of each (subject, ciphertext); None where the subject is forgotten."""
        ...

    async def legible(self, organization_id: str, sealed: Sequence[tuple[str, str]]) -> Sequence[bytes]:
        """Return the data that can be read: not of forgotten subjects, and nothing that was damaged."""
        ...

    async def forget(self, organization_id: str, subject: str) -> None:
        """Destroy the person's key; what was sealed under it stays and means nothing."""
        ...

    async def forgotten(self, organization_id: str, subjects: Collection[str]) -> Collection[str]:
        """Return those of the subjects whose key was destroyed."""
        ...

    def digest(self, content: bytes) -> bytes:
        """Return a keyed hash, for recognising a repeated body without keeping something to guess it from."""
        ...


class Standing(Protocol):
    """How the process stands: what `/ready` and `/metrics` ask."""

    @property
    def stopping(self) -> bool:
        """Whether the process is about to end."""
        ...

    async def readiness(self) -> Mapping[str, str]:
        """Return the state of each part: `ok`, or what is the matter; `degraded: …` still serves."""
        ...

    def counters(self) -> Mapping[str, float]:
        """Return the engine's figures by metric name."""
        ...
