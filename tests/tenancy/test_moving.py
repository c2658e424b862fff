"""An organization moves between two real installations: whole, verified, under a new identity, or not at all."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.support.command_line import command, consign, data_directory, serving, started

PASSPHRASE = "correct horse battery staple"
CHANGED = "nothing was imported"

type Lines = list[dict[str, Any]]


def moving(*arguments: str | Path, passphrase: str = PASSPHRASE, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is told the passphrase."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSIGN_")}
    environment = {**kept, "CONSIGN_PASSPHRASE": passphrase, **settings}
    return subprocess.run(
        command(*arguments), env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def shown(url: str, directory: Path, position: int) -> dict[str, Any]:
    """Ask a service what it shows of the demo's sale and people once it has come to a position."""
    minted = consign("token", "-o", "demo", "--role", "organizer", "--data-directory", directory)
    headers = {"Authorization": f"Bearer {minted.stdout.split()[-1]}"}
    with httpx.Client(base_url=f"{url}/api/v1/organizations/demo", headers=headers, timeout=60) as http:
        answers = {path: http.get(path, params={"after_position": position}) for path in ("/sales", "/items")}
        sale = answers["/sales"].json()["items"][0]["sale"]
        answers["people"] = http.get("/participations", params={"sale": sale, "after_position": position})
        answers["books"] = http.get("/books", params={"after_position": position})
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, httpx.codes.OK)
    return {path: {**answer.json(), "position": None} for path, answer in answers.items()}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def at_home(home: Path) -> dict[str, Any]:
    """What the installation that holds the demo's sale shows of it."""
    with serving(home) as service:
        return shown(service.said("ready"), home, 300)


@pytest.fixture(scope="module")
def archive(home: Path, at_home: dict[str, Any]) -> Path:
    assert at_home
    file = home.parent / "demo.jsonl"
    exported = moving("export-organization", "-o", "demo", "--data-directory", home, file)
    assert exported.returncode == 0, exported.stderr
    return file


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Path]:
    """Another installation, with keys of its own and no organization."""
    with data_directory() as directory:
        with started("serve", "--quiet", "--port", "0", "--data-directory", directory) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready: ")
        yield directory


@pytest.fixture
def another(elsewhere: Path) -> Iterator[Path]:
    """The same, for who leaves something in it."""
    with data_directory() as directory:
        subprocess.run(["/bin/cp", "--archive", elsewhere, directory], check=True)
        yield directory


def in_other_words(archive: Path, change: Callable[[Lines], None]) -> Path:
    """Return the file with its lines changed."""
    lines: Lines = [msgspec.json.decode(line) for line in archive.read_bytes().splitlines()]
    change(lines)
    file = archive.with_name("changed.jsonl")
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return file


def first(lines: Lines, kind: str) -> dict[str, Any]:
    return next(line for line in lines if line["type"] == kind)


def without_an_event(lines: Lines) -> None:
    lines.remove(first(lines, "event"))


def without_the_last_event(lines: Lines) -> None:
    events = [line for line in lines if line["type"] == "event"]
    lines.remove(events[-1])


def with_another_account(lines: Lines) -> None:
    lines[3]["event"][11] = "somebody"


def with_another_answer(lines: Lines) -> None:
    first(lines, "command")["answer"] = "e30="


def without_a_command(lines: Lines) -> None:
    lines.remove(first(lines, "command"))


def without_a_key(lines: Lines) -> None:
    lines.remove(first(lines, "key"))


def of_another_organization(lines: Lines) -> None:
    lines[0]["organization"] = "elsewhere"


def without_an_end(lines: Lines) -> None:
    lines.pop()


CHANGES: tuple[Callable[[Lines], None], ...] = (
    *(without_an_event, without_the_last_event, with_another_account, with_another_answer),
    *(without_a_command, without_a_key, of_another_organization, without_an_end),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_file_that_was_changed_is_refused_and_leaves_nothing(
    archive: Path, elsewhere: Path, change: Callable[[Lines], None]
) -> None:
    refused = moving("import-organization", "--data-directory", elsewhere, in_other_words(archive, change))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert CHANGED in refused.stderr
    assert "there is no organization demo" in consign("verify", "-o", "demo", "--data-directory", elsewhere).stderr


def test_another_passphrase_opens_nothing(archive: Path, elsewhere: Path) -> None:
    refused = moving("import-organization", "--data-directory", elsewhere, archive, passphrase="another passphrase")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert CHANGED in refused.stderr


def test_an_export_where_no_service_runs_leaves_its_trace_too(archive: Path, at_home: dict[str, Any]) -> None:
    events = [line["event"] for line in map(msgspec.json.decode, archive.read_bytes().splitlines()) if "event" in line]
    assert [event[4] for event in events].count("data-shown") == 1
    assert events[-1][4] == "data-shown"


def test_an_export_that_no_log_would_tell_of_is_refused(home: Path, tmp_path: Path) -> None:
    servers = {"CONSIGN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "CONSIGN_NATS_URL": "nats://127.0.0.1:1"}
    words = ("export-organization", "-o", "demo", "--data-directory", home, tmp_path / "demo.jsonl")
    refused = moving(*words, **servers)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "name it with --url" in refused.stderr
    silent = moving(*words, "--url", "http://127.0.0.1:1", "--token", "none", **servers)
    assert (silent.returncode, silent.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_an_organization_moves_whole_and_is_another_log_there(
    archive: Path, home: Path, another: Path, at_home: dict[str, Any]
) -> None:
    exported = msgspec.json.decode(archive.read_bytes().splitlines()[0])
    names = [person["profile"]["name"] for person in at_home["people"]["items"]]
    assert names
    assert not any(name in archive.read_text() for name in names)
    brought = moving("import-organization", "--data-directory", another, archive)
    assert brought.returncode == 0, brought.stderr
    log = re.search(r"as log (\S+)\.", brought.stdout)
    assert log is not None
    assert log[1] != exported["log_id"]
    again = moving("import-organization", "--data-directory", another, archive)
    assert (again.returncode, "already" in again.stderr) == (1, True)
    with started("serve", "--quiet", "--port", "0", "--data-directory", another) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        there = shown(url, another, exported["position"])
        verified = consign("verify", "-o", "demo", "--data-directory", another)
    assert verified.returncode == 0, verified.stdout
    assert "zero after every command" in verified.stdout
    assert there == at_home
    assert str(exported["log_id"]) in consign("verify", "-o", "demo", "--data-directory", home).stdout
