"""What signing in needs beside the store, as small protocols; the composition root fulfils them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from consign.domain.device import PinUse
from consign.identity.names import Name

Way = Literal["link", "code", "password", "issuer", "pin"]
Ending = Literal[
    "signed_out", "signed_out_everywhere", "token_reused", "password_changed", "way_removed", "account_deleted"
]


class Visit(Struct, frozen=True):
    """A request: from where, with what (a few words at most), what it belongs to, and under whose name."""

    peer: str
    device: str
    correlation_id: UUID
    under: Name | None = None


class SignInFailed(Exception):
    """What was shown lets nobody in; why is not said."""


class SignInBusy(Exception):
    """More people sign in at once than can be served; it is worth trying again soon."""


class AttachedPdf(Struct, frozen=True):
    """A PDF, and the name to keep it by."""

    name: str
    content: bytes


class Mail(Struct, frozen=True):
    """A mail of plain text, and perhaps a paper with it, that its reader can use for so long."""

    to: str
    subject: str
    text: str
    useful: timedelta
    attached: AttachedPdf | None = None


class Mailer(Protocol):
    """Takes mails on."""

    async def send(self, mail: Mail) -> None:
        """Keep the mail so that it will be sent; raises MailUnavailable."""
        ...


class MailUnavailable(Exception):
    """Mails can be neither sent nor removed at the moment."""


class KeptMails(Protocol):
    """Mails that were not handed over, or lie where a developer reads them."""

    async def forget(self, address_digests: Collection[bytes]) -> None:
        """Keep no mail to these addresses that was written until now, wherever it lies; raises MailUnavailable.

        Once this returns it is so here, and will be so in every other process, whatever is killed or set back.
        """
        ...


class Secrets(Protocol):
    """Digests and seals with keys that are not where digests and ciphertexts are kept."""

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest of 32 bytes."""
        ...

    def address_digest(self, address: str) -> bytes:
        """Return what an address in its one form is known by."""
        ...

    def seal(self, plain: bytes) -> bytes:
        """Return what only this installation can read."""
        ...

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed."""
        ...


class Asker(Struct, frozen=True):
    """Who asks at a device: who is signed in there, or else the device itself."""

    account: str
    role: str


class WrongPin(Struct, frozen=True):
    """A PIN that was shown at a device, for the `times`th time in a row for this account; null: it has no PIN."""

    organization: str
    device: str
    account: str | None
    use: PinUse
    times: int


class DeviceFacts(Protocol):
    """Records in an organization's log what becomes of its devices; returns once it is durable."""

    async def device_enrolled(self, visit: Visit, organization: str, device: str, code_digest: bytes) -> str:
        """A machine became the device by a code of this (keyed) digest; return what the device is called."""
        ...


class Facts(Protocol):
    """Records in the platform's log what becomes of accounts; returns once it is durable."""

    async def signed_in(self, visit: Visit, account: str, session: UUID, way: Way, address: str | None) -> None:
        """Somebody signed in; the account is opened where it was not."""
        ...

    async def refused(self, visit: Visit, account: str, way: Way) -> None:
        """Somebody could not sign in as an account that there is."""
        ...

    async def sessions_ended(self, visit: Visit, account: str, sessions: Sequence[UUID], because: Ending) -> None:
        """Sessions ended."""
        ...

    async def password_changed(self, visit: Visit, account: str) -> None:
        """The account has a new password."""
        ...
