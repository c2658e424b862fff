"""The table of promises names only what exists and runs, and leaves out no fault and no search."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from consign.cli import cli

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "proof.md"
MUST_BE_NAMED = ("tests/faults/", "tests/simulation/", "tests/e2e/", "tests/domain/simulator/")
HEADINGS = ("promise", "fault")


class Row(NamedTuple):
    promise: str
    proofs: list[str]


def rows(text: str) -> list[Row]:
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 2 and cells[0] not in HEADINGS and not cells[0].startswith("-"):
            found.append(Row(cells[0], re.findall(r"`([^`]+)`", cells[1])))
    return found


def collected() -> dict[str, bool]:
    """Return every test that pytest collects, and whether it never runs."""
    collecting = subprocess.run(
        [sys.executable, "-m", "tests.support.collected_tests"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert collecting.returncode == 0, collecting.stderr
    found: dict[str, bool] = json.loads(collecting.stdout)
    return found


ROWS = rows(DOCUMENT.read_text())
PROOFS = sorted({proof for row in ROWS for proof in row.proofs})


def test_the_document_holds_promises() -> None:
    assert len(ROWS) > 50


def test_every_promise_has_a_proof() -> None:
    assert [row.promise for row in ROWS if not row.proofs] == []


def test_every_named_test_exists_and_is_not_skipped_and_no_fault_and_no_search_is_left_out() -> None:
    always_skipped = collected()
    named = [proof for proof in PROOFS if proof.startswith("tests/")]
    assert [proof for proof in named if always_skipped.get(proof, True)] == []
    wanted = {name for name in always_skipped if name.startswith(MUST_BE_NAMED)}
    assert sorted(wanted - set(PROOFS)) == []


def test_every_named_command_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    for proof in PROOFS:
        program, _, name = proof.partition(" ")
        if program == "make":
            assert name in targets
        elif program == "consign":
            assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0, proof
        else:
            assert proof.startswith("tests/"), f"{proof} is neither a test nor a command"
