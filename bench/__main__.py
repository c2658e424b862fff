"""`python -m bench`: one table on the terminal, and the same in build/bench.json."""

import argparse
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from bench import place
from bench.effort import FULL, QUICK, TINY, Effort
from bench.engine_rows import append_rows, peer_rows, replay_rows
from bench.http_rows import http_rows
from bench.measure import Row, Skipped
from bench.sale_rows import sale_rows
from bench.start_rows import start_rows

BUILD = Path("build").absolute()
PARTS = ("append", "peers", "replay", "http", "sale", "start")


async def measure(effort: Effort, parts: Sequence[str], console: Console) -> list[Row | Skipped]:
    """Measure the parts one after another on servers of their own."""
    rows: list[Row | Skipped] = []
    with place.directory() as directory:
        async with place.servers() as servers:
            works: dict[str, Callable[[], Awaitable[list[Row | Skipped]]]] = {
                "append": lambda: append_rows(servers, effort),
                "peers": lambda: peer_rows(servers, effort, BUILD),
                "replay": lambda: replay_rows(servers, effort),
                "http": lambda: http_rows(servers, effort, directory),
                "sale": lambda: sale_rows(servers, effort, directory),
            }
            for name, work in works.items():
                if name in parts:
                    started_s = time.perf_counter()
                    rows += await work()
                    console.print(f"{name}: {time.perf_counter() - started_s:.0f} s", style="dim")
        if "start" in parts:
            rows += await start_rows(effort, directory)
    return rows


def tell(rows: Sequence[Row | Skipped], console: Console) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "unit"):
        table.add_column(heading)
    for heading in ("median", "min", "max", "target", ""):
        table.add_column(heading, justify="right")
    for each in rows:
        if isinstance(each, Row):
            target = "" if each.target is None else _figure(each.target)
            verdict = {None: "", True: "reached", False: "missed"}[each.reached]
            table.add_row(
                each.name, each.unit, _figure(each.median), _figure(each.min), _figure(each.max), target, verdict
            )
        else:
            table.add_row(each.name, "skipped", each.reason)
    console.print(table)


def write(rows: Sequence[Row | Skipped], path: Path) -> None:
    """Write the rows that were measured as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = [each for each in rows if isinstance(each, Row)]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")


def _figure(value: float) -> str:
    for digits, below in ((3, 1), (2, 10), (1, 100)):
        if abs(value) < below:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def main() -> None:
    """Parse the arguments, measure, tell, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this engine on this machine.")
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--quick", action="store_const", const=QUICK, dest="effort", help="a look, in about two minutes"
    )
    effort.add_argument("--tiny", action="store_const", const=TINY, dest="effort", help="only to see that it runs")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part (may be repeated)")
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json", help="where the JSON goes")
    parser.set_defaults(effort=FULL)
    given = parser.parse_args()
    console = Console(stderr=False, width=None if Console().is_terminal else 140, highlight=False)
    rows = uvloop.run(measure(given.effort, given.only or PARTS, console))
    tell(rows, console)
    write(rows, given.output)
    console.print(f"written to {given.output}", style="dim")


if __name__ == "__main__":
    main()
