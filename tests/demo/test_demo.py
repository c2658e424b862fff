"""A whole sale on the real servers, in a short form."""

import re
from pathlib import Path

import pytest

from tests.support.command_line import consign

pytestmark = pytest.mark.slow


def test_a_whole_sale_comes_to_a_balance_that_holds(tmp_path: Path) -> None:
    picture = tmp_path / "balance.svg"
    words = ("demo", "--fast", "--consignors", "30", "--items", "300", "--tills", "4", "--save-picture", picture)
    held = consign(*words)
    assert held.returncode == 0, held.stdout + held.stderr
    assert "the books sum to zero" in held.stdout
    assert len(re.findall(r"^\s*yes ", held.stdout, flags=re.MULTILINE)) == 8
    assert "Traceback" not in held.stderr
    assert picture.read_text().startswith("<svg")
    assert "http" not in picture.read_text().replace("http://www.w3.org", "").replace("https://www.textualize.io", "")


def test_more_items_than_the_rules_allow_are_refused() -> None:
    refused = consign("demo", "--consignors", "2", "--items", "500")
    assert refused.returncode == 2
    assert "by the regulations" in refused.stderr
