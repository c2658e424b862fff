"""A mail server that refuses, is slow, dies or is away, and `kill -9` of the service: people sign in by their mails."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import httpx
import pytest

from consign.local.ports import held_port
from tests.e2e.service_process import ServiceProcess, site
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.mail_server import LOOPBACK, PASSWORD, USER, MailServerDouble, mail_server
from tests.support.outbox import mails_to, sign_in_of

pytestmark = pytest.mark.fault

IDENTITY = "/api/v1/identity"


async def asked(process: ServiceProcess, name: str) -> str:
    """Ask for a mail to sign in; the answer says that it will be sent. Return the address."""
    address = f"{name}@example.org"
    async with httpx.AsyncClient(base_url=process.url, trust_env=False) as http:
        answer = await http.post(f"{IDENTITY}/ask-for-link", json={"address": address})
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json().keys() == {"sign_in", "expires_at"}
    return address


def arrived(server: MailServerDouble, address: str) -> list[EmailMessage]:
    messages = [message_from_bytes(each.message, policy=SMTP) for each in server.received if each.to == (address,)]
    return [each for each in messages if isinstance(each, EmailMessage)]


async def signs_in(process: ServiceProcess, server: MailServerDouble, address: str) -> None:
    """Wait for the one mail, and sign in by its link."""
    await eventually(lambda: bool(arrived(server, address)), within_s=30)
    (mail,) = arrived(server, address)
    async with httpx.AsyncClient(base_url=process.url, trust_env=False) as http:
        signed_in = await http.post(f"{IDENTITY}/redeem-link", json={"token": sign_in_of(mail).token})
    assert signed_in.status_code == httpx.codes.OK, signed_in.text


async def test_people_sign_in_by_mail_whatever_becomes_of_the_mail_server_and_the_service(
    database: Database, nats_urls: tuple[str, str], tmp_path: Path
) -> None:
    with held_port() as port:
        async with site(database, *nats_urls) as running:
            with mail_server("starttls", tmp_path, port) as server:
                process = await running.started(
                    smtp_host=LOOPBACK,
                    smtp_port=str(port),
                    smtp_username=USER,
                    smtp_password=PASSWORD,
                    smtp_ca_file=str(tmp_path / "certificate.pem"),
                )
                outbox = running.directory / process.name / "outbox"
                await signs_in(process, server, await asked(process, "ada"))

                server.speaks.clear()
                late = await asked(process, "ben")
                assert arrived(server, late) == []
                server.speaks.set()
                await signs_in(process, server, late)

                server.deaths = 1
                await signs_in(process, server, await asked(process, "cleo"))

                server.refusals = ["450 later"]
                await signs_in(process, server, await asked(process, "dora"))

                server.refusals = ["550 nobody"]
                unknown = await asked(process, "emil")
                await eventually(lambda: len(mails_to(outbox, unknown)) == 1)
                assert arrived(server, unknown) == []
            waiting = [await asked(process, name) for name in ("finn", "gus")]
            await process.kill()
            assert sum(1 for _ in outbox.rglob("*.eml")) == len([unknown, *waiting])
            with mail_server("starttls", tmp_path, port) as server:
                await process.start()
                for address in waiting:
                    await signs_in(process, server, address)
                await eventually(lambda: [*outbox.rglob("*.eml")] == [*outbox.glob("*.eml")])
            assert not any("example.org" in line for line in running.log_lines())
