"""`consign settle`: closing the books of a sale with its consignors, step by step."""

import asyncio
import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from consign.cli.options import organization, service

if TYPE_CHECKING:
    from consign.client import Client

PATIENCE_S = 120.0
"""A settlement of a thousand consignors takes longer than a query."""
_LOOK_S = 0.3

_COLUMNS = (
    "number",
    "items_sold",
    "gross_minor",
    "commission_minor",
    "commission_tax_minor",
    "fees_minor",
    "fees_paid_minor",
    "given_minor",
    "net_minor",
    "stated_minor",
    "paid_out_minor",
)


class _Where(NamedTuple):
    """Which service, and which sale of it."""

    url: str | None
    token: str | None
    data_directory: Path
    organization: str
    sale: str

    @property
    def path(self) -> str:
        return f"/sales/{self.sale}"


@click.group("settle")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.pass_context
def command(
    context: click.Context, url: str | None, token: str | None, data_directory: Path, organization: str, sale: str
) -> None:
    """Settle a sale with its consignors: preview, freeze, statements, payouts.

    Nothing asks back: what cannot be undone without a trace needs --yes, and says without it what it would do.

    \b
    Examples:
      consign settle --sale 0193e4c2-7a10-7000-8000-00000000da1e preview > preview.csv
      consign settle --sale 0193e4c2-7a10-7000-8000-00000000da1e freeze --accept open_till=K1 --reason "lost" --yes
      consign settle --sale 0193e4c2-7a10-7000-8000-00000000da1e statements out/
      consign settle --sale 0193e4c2-7a10-7000-8000-00000000da1e payouts out/ --method cheque --first-cheque 4711 --yes
    """
    context.obj = _Where(url, token, data_directory, organization, sale)


@command.command("preview")
@click.pass_obj
def preview(where: _Where) -> None:
    """Write what settling now would come to, consignor by consignor, as CSV; amounts are in minor units."""
    from consign.cli.running import run

    found = run(_asked(where, "/settlement-preview"))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow((*_COLUMNS, "currency"))
    table.writerows((*(row[name] for name in _COLUMNS), found["currency"]) for row in found["consignors"])
    click.echo(_total(found), err=True)


@command.command("freeze")
@click.option("--accept", "accepted", multiple=True, metavar="KIND=NAME", help="What may stay unfinished, by name.")
@click.option("--reason", default="", help="Why it may.")
@click.option("--yes", is_flag=True, help="Do it; without it only what it would come to is said.")
@click.pass_obj
def freeze(where: _Where, accepted: tuple[str, ...], reason: str, *, yes: bool) -> None:
    """Issue every consignor's statement. What is still unfinished is named, and may be accepted by name."""
    from consign.cli.running import run

    obstacles = [_obstacle(text) for text in accepted]
    if not yes:
        raise click.UsageError(f"{_total(run(_asked(where, '/settlement-preview')))}\nSay --yes to issue statements.")
    frozen = run(_frozen(where, {"accepted": obstacles, "reason": reason}))
    click.echo(f"{frozen['statements']} statements over {frozen['net_minor']} {frozen['currency']} (minor units)")
    click.echo(f"seal {frozen['seal']}")


@command.command("statements")
@click.option("--format", "form", type=click.Choice(("pdf", "csv", "both")), default="both", show_default=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def statements(where: _Where, folder: Path, form: str) -> None:
    """Write every statement and supplement that stands into a folder, a file each: 0017-S3.pdf is consignor 17's."""
    from consign.cli.running import run

    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"pdf": ("pdf",), "csv": ("csv",), "both": ("pdf", "csv")}[form]
    count = run(_written_statements(where, folder, kinds))
    click.echo(f"{folder}: {count} files")


