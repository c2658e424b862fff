"""A mail as it is kept: a whole message, under a name that tells its times and its reader without naming anybody."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from uuid_utils import uuid7

from consign.adapters.mail.message import message_of
from consign.identity.ports import Mail

type AddressDigest = Callable[[str], bytes]
"""Returns what an address is known by: a keyed digest."""


class Letter(NamedTuple):
    """`name` is an id that sorts by the time of writing, the digest of the address, and until when it is of use."""

    name: str
    message: bytes


class Label(NamedTuple):
    """What a name tells, to the millisecond."""

    written_at: datetime
    address_digest: bytes
    useful_until: datetime


def letter_of(mail: Mail, sender: str, address_digest: AddressDigest) -> Letter:
    """Return the mail as it is kept; raises MailUnavailable where the message would be another one."""
    written = str(uuid7())
    until_ms = _written_ms(written) + mail.useful // timedelta(milliseconds=1)
    return Letter(f"{written}.{address_digest(mail.to).hex()}.{until_ms}", message_of(mail, sender))


def label_of(name: str) -> Label | None:
    """Read a name; None: it was not given here."""
    try:
        written, digest, until_ms = name.split(".")
        return Label(_at(_written_ms(written)), bytes.fromhex(digest), _at(int(until_ms)))
    except (ValueError, OverflowError):
        return None


def is_to(name: str, readers: Mapping[bytes, datetime]) -> bool:
    """Say whether the mail of this name is to one of the readers, and was written until the moment beside it."""
    label = label_of(name)
    until = None if label is None else readers.get(label.address_digest)
    return label is not None and until is not None and label.written_at <= until


def _written_ms(written: str) -> int:
    return UUID(written).int >> 80


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
