"""`make audit` says that all is well only where everything was asked about."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("audit.txt", "runtime.txt", "uv.txt")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The script with a few locks, in a project of its own."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "requirements").mkdir()
    for lock in LOCKS:
        shutil.copy(ROOT / "requirements" / lock, tmp_path / "requirements")
    return tmp_path


def auditor(project: Path, script: str) -> None:
    """Put an auditor where the script would have installed it."""
    place = project / "build" / "audit"
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "pip-audit").write_text(f"#!/bin/sh\n{script}\n")
    (place / "bin" / "pip-audit").chmod(0o755)
    shutil.copy(project / "requirements" / "audit.txt", place / "installed.txt")


def audited(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "scripts" / "audit.sh"],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_it_asks_about_every_lock(project: Path) -> None:
    auditor(project, 'echo "asked: $*"')
    ended = audited(project)
    assert ended.returncode == 0, ended.stderr
    for lock in LOCKS:
        assert f"--requirement requirements/{lock}" in ended.stdout
    assert ended.stdout.count("--strict") == len(LOCKS), "what could not be asked about is a failure"


def test_one_lock_that_fails_fails_all_and_is_named(project: Path) -> None:
    auditor(project, 'case "$*" in *runtime.txt) echo "requests 1.0 PYSEC-1"; exit 1;; esac')
    ended = audited(project)
    assert ended.returncode == 1
    assert "PYSEC-1" in ended.stderr
    assert "not to be checked: requirements/runtime.txt\n" in ended.stderr


def test_where_nobody_can_be_asked_it_fails(project: Path) -> None:
    ended = audited(project)
    assert ended.returncode == 2
    assert "NOTHING WAS CHECKED" in ended.stderr
