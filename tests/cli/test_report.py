"""`consign report`: reports of a running service's sale."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.papers.reading import texts
from tests.support.command_line import Serving, consign

pytestmark = pytest.mark.slow


def test_a_report_is_told_as_a_table_or_as_json(service: Serving, directory: Path, tmp_path: Path) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    table = consign("report", "stock", "--by", "category", *words)
    assert table.returncode == 0, table.stderr
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert sum(int(row["on_floor"]) for row in rows)

    written = consign("report", "fees", "--format", "json", "--output", tmp_path / "fees.json", *words)
    assert written.returncode == 0, written.stderr
    told = json.loads((tmp_path / "fees.json").read_text())
    assert told["report"] == "fees"
    assert all("/fees/trace?" in figure["trace"] for figure in told["total"].values())


def test_a_report_is_printed_into_a_file(service: Serving, directory: Path, tmp_path: Path) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    assert consign("report", "stock", "--pdf", *words).returncode == 2
    printed = consign("report", "stock", "--pdf", "--output", tmp_path / "stock.pdf", *words)
    assert printed.returncode == 0, printed.stderr
    assert "Page 1 of" in texts((tmp_path / "stock.pdf").read_bytes())[0]


def test_what_there_is_not_is_told(service: Serving, directory: Path) -> None:
    words = ("--sale", service.said("sale"), "--data-directory", directory)
    assert consign("report", "weather", *words).returncode == 1
    refused = consign("report", "stock", "--by", "colour", *words)
    assert refused.returncode == 1
    assert "may name" in refused.stderr
    assert consign("report", "stock", "--only", "colour", *words).returncode == 2
