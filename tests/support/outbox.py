"""Reading the mails that a service has sent, as their readers would."""

import re
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import NamedTuple

_LINK = re.compile(r"^(\S+)#(\S+)$", re.MULTILINE)
_CODE = re.compile(r"^(\d{6})$", re.MULTILINE)


class SignInMail(NamedTuple):
    """What stands in a mail to sign in: the link's place, what follows its `#`, and the code."""

    place: str
    token: str
    code: str


def mails_to(outbox: Path, address: str) -> Sequence[EmailMessage]:
    """Return the mails to this address, the oldest first."""
    found = [message_from_bytes(path.read_bytes(), policy=SMTP) for path in sorted(outbox.glob("*.eml"))]
    return [mail for mail in found if isinstance(mail, EmailMessage) and mail["To"] == address]


def sign_in_mail(outbox: Path, address: str) -> SignInMail:
    """Return what the newest mail to this address says."""
    return sign_in_of(mails_to(outbox, address)[-1])


def sign_in_of(mail: EmailMessage) -> SignInMail:
    """Return what the mail says."""
    text = mail.get_content().replace("\r\n", "\n")
    link, code = _LINK.search(text), _CODE.search(text)
    assert link is not None
    assert code is not None
    return SignInMail(link[1], link[2], code[1])
