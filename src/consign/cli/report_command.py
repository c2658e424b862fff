"""`consign report`: a report of a sale, as a table, as JSON or on paper."""

import sys
from pathlib import Path
from typing import Literal

import click

from consign.cli.options import organization, service


@click.command("report")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.option("--by", metavar="NAMES", help="What to tell rows apart by, separated by commas.")
@click.option("--only", multiple=True, metavar="NAME=VALUE", help="Only what equals this; may be given several times.")
@click.option("--having", metavar="FIGURE", help="Only rows in which this figure is not zero.")
@click.option("--position", type=click.IntRange(1), metavar="POSITION", help="As it was at this position of the log.")
@click.option("--at", metavar="TIME", help="As it was then; without an offset in the organization's zone.")
@click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True)
@click.option("--pdf", is_flag=True, help="As people print it, whatever the format; needs --output.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file to write to.")
@click.argument("name")
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    sale: str,
    by: str | None,
    only: tuple[str, ...],
    having: str | None,
    position: int | None,
    at: str | None,
    form: Literal["csv", "json"],
    output: Path | None,
    name: str,
    *,
    pdf: bool,
) -> None:
    r"""Tell a report of a sale: takings, sell-through, fees, stock and others.

    \b
    Examples:
      consign report takings --sale 0193e4c2-7a10-7000-8000-00000000da1e --by hour,till
      consign report fees --sale 0193e4c2-7a10-7000-8000-00000000da1e --having late_minor --output fees.csv
      consign report donations --sale 0193e4c2-7a10-7000-8000-00000000da1e --pdf --output donations.pdf
      consign report stock --sale 0193e4c2-7a10-7000-8000-00000000da1e --only consignor=17 --format json
    """
    from consign.cli.running import run

    if pdf and output is None:
        raise click.UsageError("--pdf writes into a file: name it by --output.")
    ending = ".pdf" if pdf else {"csv": ".csv", "json": ""}[form]
    path = f"/sales/{sale}/reports/{name}{ending}"
    parameters = {**dict(_named(each) for each in only), "by": by, "having": having, "position": position, "at": at}
    content = run(_fetched(data_directory, url, token, organization, path, parameters))
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        click.echo(f"{output}: {len(content)} bytes")


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not like consignor=17", param_hint="--only")
    return name, value


async def _fetched(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    path: str,
    parameters: dict[str, str | int | None],
) -> bytes:
    from consign.cli.asking import asking

    async with asking(data_directory, url, token, organization, "organizer") as client:
        return await client.download(path, **parameters)
