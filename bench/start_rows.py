"""From nothing to serving: the process, its imports, both servers, the schema."""

from pathlib import Path

from bench.effort import Effort
from bench.measure import Row, Skipped, row
from bench.processes import service

COLD_S, WARM_S = 3.0, 1.0


async def start_rows(effort: Effort, directory: Path) -> list[Row | Skipped]:
    """Start over an empty data directory, then again over the same one."""
    cold: list[float] = []
    warm: list[float] = []
    for number in range(effort.starts + 1):
        data = directory / f"start-{number}"
        for figures in (cold, warm):
            async with service(data) as served:
                if number:
                    figures.append(served.started_in_s)
    return [
        row("start to serving, empty data directory", "s", cold, target=COLD_S, better="lower"),
        row("start to serving, again", "s", warm, target=WARM_S, better="lower"),
    ]
