"""The command `consign`. Each subcommand is imported when it is used, so that each starts at once."""

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from consign.cli.exits import INTERRUPTED, Interrupted, expected_error

_COMMANDS: Mapping[str, str] = {
    "serve": "Serve this machine or a cluster; on an empty data directory with a demo sale.",
    "demo": "Run a whole sale by real rules, from import to settlement, and show the balance.",
    "import": "Import consignors or items from CSV or JSON into a sale.",
    "papers": "Write tags, lists or statements of a sale into a PDF.",
    "report": "Tell takings, sell-through, fees, stock and other reports of a sale.",
    "settle": "Preview and freeze a settlement, write its statements, make its payouts.",
    "upload": "Upload sales that a till made offline, and show what became of each.",
    "events": "List, follow or export events.",
    "audit": "Tell who did what, from where and for whom.",
    "replay": "Show a stream or a read model as it was at a position or time.",
    "verify": "Prove that log, books, read models and the JetStream copy agree.",
    "rebuild": "Build read models anew from the log, compare them, and swap them in.",
    "export-organization": "Write everything of one organization into a file.",
    "import-organization": "Bring an exported organization into this installation, verified.",
    "renew": "After a restore, give the logs a new identity.",
    "integrator": "Let an integrator read an organization's public events from NATS, and no other's.",
    "rotate-key": "Put another key-encryption key in the place of the present one.",
    "token": "Mint a development token for an account and its roles.",
}

_EXITS = """\b
Exit codes:
  0  done, and everything was found well
  1  a problem was found, or the service refused what was asked
  2  wrong usage, or what is needed (servers, data directory, settings) is not there
  3  interrupted before the end"""


class _LazyGroup(click.Group):
    """Knows its subcommands by name and summary; imports one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"consign.cli.{cmd_name.replace('-', '_')}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, epilog=_EXITS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="consign")
def cli() -> None:
    """Consignment sale events, from tagged items to settled commissions.

    Commands work on the embedded servers over a data directory (they join running ones or start them), or on the
    servers that CONSIGN_DATABASE_URL and CONSIGN_NATS_URL name.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and leave with a documented code; only a defect leaves with a traceback."""
    try:
        cli.main(args=arguments, prog_name="consign", standalone_mode=False)
    except click.exceptions.Exit as finished:
        sys.exit(finished.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Interrupted, click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads the output has seen enough; what is still buffered must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    except Exception as error:
        told = expected_error(error)
        if told is None:
            raise
        click.echo(f"consign: {told}", err=True)
        sys.exit(told.exit_code)
    sys.exit(0)
