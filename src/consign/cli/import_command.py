"""`consign import`: tables of people, items and times from a file."""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import organization, service

_MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json"}


class _Kind(NamedTuple):
    """`done_field` is where an answer says what was done, `said` what that is."""

    route: str
    done_field: str
    said: str


_KINDS = {
    "consignors": _Kind("import-consignors", "registered", "consignors imported"),
    "items": _Kind("import-items", "listed", "items imported"),
    "shopify": _Kind("import-shopify-products", "listed", "items imported"),
    "terms": _Kind("import-terms", "done", "consignors have other terms"),
    "fee-payments": _Kind("import-fee-payments", "done", "payments recorded"),
    "shifts": _Kind("import-shifts", "done", "shifts planned"),
    "work": _Kind("import-work", "done", "rows of work recorded"),
    "slots": _Kind("import-slots", "done", "slots planned"),
    "slot-choices": _Kind("import-slot-choices", "done", "slots chosen"),
    "item-changes": _Kind("import-item-changes", "changed", "items are as the file says"),
    "check-ins": _Kind("import-check-ins", "tags", "items are checked in"),
}
_ERRORS_SHOWN = 50


@click.command("import")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.option("--currency", metavar="CODE", help="Of the amounts in a CSV; without it the sale's.")
@click.option("--beyond-quota", is_flag=True, help="List items that their consignors have no place for, too.")
@click.option("--consignor", type=click.IntRange(1, 9999), help="Whose a shop's products are, unless --vendor says.")
@click.option("--category", "categories", multiple=True, metavar="TYPE=CODE", help="Which category a shop's Type is.")
@click.option("--vendor", "vendors", multiple=True, metavar="VENDOR=NUMBER", help="Which consignor a Vendor is.")
@click.option("--lots", is_flag=True, help="Several of a shop's variant are one lot instead of as many items.")
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    sale: str,
    currency: str | None,
    consignor: int | None,
    categories: tuple[str, ...],
    vendors: tuple[str, ...],
    kind: str,
    file: Path,
    *,
    beyond_quota: bool,
    lots: bool,
) -> None:
    """Import a table from a CSV or JSON file into a sale of a running service.

    Good rows are kept and every bad row is shown with what is wrong with it; the exit code is 1 when there was one.
    The same file may be imported again: what is there already stays as it is.

    \b
    Columns of a CSV (a header line, decimals such as 2.50, separated by comma, semicolon or tab):
      consignors: name, and number, email, phone, address, tier, fee
      items:      consignor, category, description, price, and number, list, reduce, donate, pieces, size, brand,
                  reference, image_source
      shopify:    a shop's product export as it is; say with --category what each of its Types is here
      terms:      consignor, and tier, rate (per cent), fixed, minimum, maximum
      fee-payments: consignor, reference, and amount, means (bank or provider), reopen
      shifts:     shift, task, begins, ends, capacity, and credit_minutes, place
      work:       shift, consignor, and outcome (promised, worked or missed), minutes
      slots:      slot, kind (drop_off or pick_up), begins, ends, capacity, and place
      slot-choices: slot, consignor, and beyond_capacity
      item-changes: tag, and category, description, price, list, pieces, size, brand, reference, reduce, donate
      check-ins:  tag
    Times such as 2026-09-25 14:00 are the sale's. Where something is changed, an empty cell leaves it as it is, and a
    dash takes it away.
    A JSON file is {"rows": [{...}, ...]} with amounts in minor units, as the OpenAPI document describes it.

    \b
    Examples:
      consign import consignors people.csv --sale 0193e4c2-7a10-7000-8000-00000000da1e
      consign import items things.json --sale 0193e4c2-7a10-7000-8000-00000000da1e -o spring-fair
      consign import shopify products.csv --sale 0193e4c2-7a10-7000-8000-00000000da1e \\
        --consignor 17 --category Toys=toys --category "Baby clothes=bodysuit" --lots
    """
    from consign.cli.running import run

    content, media_type = file.read_bytes(), _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise click.UsageError(f"{file.name}: the name must end in .csv or .json")
    parameters = {"currency": currency}
    if kind == "shopify":
        mapped = _mapped(consignor, categories, vendors, lots=lots, beyond_quota=beyond_quota)
        content, media_type = _as_json(content, mapped), "application/json"
    elif kind == "items" and beyond_quota:
        parameters["beyond_quota"] = "true"
    given = urlencode({name: value for name, value in parameters.items() if value})
    importing = _KINDS[kind]
    path = f"/sales/{sale}/{importing.route}" + (f"?{given}" if given else "")
    answer = run(_upload(data_directory, url, token, organization, path, content, media_type))
    done = answer.get(importing.done_field, ())
    already = sum(1 for row in done if isinstance(row, dict) and row.get("already"))
    fresh = len(done) - already
    click.echo(f"{fresh} {importing.said}" + (f", {already} were there already" if already else ""))
    _tell(answer["errors"])


def _mapped(
    consignor: int | None, categories: tuple[str, ...], vendors: tuple[str, ...], *, lots: bool, beyond_quota: bool
) -> dict[str, Any]:
    if not categories:
        raise click.UsageError("say with --category TYPE=CODE which category each Type of the file is")
    mapped: dict[str, Any] = {
        "categories": dict(_pairs(categories)),
        "quantity": "lot" if lots else "items",
        "beyond_quota": beyond_quota,
    }
    if consignor is not None:
        mapped["consignor"] = consignor
    if vendors:
        numbers = dict(_pairs(vendors))
        if not all(number.isdecimal() for number in numbers.values()):
            raise click.UsageError("--vendor takes VENDOR=NUMBER, the number of a consignor")
        mapped["vendors"] = {vendor: int(number) for vendor, number in numbers.items()}
    return mapped


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.rpartition("=") for text in given]
    for name, _, value in pairs:
        if not name or not value:
            raise click.UsageError("write NAME=VALUE, for example --category Toys=toys")
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _as_json(content: bytes, mapped: dict[str, Any]) -> bytes:
    from msgspec import json

    try:
        return json.encode({"csv": content.decode("utf-8-sig"), **mapped})
    except UnicodeDecodeError as error:
        raise Failure("the CSV is not UTF-8", PROBLEM) from error


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
            return {"errors": refused.errors}


def _tell(errors: Any) -> None:
    for error in errors[:_ERRORS_SHOWN]:
        row = f"row {error['row']}" if "row" in error else error["pointer"]
        click.echo(f"  {row}: {error['reason']} ({error['pointer'].rpartition('/')[2]}): {error['detail']}", err=True)
    if len(errors) > _ERRORS_SHOWN:
        click.echo(f"  and {len(errors) - _ERRORS_SHOWN} more", err=True)
    if errors:
        raise Failure(f"{len(errors)} rows were left out", PROBLEM)
