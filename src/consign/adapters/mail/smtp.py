"""Mails handed to a mail server (RFC 5321): beside the requests that ask for them, over TLS, and for a while again.

What the server will not take, and what it has not taken in time, goes to the outbox of files, for somebody to look at.
Nobody's address is in a log line: a mail server repeats it in its refusals.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from email.utils import parseaddr
from typing import Literal

import structlog
from msgspec import Struct
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay, wait_random_exponential

from consign.adapters.mail.file_outbox import FileOutbox
from consign.adapters.mail.letter import AddressDigest, Letter, is_to, letter_of
from consign.identity.ports import Mail, MailUnavailable

WAITING_MAX = 500
CONNECTIONS_MAX = 2
STEP_TIMEOUT_S = 10.0
GIVEN_UP_AFTER_S = 900.0
"""So long a link to sign in counts."""
WAIT_MAX_S = 60.0
_PERMANENT = 500

_log = structlog.get_logger(__name__)


class MailServer(Struct, frozen=True):
    """Where mails are handed over. `tls` from the first byte, `starttls` before anything is said, `none` in the open.

    `password` None: nobody signs in there.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str = ""
    password: str | None = None

    def __repr__(self) -> str:
        """Tell all but who signs in there and how."""
        return f"MailServer({self.host}:{self.port}, {self.security})"


class SmtpMailer:
    """Hands mails over, a few at a time; `undelivered` keeps those that nobody took."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        undelivered: FileOutbox,
        address_digest: AddressDigest,
        *,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        first_wait_s: float = 1.0,
        given_up_after_s: float = GIVEN_UP_AFTER_S,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._server = server
        self._sender = sender
        self._undelivered = undelivered
        self._address_digest = address_digest
        self._trust = trust
        self._first_wait_s = first_wait_s
        self._given_up_after_s = given_up_after_s
        self._waiting_max = waiting_max
        self._threads = ThreadPoolExecutor(CONNECTIONS_MAX, thread_name_prefix="smtp")
        self._tasks: asyncio.TaskGroup | None = None
        self._waiting: set[str] = set()
        self._sent = 0
        self._tried_again = 0
        self._given_up = 0

    async def run(self) -> None:
        """Hand over what comes; what is under way when this ends goes to the outbox."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await asyncio.Event().wait()
        finally:
            self._tasks = None
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, mail: Mail) -> None:
        """Take a mail on; raises MailUnavailable where too many wait already."""
        letter = letter_of(mail, self._sender, self._address_digest)
        if self._tasks is None or len(self._waiting) >= self._waiting_max:
            raise MailUnavailable("too many mails wait" if self._tasks else "no mails are handed over")
        self._waiting.add(letter.name)
        self._tasks.create_task(self._hand_over(mail.to, letter))

    async def forget(self, readers: Mapping[bytes, datetime]) -> int:
        """Let mails that wait go, to these addresses (by digest) and from before then; return how many.

        One that is being handed over at this moment may still be taken.
        """
        gone = {name for name in self._waiting if is_to(name, readers)}
        self._waiting -= gone
        return len(gone)

    def counters(self) -> Mapping[str, float]:
        """Tell how many mails wait, were taken, were tried again and given up."""
        return {
            "mails_waiting": float(len(self._waiting)),
            "mails_sent_total": float(self._sent),
            "mails_tried_again_total": float(self._tried_again),
            "mails_given_up_total": float(self._given_up),
        }

    async def _hand_over(self, to: str, letter: Letter) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=self._first_wait_s, max=WAIT_MAX_S),
            stop=stop_after_delay(self._given_up_after_s),
            before_sleep=self._count_try,
            reraise=True,
        )
        try:
            await retrying(self._try_once, to, letter)
        except asyncio.CancelledError:
            await asyncio.shield(self._keep(letter, "stopping"))
            raise
        except (OSError, ValueError) as error:
            await self._keep(letter, _said(error))
        finally:
            self._waiting.discard(letter.name)

    async def _try_once(self, to: str, letter: Letter) -> None:
        self._sent += await asyncio.get_running_loop().run_in_executor(self._threads, self._deliver, to, letter)

    async def _keep(self, letter: Letter, because: str) -> None:
        if letter.name not in self._waiting:
            return
        self._given_up += 1
        _log.warning("mail_given_up", because=because)
        try:
            await self._undelivered.keep(letter)
        except MailUnavailable as error:
            _log.error("mail_lost", error=type(error.__cause__).__name__)

    def _count_try(self, state: RetryCallState) -> None:
        self._tried_again += 1
        error = None if state.outcome is None else state.outcome.exception()
        if state.attempt_number == 1 and error is not None:
            _log.warning("mail_not_taken", because=_said(error))

    def _deliver(self, to: str, letter: Letter) -> bool:
        """Hand one mail over, on a thread; each step of it has its time. False: nobody is to have it any more."""
        if letter.name not in self._waiting:
            return False
        server = self._server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=STEP_TIMEOUT_S, context=self._trust()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=STEP_TIMEOUT_S)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._trust())
            if server.password is not None:
                connection.login(server.username, server.password)
            connection.sendmail(parseaddr(self._sender)[1], [to], letter.message)
            with suppress(smtplib.SMTPException, OSError):  # it was taken
                connection.quit()
        finally:
            connection.close()
        return True


def _may_pass(error: BaseException) -> bool:
    """Say whether it may be taken another time: not what the server says of this very mail."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return True
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return all(code < _PERMANENT for code, _ in refused.values())
        case smtplib.SMTPResponseException(smtp_code=code):
            return int(code) < _PERMANENT
        case _:
            return isinstance(error, OSError)


def _said(error: BaseException) -> str:
    """Return what may be told of a failure: its kind, and the server's number."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return f"SMTPRecipientsRefused {', '.join(str(code) for code, _ in refused.values())}"
        case smtplib.SMTPResponseException(smtp_code=code):
            return f"{type(error).__name__} {code}"
        case _:
            return type(error).__name__
