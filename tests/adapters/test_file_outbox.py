"""Mails in the outbox name people: they do not lie there for ever."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from consign.adapters.mail.file_outbox import FileOutbox
from consign.identity.ports import Mail

NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)


def sent(outbox: FileOutbox, at: datetime) -> Path:
    before = set(outbox.directory.glob("*.eml"))
    asyncio.run(outbox.send(Mail("ada@example.org", "Sign in", "A link.")))
    (mail,) = set(outbox.directory.glob("*.eml")) - before
    os.utime(mail, (at.timestamp(), at.timestamp()))
    return mail


def test_mails_go_that_were_written_before_a_moment_a_batch_at_a_time(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "outbox", "consign <no-reply@example.org>")
    old, older, young = (sent(outbox, NOON - timedelta(days=days)) for days in (31, 40, 29))
    month = NOON - timedelta(days=30)
    assert [asyncio.run(outbox.purge(month, 1)), asyncio.run(outbox.purge(month, 9))] == [1, 1]
    assert (old.exists(), older.exists(), young.exists()) == (False, False, True)
    assert asyncio.run(outbox.purge(month, 9)) == 0
