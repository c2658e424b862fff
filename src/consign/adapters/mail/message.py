"""A mail as a whole message (RFC 5322), in which nothing that is said can become another header or another receiver."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

from consign.identity.ports import Mail, MailUnavailable

_POLICY = SMTP.clone(cte_type="7bit")
"""Not every mail server takes letters beyond ASCII as they are."""


def message_of(mail: Mail, sender: str) -> bytes:
    """Return the message; raises MailUnavailable where it would be another one than the mail says."""
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
    except (MessageError, ValueError) as error:
        raise MailUnavailable("the mail's headers cannot be written") from error
    to = message["To"]
    assert isinstance(to, AddressHeader)
    if [each.addr_spec for each in to.addresses] != [mail.to]:
        raise MailUnavailable("the mail is not to one address")
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.attached is not None:
        message.add_attachment(
            mail.attached.content, maintype="application", subtype="pdf", filename=mail.attached.name
        )
    return message.as_bytes()


def receiver_of(message: bytes) -> str:
    """Return who such a message is to; raises ValueError where it is none."""
    to = message_from_bytes(message, policy=_POLICY)["To"]
    if not isinstance(to, AddressHeader) or len(to.addresses) != 1:
        raise ValueError("the mail is not to one address")
    return to.addresses[0].addr_spec
