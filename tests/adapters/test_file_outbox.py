"""Mails in the outbox name people: they do not lie there for ever."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from consign.adapters.mail.file_outbox import FileOutbox
from consign.identity.ports import Mail

NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)


def digest(address: str) -> bytes:
    return sha256(address.encode()).digest()


def outbox_at(directory: Path) -> FileOutbox:
    return FileOutbox(directory / "outbox", "consign <no-reply@example.org>", digest)


def sent(outbox: FileOutbox, at: datetime, to: str = "ada@example.org") -> Path:
    before = set(outbox.directory.glob("*.eml"))
    asyncio.run(outbox.send(Mail(to, "Sign in", "A link.", timedelta(minutes=15))))
    (mail,) = set(outbox.directory.glob("*.eml")) - before
    os.utime(mail, (at.timestamp(), at.timestamp()))
    return mail


def test_mails_go_that_were_written_before_a_moment_a_batch_at_a_time(tmp_path: Path) -> None:
    outbox = outbox_at(tmp_path)
    old, older, young = (sent(outbox, NOON - timedelta(days=days)) for days in (31, 40, 29))
    month = NOON - timedelta(days=30)
    assert [asyncio.run(outbox.purge(month, 1)), asyncio.run(outbox.purge(month, 9))] == [1, 1]
    assert (old.exists(), older.exists(), young.exists()) == (False, False, True)
    assert asyncio.run(outbox.purge(month, 9)) == 0


def test_mails_to_a_forgotten_reader_go_and_nobody_elses_nor_those_that_are_written_later(tmp_path: Path) -> None:
    outbox = outbox_at(tmp_path)
    ada, ben = sent(outbox, NOON), sent(outbox, NOON, to="ben@example.org")
    half_written = ada.with_name(f".{ada.name}")
    half_written.write_bytes(b"To: ada@example.org")
    long_ago, now = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC)
    assert asyncio.run(outbox.forget({digest("ada@example.org"): long_ago})) == 0
    assert asyncio.run(outbox.forget({digest("ada@example.org"): now})) == 2
    assert set(outbox.directory.iterdir()) == {ben}


def test_what_was_half_written_when_its_process_was_killed_goes_with_its_time_and_is_shown_to_nobody(
    tmp_path: Path,
) -> None:
    outbox = outbox_at(tmp_path)
    mail = sent(outbox, NOON)
    mail.rename(mail.with_name(f".{mail.name}"))
    assert asyncio.run(outbox.newest(9)) == []
    assert asyncio.run(outbox.purge(NOON + timedelta(days=30), 9)) == 1
    assert list(outbox.directory.iterdir()) == []


def test_the_name_of_a_mail_names_nobody(tmp_path: Path) -> None:
    mail = sent(outbox_at(tmp_path), NOON)
    assert "ada" not in mail.name
    assert mail.stat().st_mode & 0o077 == 0
