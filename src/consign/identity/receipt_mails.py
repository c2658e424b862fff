"""Receipts by mail, to shoppers of whom nothing else is known: their address is used for the one mail and kept nowhere.

Whoever sends them may write to anybody, so both who sends and who is written to are bounded.
"""

from datetime import timedelta

from consign.identity.limits import Buckets
from consign.identity.magic_links import normal
from consign.identity.ports import AttachedPdf, Mail, Mailer, Secrets

MAILS_BY_ACCOUNT = 30
"""So many at once, and one more every ten seconds: more than one till serves people."""
MAILS_TO_ADDRESS = 5
"""So many at once, and one more every three minutes: as for mails to sign in."""


class ReceiptMails:
    """Sends receipts, and counts them."""

    def __init__(self, mailer: Mailer, secrets: Secrets) -> None:
        self._mailer = mailer
        self._secrets = secrets
        self._by_account = Buckets(MAILS_BY_ACCOUNT, 10.0)
        self._to_address = Buckets(MAILS_TO_ADDRESS, 180.0)

    def receiver(self, account: str, address: str) -> str:
        """Return the one form of the address that the account may write to now; raises AddressInvalid, TooManyTries.

        The mail counts from here on: a paper is drawn for nobody who may not have it.
        """
        to = normal(address)
        self._by_account.take(account)
        self._to_address.take(self._secrets.address_digest(to))
        return to

    async def send(self, to: str, subject: str, text: str, receipt: AttachedPdf) -> None:
        """Send it; raises MailUnavailable."""
        await self._mailer.send(Mail(to, subject, text, timedelta(days=1), receipt))
