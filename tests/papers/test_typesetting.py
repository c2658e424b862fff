"""What draws papers is heavy: whoever draws none does not load it."""

import subprocess
import sys

HEAVY = ("reportlab", "PIL")


def loaded_by(program: str) -> set[str]:
    """Return which of the heavy packages a fresh process has loaded after a program."""
    told = f"{program}; import sys; print(*set({HEAVY}).intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_a_service_starts_without_what_draws_papers() -> None:
    assert loaded_by("import consign.service.process") == set()


def test_it_is_loaded_with_the_first_paper() -> None:
    first = "from consign.papers.surface import Surface; Surface('first', 100, 100).finished()"
    assert loaded_by(first) == set(HEAVY)
