"""Handing mails to a mail server: over TLS, beside the request, tried again, and never lost without a trace."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from consign.adapters.mail.file_outbox import FileOutbox
from consign.adapters.mail.message import message_of
from consign.adapters.mail.smtp import CONNECTIONS_MAX, MailServer, SmtpMailer
from consign.identity.magic_links import AddressInvalid, normal
from consign.identity.ports import AttachedPdf, Mail, MailUnavailable
from tests.support.eventually import eventually
from tests.support.mail_server import LOOPBACK, PASSWORD, USER, MailServerDouble, Security, mail_server

USEFUL = timedelta(seconds=30)
MAIL = Mail("ada@example.org", "Sign in", "Open this link:\n\n.\nhttps://example.org/sign-in#token\n", USEFUL)
TO_BEN = replace(MAIL, to="ben@example.org")
OF_NO_USE_SOON = replace(MAIL, useful=timedelta(milliseconds=100))
WAITING_MAX = 5
SENDER = "Spring fair <no-reply@example.org>"


def digest(address: str) -> bytes:
    return sha256(address.encode()).digest()


class Post:
    """A mailer beside a server."""

    def __init__(self, server: MailServerDouble, directory: Path, place: MailServer | None = None) -> None:
        place = place or MailServer(LOOPBACK, server.port, server.security, USER, PASSWORD)
        self.outbox = FileOutbox(directory / "outbox", SENDER, digest)
        self.mailer = SmtpMailer(
            place,
            SENDER,
            self.outbox.directory / "waiting",
            self.outbox,
            digest,
            trust=partial(ssl.create_default_context, cafile=str(directory / "certificate.pem")),
            first_wait_s=0.01,
            waiting_max=WAITING_MAX,
        )

    def is_done(self) -> bool:
        return self.mailer.counters()["mails_waiting"] == 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SmtpMailer]:
        running = asyncio.create_task(self.mailer.run())
        await asyncio.sleep(0)
        try:
            yield self.mailer
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_is_handed_over_in_secret_by_somebody_who_signed_in(tmp_path: Path, security: Security) -> None:
    with mail_server(security, tmp_path) as server:
        post = Post(server, tmp_path)
        async with post.running() as mailer:
            await mailer.send(MAIL)
            await eventually(post.is_done)
        (received,) = server.received
    assert (received.to, received.was_secret, received.signed_in) == (("ada@example.org",), True, True)
    message = message_from_bytes(received.message, policy=SMTP)
    assert (message["To"], message["From"], message["Subject"]) == (MAIL.to, SENDER, MAIL.subject)
    assert message.get_payload(decode=True) == MAIL.text.replace("\n", "\r\n").encode()
    assert await post.outbox.newest(9) == []
    assert mailer.counters() == {
        "mails_waiting": 0,
        "mails_sent_total": 1,
        "mails_tried_again_total": 0,
        "mails_given_up_total": 0,
    }


async def test_a_paper_and_letters_beyond_ascii_arrive_as_they_were_sent(tmp_path: Path) -> None:
    content = b"%PDF-1.7\r\n.\r\n\x00\xff\n" * 99
    with mail_server("tls", tmp_path) as server:
        post = Post(server, tmp_path)
        async with post.running() as mailer:
            await mailer.send(
                Mail("ada@example.org", "Börse", "Schöne Grüße", USEFUL, AttachedPdf("receipt-K1-1.pdf", content))
            )
            await eventually(post.is_done)
        (received,) = server.received
    assert received.message.isascii()
    message = message_from_bytes(received.message, policy=SMTP)
    assert isinstance(message, EmailMessage)
    (attached,) = message.iter_attachments()
    body = message.get_body(("plain",))
    assert body is not None
    assert (message["Subject"], body.get_content().strip()) == ("Börse", "Schöne Grüße")
    assert (attached.get_filename(), attached.get_content()) == ("receipt-K1-1.pdf", content)


async def test_a_server_that_cannot_keep_a_secret_or_is_another_one_gets_nothing(tmp_path: Path) -> None:
    with mail_server("none", tmp_path) as server:
        insisting = Post(server, tmp_path, MailServer(LOOPBACK, server.port, "starttls", USER, PASSWORD))
        async with insisting.running() as mailer:
            await mailer.send(OF_NO_USE_SOON)
            await eventually(insisting.is_done)
        assert (server.tries, server.received) == (0, [])
    (tmp_path / "other").mkdir()
    with mail_server("tls", tmp_path / "other") as server:
        post = Post(server, tmp_path, MailServer(LOOPBACK, server.port, "tls", USER, PASSWORD))
        async with post.running() as mailer:
            await mailer.send(OF_NO_USE_SOON)
            await eventually(post.is_done)
        assert (server.tries, server.received) == (0, [])
    assert len(await post.outbox.newest(9)) == 2


async def test_what_is_refused_for_the_moment_is_tried_again_and_what_is_refused_for_good_is_kept(
    tmp_path: Path,
) -> None:
    with mail_server("starttls", tmp_path) as server, capture_logs() as lines:
        post = Post(server, tmp_path)
        async with post.running() as mailer:
            server.refusals = ["450 later", "451 later"]
            await mailer.send(MAIL)
            await eventually(post.is_done)
            assert (len(server.received), server.tries, await post.outbox.newest(9)) == (1, 3, [])
            server.refusals = ["550 nobody"]
            await mailer.send(MAIL)
            await eventually(post.is_done)
        assert (len(server.received), server.tries) == (1, 4)
    (kept,) = await post.outbox.newest(9)
    assert "To: ada@example.org" in kept
    assert [line["because"] for line in lines if line["event"] == "mail_given_up"] == ["SMTPRecipientsRefused 550"]
    assert "ada" not in str(lines)
    assert PASSWORD not in str(lines)


async def test_a_server_that_is_away_holds_up_nobody_and_its_mails_are_kept(tmp_path: Path) -> None:
    with mail_server("tls", tmp_path) as server:
        post = Post(server, tmp_path)
    async with post.running() as mailer:
        await mailer.send(OF_NO_USE_SOON)
        assert not post.is_done()
        await eventually(post.is_done)
        assert len(await post.outbox.newest(9)) == 1
        for _ in range(WAITING_MAX):
            await mailer.send(MAIL)
        with pytest.raises(MailUnavailable):
            await mailer.send(MAIL)


async def test_what_waits_when_a_process_ends_is_sent_by_the_next_one_unless_it_is_of_no_use_any_more(
    tmp_path: Path,
) -> None:
    with mail_server("tls", tmp_path) as refusing:
        before = Post(refusing, tmp_path)
        refusing.refusals = ["450 later"] * 99
        async with before.running() as mailer:
            await mailer.send(MAIL)
            await eventually(lambda: refusing.tries > 0)
        await mailer.send(TO_BEN)
        await mailer.send(replace(MAIL, useful=timedelta()))
    with mail_server("tls", tmp_path) as server:
        after = Post(server, tmp_path)
        async with after.running():
            await eventually(lambda: len(server.received) == 2)
            await eventually(after.is_done)
    assert sorted(received.to for received in server.received) == [(MAIL.to,), (TO_BEN.to,)]
    assert len(await after.outbox.newest(9)) == 1
    assert list((after.outbox.directory / "waiting").iterdir()) == []


async def test_mails_that_wait_are_neither_handed_over_nor_kept_once_their_reader_is_forgotten(tmp_path: Path) -> None:
    with mail_server("tls", tmp_path) as server:
        post = Post(server, tmp_path)
        server.speaks.clear()
        async with post.running() as mailer:
            for mail in [TO_BEN] * CONNECTIONS_MAX + [MAIL]:
                await mailer.send(mail)
            now = datetime.now(UTC)
            earlier, readers = now - timedelta(minutes=1), {digest(MAIL.to): now}
            assert await mailer.forget({digest(TO_BEN.to): earlier}) == 0
            assert await mailer.forget(readers) == 1
            server.speaks.set()
            await eventually(post.is_done)
        assert [received.to for received in server.received] == [(TO_BEN.to,)] * CONNECTIONS_MAX
    assert list(post.outbox.directory.rglob("*.eml")) == []


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ada@example.org\r\nBcc: eve@example.org", "Sign in"),
        ("ada@example.org, eve@example.org", "Sign in"),
        ("ada@example.org\n\nEve", "Sign in"),
        ("Eve <eve@example.org>", "Sign in"),
        ("ada@example.org> SIZE=1\r\nRCPT TO:<eve@example.org", "Sign in"),
        ("friends: ada@example.org;", "Sign in"),
        ("ada@example.org", "Sign in\r\nBcc: eve@example.org"),
        ("ada@example.org", "Sign in\n\nHello"),
    ],
)
def test_no_mail_says_more_than_its_one_receiver_and_its_subject(to: str, subject: str) -> None:
    with pytest.raises(MailUnavailable):
        message_of(Mail(to, subject, "A link.", USEFUL), SENDER)
    if to != "ada@example.org":
        with pytest.raises(AddressInvalid):
            normal(to)


@pytest.mark.parametrize("address", [".ada@example.org", "ada.@example.org", "a!#$%&'*+/=?^_`{|}~-b@example.org"])
def test_every_address_that_mail_is_sent_to_can_be_written(address: str) -> None:
    try:
        to = normal(address)
    except AddressInvalid:
        return
    assert f"To: {to}\r\n".encode() in message_of(Mail(to, "Sign in", "A link.", USEFUL), SENDER)
