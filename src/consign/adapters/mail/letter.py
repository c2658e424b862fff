"""A mail as it is kept: a whole message, under a name that tells its age and its reader without naming anybody."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from uuid_utils import uuid7

from consign.adapters.mail.message import message_of
from consign.identity.ports import Mail

type AddressDigest = Callable[[str], bytes]
"""Returns what an address is known by: a keyed digest."""


class Letter(NamedTuple):
    """`name` begins with an id that sorts by the time when the mail was written; the digest of the address follows."""

    name: str
    message: bytes


def letter_of(mail: Mail, sender: str, address_digest: AddressDigest) -> Letter:
    """Return the mail as it is kept; raises MailUnavailable where the message would be another one."""
    return Letter(f"{uuid7()}.{address_digest(mail.to).hex()}", message_of(mail, sender))


def is_to(name: str, readers: Mapping[bytes, datetime]) -> bool:
    """Say whether the mail of this name is to one of the readers, and was written until the moment beside it."""
    written, _, digest = name.partition(".")
    until = readers.get(bytes.fromhex(digest))
    return until is not None and datetime.fromtimestamp((UUID(written).int >> 80) / 1000, UTC) <= until
