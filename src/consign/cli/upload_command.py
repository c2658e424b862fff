"""`consign upload`: sales that a till made without the service, from a file."""

from collections.abc import Iterator, Mapping
from itertools import batched
from pathlib import Path
from typing import Any

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import organization, service

_AT_ONCE = 50
"""How many sales one request may carry."""


@click.command("upload")
@service
@organization
@click.option("--sale", required=True, metavar="ID", help="The sale's id.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(url: str | None, token: str | None, data_directory: Path, organization: str, sale: str, file: Path) -> None:
    """Upload the sales of one till's session that it made offline, and show what became of each.

    The file is what a till would send: a JSON object with session, till, cashier, sent_at and sales, as the OpenAPI
    document describes it, and any number of sales. Each is taken in once, however often the file is uploaded. What
    contradicts is a conflict, what cannot be read is kept in quarantine: then the exit code is 1, and nothing is lost.

    \b
    Example:
      consign upload till-k3.json --sale 0193e4c2-7a10-7000-8000-00000000da1e
    """
    from consign.cli.running import run

    given = _read(file)
    fates = run(_upload(data_directory, url, token, organization, sale, given))
    odd = 0
    for said in fates:
        click.echo(_told(said))
        odd += bool(said.get("conflicts")) or said["outcome"] == "quarantined"
    click.echo(f"{len(fates)} sales, {odd} to look at", err=True)
    if odd:
        raise Failure(f"{odd} of {len(fates)} sales wait at the conflicts desk or in quarantine", PROBLEM)


def _read(file: Path) -> dict[str, Any]:
    from msgspec import DecodeError, json

    try:
        given = json.decode(file.read_bytes())
    except DecodeError as error:
        raise click.UsageError(f"{file.name} is no JSON: {error}") from error
    if not isinstance(given, dict) or not isinstance(given.get("sales"), list) or not given["sales"]:
        raise click.UsageError(f"{file.name} is no object with a list of sales")
    return given


def _requests(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Cut the sales into requests; each but the last says how many more the till holds."""
    left = len(given["sales"])
    for sales in batched(given["sales"], _AT_ONCE, strict=False):
        left -= len(sales)
        held = {"unsynced": left + given.get("unsynced", 0)} if left or "unsynced" in given else {}
        yield {**given, "sales": sales, **held}


async def _upload(
    data_directory: Path, url: str | None, token: str | None, organization: str, sale: str, given: Mapping[str, Any]
) -> list[Any]:
    from consign.cli.asking import asking
    from consign.cli.progress import counting

    fates: list[Any] = []
    async with asking(data_directory, url, token, organization, "organizer") as client:
        with counting("uploading", len(given["sales"]), "sales") as advance:
            for body in _requests(given):
                answer = await client.command(f"/sales/{sale}/offline-sales", body)
                fates += answer["sales"]
                advance(len(body["sales"]))
    return fates


def _told(said: Mapping[str, Any]) -> str:
    """Say what became of one sale in a line."""
    words = [said.get("sale_id") or "unreadable", said["outcome"], said.get("receipt") or ""]
    words += [f"conflict {conflict}" for conflict in said.get("conflicts", ())]
    words += said.get("anomalies", ())
    words += [str(said[name]) for name in ("quarantine", "error") if said.get(name)]
    return "  ".join(word for word in words if word)
