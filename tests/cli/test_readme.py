"""The README's walk-through does what it says."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from consign.cli import cli
from tests.support.command_line import data_directory, serving

pytestmark = pytest.mark.slow

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_sale_by_hand_can_be_followed_word_for_word() -> None:
    found = re.search(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    assert found is not None
    with data_directory() as directory, serving(directory) as service:
        environment = {
            **os.environ,
            "TOKEN": service.said("token"),
            "API": f"{service.said('ready')}/api/v1/organizations/demo",
        }
        assert all(tag in found[1] for tag in service.tags[:2])
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", found[1]], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    opened, first, second, paid, totals, books, difference, till = answers
    assert opened["next_receipt"] == "K1-1"
    assert (first["count"], second["count"]) == (1, 2)
    assert paid["receipt"] == "K1-1"
    assert paid["change_minor"] == 10_000 - second["total_minor"]
    assert totals["gross_minor"] == second["total_minor"]
    assert [sale["sum_minor"] for sale in books["sales"]] == [0]
    assert {change["after"]["status"] for change in difference["changes"]} == {"sold"}
    assert [len(basket["lines"]) for basket in till["state"]["baskets"].values()] == [1]


def test_every_command_that_the_readme_shows_is_understood() -> None:
    shown = re.findall(r"^    \.venv/bin/consign (.+?) +#", README, flags=re.MULTILINE)
    assert len(shown) > 5
    context = click.Context(cli)
    for words in shown:
        if words != "--help":
            name, command, rest = cli.resolve_command(context, shlex.split(words))
            assert command is not None
            command.make_context(name, rest, parent=context)


def test_every_document_that_the_readme_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parents[2] / target).exists(), target
