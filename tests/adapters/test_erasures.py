"""The list of who was forgotten: only added to, and of use whatever a power cut left of its last line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from consign.adapters.erasures import Erasure, ErasureList, Reader

ADA, BEN = Erasure("acme", uuid4()), Erasure("other-fair", uuid4())


def test_a_list_that_nobody_began_is_empty(tmp_path: Path) -> None:
    assert list(ErasureList(tmp_path / "erasures")) == []


def test_who_was_added_is_on_the_list_for_whoever_reads_it_later(tmp_path: Path) -> None:
    path = tmp_path / "apart" / "erasures"
    ErasureList(path).add([ADA])
    ErasureList(path).add([BEN, ADA])
    assert list(ErasureList(path)) == [ADA, BEN, ADA]
    assert path.stat().st_mode & 0o077 == 0


def test_mails_go_until_the_latest_moment_that_was_said_of_their_reader(tmp_path: Path) -> None:
    erasures = ErasureList(tmp_path / "erasures")
    noon = datetime(2026, 9, 26, 12, 0, 0, 123_000, UTC)
    ada, ben = bytes(32), bytes([1]) * 32
    erasures.add([Reader(ada, noon), ADA, Reader(ben, noon)])
    erasures.add([Reader(ada, noon + timedelta(days=1)), Reader(ben, noon - timedelta(days=1))])
    assert erasures.readers() == {ada: noon + timedelta(days=1), ben: noon}
    assert list(erasures) == [ADA]


def test_a_line_that_was_torn_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "erasures"
    erasures = ErasureList(path)
    erasures.add([ADA])
    with path.open("ab") as file:
        file.write(b"\nacme 0193\xff")
    erasures.add([BEN])
    assert list(erasures) == [ADA, BEN]
