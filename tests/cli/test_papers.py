"""`consign papers`: tags and lists of a running service's sale, as files."""

from pathlib import Path

import pytest

from tests.papers.reading import CODE_128, picture, scanned, sizes_mm, texts
from tests.support.command_line import Serving, consign

pytestmark = pytest.mark.slow


def test_tags_of_a_consignor_are_written_into_a_file_and_scan(
    service: Serving, directory: Path, tmp_path: Path
) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    written = consign("papers", "tags", tmp_path / "tags.pdf", "--consignor", "1", "--sheet", "57x32", *words)
    assert written.returncode == 0, written.stderr
    pdf = (tmp_path / "tags.pdf").read_bytes()
    assert f"{len(pdf)} bytes" in written.stdout
    pages = sizes_mm(pdf)
    assert set(pages) == {(57, 32)}
    codes = [scanned(picture(pdf, 203, page), CODE_128)[0] for page in range(len(pages))]
    assert {code[3:7] for code in codes} == {"0001"}


def test_lists_and_calibration_pages_are_written_too(service: Serving, directory: Path, tmp_path: Path) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    assert consign("papers", "pick-up", tmp_path / "list.pdf", "--consignors", "1-3", *words).returncode == 0
    assert "Pick-up list" in texts((tmp_path / "list.pdf").read_bytes())[0]
    assert consign("papers", "payouts", tmp_path / "payouts.pdf", *words).returncode == 0
    assert "Payouts" in texts((tmp_path / "payouts.pdf").read_bytes())[0]
    assert consign("papers", "calibration", tmp_path / "page.pdf", "--sheet", "5160", *words).returncode == 0
    assert sizes_mm((tmp_path / "page.pdf").read_bytes()) == [(216, 279)]


def test_a_sheet_that_there_is_not_is_told(service: Serving, directory: Path, tmp_path: Path) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    refused = consign("papers", "tags", tmp_path / "tags.pdf", "--sheet", "L9999", *words)
    assert refused.returncode == 1
    assert "there is no sheet 'L9999'" in refused.stderr
    assert not (tmp_path / "tags.pdf").exists()
