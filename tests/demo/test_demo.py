"""A whole sale on the real servers, in a short form."""

import re
import signal
from pathlib import Path

import pytest

from consign.local.servers import is_served
from consign.local.state import read_state
from tests.support.command_line import consign, data_directory, started
from tests.support.eventually import eventually

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


async def test_an_interrupted_demo_says_so_and_leaves_nothing_running() -> None:
    with data_directory() as directory:
        with started("demo", "--pace", "1", "--data-directory", directory) as demo:
            await eventually(lambda: serves(directory), within_s=60)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(timeout=30) == 3
            assert demo.stderr is not None
            assert demo.stderr.read().endswith("interrupted\n")
        assert not is_served(directory)


def serves(directory: Path) -> bool:
    state = read_state(directory)
    return state is not None and state.service_url is not None
