"""The benchmark is a program like any other: it must run, and write what it promises."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from bench.measure import Row, interleaved, quantile, ratios, row

LIMIT_S = 110


@pytest.mark.slow
@pytest.mark.parametrize(
    "parts", [("append", "replay", "http"), pytest.param(("sale", "start"), marks=pytest.mark.proof)], ids="-".join
)
async def test_it_runs_and_writes_a_list_of_rows(tmp_path: Path, parts: Sequence[str]) -> None:
    written = tmp_path / "bench.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--tiny", "--output", str(written)),
        *(argument for part in parts for argument in ("--only", part)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(LIMIT_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    rows = msgspec.json.decode(written.read_bytes(), type=list[Row])
    assert {set(each).issuperset(get_type_hints(Row)) for each in msgspec.json.decode(written.read_bytes())} == {True}
    assert len({each.name for each in rows}) == len(rows)
    assert all(each.min <= each.median <= each.max for each in rows)
    assert all((each.target is None) == (each.reached is None) for each in rows)


async def test_contestants_run_in_turn_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    async def first() -> float:
        order.append("first")
        return float(len(order))

    async def second() -> float:
        order.append("second")
        return float(len(order))

    found = await interleaved(2, {"first": first, "second": second})
    assert order == ["first", "second"] * 3
    assert found == {"first": [3.0, 5.0], "second": [4.0, 6.0]}


def test_a_target_is_held_against_the_median() -> None:
    assert row("speed", "1/s", [1.0, 5.0, 9.0], target=5.0) == Row("speed", "1/s", 5.0, 1.0, 9.0, 5.0, reached=True)
    assert row("latency", "ms", [1.0, 5.0, 9.0], target=4.0, better="lower").reached is False
    assert row("reported", "ms", [1.0]).reached is None


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([1.0, 6.0], [2.0, 3.0]) == [0.5, 2.0]


def test_a_quantile_is_a_value_that_was_seen() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert quantile([1.0], 0.99) == 1.0
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
