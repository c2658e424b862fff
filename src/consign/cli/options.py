"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

type Command = Callable[..., Any]

ORGANIZATION = "demo"
"""The organization that `serve --demo` and `demo` make; commands mean it unless told otherwise."""

PASSPHRASE_CHARACTERS_MIN = 12


def data_directory(command: Command) -> Command:
    """Let a command say where the embedded servers keep their data."""
    return click.option(
        "--data-directory",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="CONSIGN_DATA_DIRECTORY",
        default=Path("data"),
        show_default=True,
        help="Where the embedded servers keep their data, and where keys are kept.",
    )(command)


def organization(command: Command) -> Command:
    """Let a command say which organization it is about."""
    return click.option(
        "--organization", "-o", default=ORGANIZATION, show_default=True, metavar="SLUG", help="The organization."
    )(command)


def passphrase(command: Command) -> Command:
    """Let a command ask for the passphrase of an export, from the environment or the terminal, never as an argument."""
    return click.option(
        "--passphrase",
        envvar="CONSIGN_PASSPHRASE",
        show_envvar=True,
        prompt=True,
        hide_input=True,
        callback=_long_enough,
        help="What the keys in the file are wrapped with, twelve characters at least; asked for where it is not set.",
    )(command)


def _long_enough(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if len(value) < PASSPHRASE_CHARACTERS_MIN:
        raise click.BadParameter("twelve characters at least", context, parameter)
    return value


def service(command: Command) -> Command:
    """Let a command say which running service it talks to, and as whom."""
    for option in (
        click.option(
            "--token",
            envvar="CONSIGN_TOKEN",
            metavar="JWT",
            help="Who asks. Without it a token is minted with the data directory's key.",
        ),
        click.option(
            "--url",
            envvar="CONSIGN_URL",
            metavar="URL",
            help="A running service. Without it the one of the data directory is joined, or started.",
        ),
        data_directory,
    ):
        command = option(command)
    return command
