"""Mails handed to a mail server (RFC 5321): beside the requests that ask for them, over TLS, and for a while again.

A mail lies in a file before anybody is told that it is sent, until the server has taken it: no process that ends loses
it. Where one is killed between the two the mail comes twice, with the same `Message-ID`.
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
from pathlib import Path
from typing import Literal

import structlog
from msgspec import Struct
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay, wait_random_exponential

from consign.adapters.mail import letter_files
from consign.adapters.mail.file_outbox import FileOutbox
from consign.adapters.mail.letter import AddressDigest, Letter, is_to, label_of, letter_of
from consign.adapters.mail.message import receiver_of
from consign.identity.ports import Mail, MailUnavailable
from consign.identity.sessions import utc_now

WAITING_MAX = 500
CONNECTIONS_MAX = 2
STEP_TIMEOUT_S = 10.0
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
    """Hands mails over, a few at a time. Those it took on lie in `waiting`, a folder of its own below the outbox.

    There they are found again by the process that comes next. `undelivered` takes those that nobody took.
    """

    def __init__(
        self,
        server: MailServer,
        sender: str,
        waiting: Path,
        undelivered: FileOutbox,
        address_digest: AddressDigest,
        *,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        first_wait_s: float = 1.0,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._server = server
        self._sender = sender
        self._folder = waiting
        self._undelivered = undelivered
        self._address_digest = address_digest
        self._trust = trust
        self._first_wait_s = first_wait_s
        self._waiting_max = waiting_max
        self._threads = ThreadPoolExecutor(CONNECTIONS_MAX, thread_name_prefix="smtp")
        self._tasks: asyncio.TaskGroup | None = None
        self._waiting: set[str] = set()
        self._sent = 0
        self._tried_again = 0
        self._given_up = 0

    async def run(self) -> None:
        """Hand over what waits from before, and what comes."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await self._take_up()
                await asyncio.Event().wait()
        finally:
            self._tasks = None
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, mail: Mail) -> None:
        """Take a mail on, so that it is sent by this process or the next; raises MailUnavailable."""
        letter = letter_of(mail, self._sender, self._address_digest)
        if len(self._waiting) >= self._waiting_max:
            raise MailUnavailable("too many mails wait")
        self._waiting.add(letter.name)
        try:
            await asyncio.to_thread(letter_files.written, self._folder, letter)
        except OSError as error:
            self._waiting.discard(letter.name)
            raise MailUnavailable(str(error)) from error
        self._begin(letter)

    async def forget(self, readers: Mapping[bytes, datetime]) -> int:
        """Let mails that wait go, to these addresses (by digest) and from before then; return how many.

        One that is being handed over at this moment may still be taken. The files are the outbox's to remove.
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

    def _begin(self, letter: Letter) -> None:
        """Begin to hand it over; while this process ends or has not begun, that is left to the next one."""
        if self._tasks is None:
            self._waiting.discard(letter.name)
        else:
            self._tasks.create_task(self._hand_over(letter))

    async def _take_up(self) -> None:
        for path in await asyncio.to_thread(letter_files.whole, self._folder):
            name, message = letter_files.name_of(path), await asyncio.to_thread(letter_files.read, path)
            if message is not None and name not in self._waiting:
                self._waiting.add(name)
                self._begin(Letter(name, message))

    async def _hand_over(self, letter: Letter) -> None:
        path = self._folder / f"{letter.name}.eml"
        try:
            await self._tried(letter)
            await asyncio.to_thread(letter_files.removed, (path,))
        except (OSError, ValueError) as error:
            await self._give_up(path, letter, _said(error))
        finally:
            self._waiting.discard(letter.name)

    async def _tried(self, letter: Letter) -> None:
        label = label_of(letter.name)
        left_s = 0.0 if label is None else (label.useful_until - utc_now()).total_seconds()
        if left_s <= 0:
            raise TimeoutError
        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=self._first_wait_s, max=WAIT_MAX_S),
            stop=stop_after_delay(left_s),
            before_sleep=self._count_try,
            reraise=True,
        )
        await retrying(self._try_once, receiver_of(letter.message), letter)

    async def _try_once(self, to: str, letter: Letter) -> None:
        self._sent += await asyncio.get_running_loop().run_in_executor(self._threads, self._deliver, to, letter)

    async def _give_up(self, path: Path, letter: Letter, because: str) -> None:
        if letter.name not in self._waiting:
            return
        self._given_up += 1
        _log.warning("mail_given_up", because=because)
        try:
            await self._undelivered.take(path)
        except OSError as error:
            _log.error("mail_not_kept", error=type(error).__name__)

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
