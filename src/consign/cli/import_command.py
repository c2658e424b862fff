"""`consign import`: consignors or items from a file."""

from pathlib import Path
from typing import Any

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import organization, service

_MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json"}
_ERRORS_SHOWN = 50


@click.command("import")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.option("--currency", metavar="CODE", help="Of the amounts in a CSV; without it the sale's.")
@click.argument("kind", type=click.Choice(["consignors", "items"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    sale: str,
    currency: str | None,
    kind: str,
    file: Path,
) -> None:
    r"""Import consignors or items from a CSV or JSON file into a sale of a running service.

    Good rows are kept and every bad row is shown with what is wrong with it; the exit code is 1 when there was one.
    The same file may be imported again: what is there already stays as it is.

    \b
    Columns of a CSV (a header line, decimals such as 2.50, separated by comma, semicolon or tab):
      consignors: name, and number, email, phone, address, tier, fee
      items:      consignor, category, description, price, and number, list, reduce, donate
    A JSON file is {"rows": [{...}, ...]} with amounts in minor units, as the OpenAPI document describes it.

    \b
    Examples:
      consign import consignors people.csv --sale 0193e4c2-7a10-7000-8000-00000000da1e
      consign import items things.json --sale 0193e4c2-7a10-7000-8000-00000000da1e -o spring-fair
    """
    from consign.cli.running import run

    media_type = _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise click.UsageError(f"{file.name}: the name must end in .csv or .json")
    path = f"/sales/{sale}/import-{kind}" + (f"?currency={currency}" if currency else "")
    answer = run(_upload(data_directory, url, token, organization, path, file.read_bytes(), media_type))
    done = answer.get("registered") if kind == "consignors" else answer.get("listed")
    fresh = [row for row in done if not row.get("already")]
    already = len(done) - len(fresh)
    click.echo(f"{len(fresh)} {kind} imported" + (f", {already} were there already" if already else ""))
    _tell(answer["errors"])


async def _upload(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    path: str,
    content: bytes,
    media_type: str,
) -> Any:
    from consign.cli.asking import asking
    from consign.client import RequestRefused

    async with asking(data_directory, url, token, organization, "organizer") as client:
        try:
            return await client.upload(path, content, media_type)
        except RequestRefused as refused:
            if not refused.errors:
                raise
            return {"registered": [], "listed": [], "errors": refused.errors}


def _tell(errors: Any) -> None:
    for error in errors[:_ERRORS_SHOWN]:
        row = f"row {error['row']}" if "row" in error else error["pointer"]
        click.echo(f"  {row}: {error['reason']} ({error['pointer'].rpartition('/')[2]}): {error['detail']}", err=True)
    if len(errors) > _ERRORS_SHOWN:
        click.echo(f"  and {len(errors) - _ERRORS_SHOWN} more", err=True)
    if errors:
        raise Failure(f"{len(errors)} rows were left out", PROBLEM)