@command.command("payouts")
@click.option("--method", type=click.Choice(("sepa", "list", "cheque")), required=True)
@click.option("--execute-on", type=click.DateTime(("%Y-%m-%d",)), help="The day on which the bank is to pay (sepa).")
@click.option("--first-cheque", type=click.IntRange(1), metavar="NUMBER", help="The number of the first cheque.")
@click.option("--yes", is_flag=True, help="Do it; without it only what is due is said.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def payouts(
    where: _Where, folder: Path, method: str, execute_on: datetime | None, first_cheque: int | None, *, yes: bool
) -> None:
    """Prepare what is due in batches, and write each batch's file with its hash: B1.xml for the bank, or B1.csv."""
    from consign.cli.running import run

    if not yes:
        raise click.UsageError(f"{run(_due(where))}\nSay --yes to prepare them.")
    folder.mkdir(parents=True, exist_ok=True)
    body: dict[str, Any] = {"method": method, "first_cheque": first_cheque}
    body["execute_on"] = None if execute_on is None else execute_on.date().isoformat()
    prepared = run(_prepared(where, folder, body))
    for line in prepared:
        click.echo(line)


def _obstacle(text: str) -> dict[str, str]:
    kind, equals, name = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not like open_till=K1", param_hint="--accept")
    return {"kind": kind, "name": name}


def _total(found: Mapping[str, Any]) -> str:
    return (
        f"{len(found['consignors'])} consignors sold {found['items_sold']} items for {found['gross_minor']}; "
        f"net {found['net_minor']}, stated {found['stated_minor']} {found['currency']} (minor units)"
    )


async def _asked(where: _Where, path: str) -> Any:
    async with _asking(where) as client:
        return await client.get(f"{where.path}{path}")


def _asking(where: _Where) -> Any:
    from consign.cli.asking import asking

    return asking(where.data_directory, where.url, where.token, where.organization, "organizer", PATIENCE_S)


async def _frozen(where: _Where, body: Mapping[str, Any]) -> Any:
    from consign.cli.progress import counting

    async with _asking(where) as client:
        found = await client.get(f"{where.path}/settlement-preview")
        with counting("freezing", len(found["consignors"]), "statements") as advance:
            freezing = asyncio.create_task(client.command(f"{where.path}/settlement/freeze", body))
            try:
                await _watched(client, where, freezing, advance)
            finally:
                freezing.cancel()
        return freezing.result()


async def _watched(client: "Client", where: _Where, freezing: asyncio.Task[Any], advance: Any) -> None:
    """Show how many statements there are until the freeze ends, one way or the other."""
    shown = 0
    while not freezing.done():
        await asyncio.wait((freezing,), timeout=_LOOK_S)
        statements = (await client.get(f"{where.path}/settlement"))["statements"] if not freezing.done() else shown
        advance(statements - shown)
        shown = statements


async def _written_statements(where: _Where, folder: Path, kinds: Sequence[str]) -> int:
    from consign.cli.progress import counting

    endings = {"pdf": "paper.pdf", "csv": "csv"}
    async with _asking(where) as client:
        rows = [row async for row in client.rows("/statements", sale=where.sale, status="issued")]
        with counting("writing", len(rows), "statements") as advance:
            for row in rows:
                for kind in kinds:
                    path = f"{where.path}/statements/{row['statement']}/{endings[kind]}"
                    content = await client.download(path)
                    (folder / f"{row['consignor']:04}-{row['statement']}.{kind}").write_bytes(content)
                advance(1)
    return len(rows) * len(kinds)


async def _due(where: _Where) -> str:
    async with _asking(where) as client:
        amounts = [row["amount_minor"] async for row in client.rows("/payouts", sale=where.sale, status="due")]
    return f"{len(amounts)} payouts are due over {sum(amounts)} (minor units)"


async def _prepared(where: _Where, folder: Path, body: Mapping[str, Any]) -> list[str]:
    ending = "xml" if body["method"] == "sepa" else "csv"
    said: list[str] = []
    async with _asking(where) as client:
        prepared = await client.command(f"{where.path}/payouts/prepare", body)
        for batch in prepared["batches"]:
            content = await client.download(f"{where.path}/payout-batches/{batch['batch']}/file")
            file = folder / f"{batch['batch']}.{ending}"
            file.write_bytes(content)
            said += [
                f"{file}: {batch['count']} payouts over {batch['total_minor']} {batch['currency']} (minor units)",
                f"  seal   {batch['seal']}",
                f"  sha256 {sha256(content).hexdigest()}",
            ]
    if prepared["remaining"]:
        said.append(f"{prepared['remaining']} payouts are left for another run")
    return said
