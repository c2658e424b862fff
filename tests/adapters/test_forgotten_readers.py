"""Mails to whoever was forgotten go everywhere: the list that all processes share tells each of them whose."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from consign.adapters.erasures import ErasureList
from consign.adapters.mail.file_outbox import FileOutbox
from consign.adapters.mail.forgotten_readers import ForgottenReaders
from consign.identity.ports import Mail, MailUnavailable

ADA, BEN = "ada@example.org", "ben@example.org"
NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)


def digest(address: str) -> bytes:
    return sha256(address.encode()).digest()


class Host:
    """A process with an outbox of its own; the list is everybody's."""

    def __init__(self, directory: Path, name: str) -> None:
        self.outbox = FileOutbox(directory / name, "no-reply@example.org", digest)
        self.readers = ForgottenReaders(ErasureList(directory / "erasures"), [self.outbox])

    async def sent(self, *addresses: str) -> None:
        for address in addresses:
            await self.outbox.send(Mail(address, "Sign in", "A link.", timedelta(minutes=15)))

    async def kept(self) -> list[str]:
        return [line for mail in await self.outbox.newest(9) for line in mail.splitlines() if line.startswith("To: ")]


class Failing:
    """Stands for a process that ends before it has removed anything."""

    async def forget(self, readers: Mapping[bytes, datetime]) -> int:
        raise OSError(5)


async def test_mails_go_at_once_where_somebody_is_forgotten_and_with_the_next_sweep_elsewhere(tmp_path: Path) -> None:
    here, there = Host(tmp_path, "here"), Host(tmp_path, "there")
    for host in (here, there):
        await host.sent(ADA, BEN, ADA)
    await here.readers.forget([digest(ADA)])
    assert (await here.kept(), len(await there.kept())) == ([f"To: {BEN}"], 3)
    assert [await there.readers.sweep(NOON, 9) for _ in range(2)] == [2, 0]
    assert await there.kept() == [f"To: {BEN}"]


async def test_what_was_begun_before_a_crash_is_done_after_it(tmp_path: Path) -> None:
    host = Host(tmp_path, "here")
    await host.sent(ADA)
    with pytest.raises(MailUnavailable):
        await ForgottenReaders(ErasureList(tmp_path / "erasures"), [Failing()]).forget([digest(ADA)])
    assert await host.readers.sweep(NOON, 9) == 1
    assert await host.kept() == []


async def test_an_outbox_that_a_restore_brought_back_is_emptied_again(tmp_path: Path) -> None:
    host, restored = Host(tmp_path, "here"), Host(tmp_path, "restored")
    await host.sent(ADA, BEN)
    for mail in host.outbox.directory.iterdir():
        restored.outbox.directory.mkdir(exist_ok=True)
        (restored.outbox.directory / mail.name).write_bytes(mail.read_bytes())
    await host.readers.forget([digest(ADA)])
    assert await restored.readers.sweep(NOON, 9) == 1
    assert await restored.kept() == [f"To: {BEN}"]


async def test_whoever_comes_again_is_written_to(tmp_path: Path) -> None:
    host = Host(tmp_path, "here")
    a_moment_ago = ForgottenReaders(
        ErasureList(tmp_path / "erasures"), [host.outbox], lambda: datetime.now(UTC) - timedelta(seconds=1)
    )
    await host.sent(ADA)
    await a_moment_ago.forget([digest(ADA)])
    assert await host.readers.sweep(NOON, 9) == 0
    assert await host.kept() == [f"To: {ADA}"]


async def test_nothing_is_removed_that_could_not_be_listed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    host = Host(tmp_path, "here")
    await host.sent(ADA)
    with pytest.raises(MailUnavailable):
        await ForgottenReaders(ErasureList(tmp_path / "file" / "erasures"), [host.outbox]).forget([digest(ADA)])
    assert await host.kept() == [f"To: {ADA}"]
