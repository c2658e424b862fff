"""Rounds, medians and targets: how a figure comes about and what it is held to."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

type Round = Callable[[], Awaitable[float]]


class Row(Struct, frozen=True):
    """One figure of the table: median and spread over its rounds, and the target it is held to, if any."""

    name: str
    unit: str
    median: float
    min: float
    max: float
    target: float | None = None
    reached: bool | None = None


class Skipped(Struct, frozen=True):
    """A row that could not be measured here, and why."""

    name: str
    reason: str


def row(
    name: str,
    unit: str,
    figures: Sequence[float],
    *,
    target: float | None = None,
    better: Literal["higher", "lower"] = "higher",
) -> Row:
    """Sum up the figures of all rounds; the target is held against the median."""
    median = statistics.median(figures)
    reached = None if target is None else (median >= target if better == "higher" else median <= target)
    return Row(name, unit, median, min(figures), max(figures), target, reached)


async def interleaved(rounds: int, contestants: Mapping[str, Round]) -> dict[str, list[float]]:
    """Let the contestants run in turn, so that what disturbs the machine disturbs all; the first round warms up."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            figure = await run()
            if number:
                figures[name].append(figure)
    return figures


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> list[float]:
    """Divide round by round: both ran within the same moment of the machine."""
    return [above / below for above, below in zip(numerators, denominators, strict=True)]


def quantile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie; raises ValueError for no values."""
    if not sorted_values:
        raise ValueError("no values")
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
