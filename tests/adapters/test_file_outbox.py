"""Mails in the outbox name people: they do not lie there for ever."""

import asyncio
import os
import time
from pathlib import Path

from consign.adapters.mail.file_outbox import FileOutbox
from consign.identity.ports import Mail

DAY_S = 86_400.0


def outbox(directory: Path) -> FileOutbox:
    return FileOutbox(directory, "consign <no-reply@example.org>", kept_s=30 * DAY_S)


def sent(directory: Path, *, days_ago: float) -> Path:
    before = set(directory.glob("*.eml"))
    asyncio.run(outbox(directory).send(Mail("ada@example.org", "Sign in", "A link.")))
    (mail,) = set(directory.glob("*.eml")) - before
    at_s = time.time() - days_ago * DAY_S
    os.utime(mail, (at_s, at_s))
    return mail


def test_old_mails_go_when_another_is_sent_and_when_a_process_starts(tmp_path: Path) -> None:
    directory = tmp_path / "outbox"
    old, young = sent(directory, days_ago=31), sent(directory, days_ago=29)
    last = sent(directory, days_ago=31)
    assert (old.exists(), young.exists()) == (False, True)
    outbox(directory)
    assert (young.exists(), last.exists()) == (True, False)
