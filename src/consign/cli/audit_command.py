"""`consign audit`: who did what, from where and for whom."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Literal

import click

from consign.cli.options import organization, service

_COLUMNS = ("position", "recorded_at", "event", "stream", "account", "role", "on_behalf_of", "device", "origin")


@click.command("audit")
@service
@organization
@click.option("--account", metavar="ID", help="Only what this account did.")
@click.option("--on-behalf-of", metavar="ID", help="Only what somebody else did for this account.")
@click.option("--role", metavar="ROLE", help="Only what was done in this role.")
@click.option("--device", metavar="ID", help="Only what was done with this device.")
@click.option("--aggregate", metavar="KIND", help="Only what became of things of this kind, such as session.")
@click.option("--event", metavar="TYPE", help="Only events of this type, such as receipt-paid.")
@click.option("--from", "first", metavar="MOMENT", help="From this position or time on.")
@click.option("--to", "last", metavar="MOMENT", help="Up to this position or time.")
@click.option("--newest", is_flag=True, help="The newest first.")
@click.option(
    "--rows", type=click.IntRange(1), default=1000, show_default=True, metavar="COUNT", help="As many at most."
)
@click.option("--format", "form", type=click.Choice(("table", "jsonl")), default="table", show_default=True)
def command(
    url: str | None,
    token: str | None,
    data_directory: Path,
    organization: str,
    account: str | None,
    on_behalf_of: str | None,
    role: str | None,
    device: str | None,
    aggregate: str | None,
    event: str | None,
    first: str | None,
    last: str | None,
    rows: int,
    form: Literal["table", "jsonl"],
    *,
    newest: bool,
) -> None:
    """Tell who did what, in which role, with which device, from where, on whose behalf, and when.

    A time without an offset is meant in the organization's zone. What an event says is told by `consign events
    --internal`.

    \b
    Examples:
      consign audit --account 0193e4c2-7a10-7000-8000-000000000acc --newest
      consign audit --event access-refused --from 2026-11-21T14:00:00Z
      consign audit --role organizer --aggregate session --format jsonl
    """
    from consign.cli.running import run

    asked = {"account": account, "on_behalf_of": on_behalf_of, "role": role, "device": device, "aggregate": aggregate}
    asked |= {"event": event, "from": first, "to": last, "order": "newest" if newest else None}
    run(_shown(_deeds(data_directory, url, token, organization, asked, rows), form))


async def _shown(deeds: AsyncIterator[Mapping[str, Any]], form: Literal["table", "jsonl"]) -> None:
    import msgspec

    if form == "table":
        click.echo("  ".join(_COLUMNS))
    async for deed in deeds:
        if form == "jsonl":
            click.echo(msgspec.json.encode(deed))
        else:
            click.echo("  ".join(str(deed[name] or "-") for name in _COLUMNS))


async def _deeds(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    asked: Mapping[str, str | None],
    rows: int,
) -> AsyncIterator[Mapping[str, Any]]:
    from consign.cli.asking import asking

    left = rows
    async with asking(data_directory, url, token, organization, "auditor") as client:
        async for deed in client.rows("/audit", **asked):
            yield deed
            left -= 1
            if not left:
                return
