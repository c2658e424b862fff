"""Who sends receipts by mail is bounded, whomever they write to."""

import pytest

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.mail.file_outbox import FileOutbox
from consign.identity.limits import TooManyTries
from consign.identity.receipt_mails import MAILS_BY_ACCOUNT, MAILS_TO_ADDRESS, ReceiptMails


@pytest.fixture
def mails(tmp_path_factory: pytest.TempPathFactory) -> ReceiptMails:
    secrets = IdentitySecrets(b"0" * 32)
    outbox = FileOutbox(tmp_path_factory.mktemp("outbox"), "no-reply@example.org", secrets.address_digest)
    return ReceiptMails(outbox, secrets)


def test_an_account_writes_to_so_many_and_others_still_do(mails: ReceiptMails) -> None:
    written: list[str] = []
    with pytest.raises(TooManyTries):
        written.extend(
            mails.receiver("casey", f"shopper-{number}@example.org") for number in range(2 * MAILS_BY_ACCOUNT)
        )
    assert len(written) >= MAILS_BY_ACCOUNT
    assert mails.receiver("petra", "One-More@example.org") == "one-more@example.org"


def test_an_address_is_written_to_so_often_whoever_writes(mails: ReceiptMails) -> None:
    written: list[str] = []
    with pytest.raises(TooManyTries):
        written.extend(mails.receiver(f"cashier-{number}", "ADA@example.org") for number in range(2 * MAILS_TO_ADDRESS))
    assert written == ["ada@example.org"] * MAILS_TO_ADDRESS
