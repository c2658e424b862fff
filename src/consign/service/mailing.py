"""Mails as this process sends and keeps them."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.erasures import ErasureList
from consign.adapters.mail.file_outbox import FileOutbox
from consign.adapters.mail.forgotten_readers import ForgottenReaders
from consign.adapters.mail.smtp import MailServer, SmtpMailer
from consign.identity.ports import Mailer
from consign.service.retention import Kind
from consign.settings import Settings


class Mailing:
    """`mailer` takes mails: the server that the settings name, or the outbox. `kept` forgets them."""

    def __init__(self, settings: Settings, node_id: UUID, secrets: IdentitySecrets, erasures: ErasureList) -> None:
        digest = secrets.address_digest
        self._outbox = FileOutbox(settings.data_directory / "outbox", settings.mail_from, digest)
        self._smtp: SmtpMailer | None = None
        if settings.smtp_host:
            server = MailServer(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_security,
                settings.smtp_username,
                settings.smtp_password,
            )
            waiting = self._outbox.directory / "waiting" / str(node_id)
            trust = partial(ssl.create_default_context, cafile=settings.smtp_ca_file)
            self._smtp = SmtpMailer(server, settings.mail_from, waiting, self._outbox, digest, trust=trust)
        self.mailer: Mailer = self._smtp or self._outbox
        handing_over = () if self._smtp is None else (self._smtp,)
        self.kept = ForgottenReaders(erasures, (*handing_over, self._outbox))
        self.shown = self._outbox if settings.is_embedded or settings.outbox_page else None
        self.kinds: Mapping[str, Kind] = {
            "mails": Kind(timedelta(days=settings.mails_kept_days), self._outbox.purge),
            "mails_to_forgotten": Kind(timedelta(), self.kept.sweep),
        }

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Begin to hand mails over."""
        return [] if self._smtp is None else [tasks.create_task(self._smtp.run())]

    def counters(self) -> Mapping[str, float]:
        """Tell what became of mails, where they are handed to a server."""
        return {} if self._smtp is None else self._smtp.counters()
