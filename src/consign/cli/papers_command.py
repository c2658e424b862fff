"""`consign papers`: what is printed, into a file."""

from pathlib import Path
from typing import Any

import click

from consign.cli.options import organization, service

_KINDS = ("tags", "calibration", "desk", "drop-off", "pick-up", "donations", "statements", "payouts")


@click.command("papers")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.option("--consignor", type=int, metavar="NUMBER", help="Tags and the desk's slip: this consignor's.")
@click.option("--paper", metavar="PAPER", help="The desk's slip: 58mm, 80mm or a4.")
@click.option(
    "--consignors",
    metavar="RANGE",
    help="Lists, statements, payouts: a number, or a range such as 17-120.",
)
@click.option("--apart", is_flag=True, help="Lists: begin a page with each consignor.")
@click.option("--tags", metavar="TAGS", help="Tags: only these, separated by commas.")
@click.option("--sheet", metavar="SHEET", help="The label paper, such as L7160, 5160, 57x32mm; without it the sale's.")
@click.option("--start", type=int, metavar="LABEL", help="The first free label of a used sheet, counted from 1.")
@click.option("--right", type=float, metavar="MM", help="Calibration: print further right.")
@click.option("--down", type=float, metavar="MM", help="Calibration: print further down.")
@click.option("--scale", type=float, metavar="FACTOR", help="Calibration: print larger, such as 1.01.")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    sale: str,
    kind: str,
    file: Path,
    *,
    apart: bool,
    **given: Any,
) -> None:
    """Write tags, a calibration page, a slip, a list or the statements of a sale into a PDF file.

    \b
    Examples:
      consign papers tags tags.pdf --sale 0193e4c2-7a10-7000-8000-00000000da1e --consignor 17 --sheet L7160 --start 4
      consign papers calibration page.pdf --sale 0193e4c2-7a10-7000-8000-00000000da1e --sheet 5160
      consign papers pick-up list.pdf --sale 0193e4c2-7a10-7000-8000-00000000da1e --consignors 1-200 --apart
      consign papers statements all.pdf --sale 0193e4c2-7a10-7000-8000-00000000da1e
    """
    from consign.cli.running import run

    parameters = {**given, "apart": "true" if apart else None}
    path = f"/sales/{sale}/{kind}.pdf"
    content = run(_fetched(data_directory, url, token, organization, path, parameters))
    file.write_bytes(content)
    click.echo(f"{file}: {len(content)} bytes")


async def _fetched(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    path: str,
    parameters: dict[str, Any],
) -> bytes:
    from consign.cli.asking import asking

    async with asking(data_directory, url, token, organization, "organizer") as client:
        return await client.download(path, **parameters)
