"""Searches for a sequence of commands that breaks a promise; a failing seed or example replays it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.books import trade
from consign.domain.ledger import trade_folding
from consign.domain.session import totals
from consign.domain.turns import basket, paying
from tests.domain.simulator.world import ACTS, Step, World, steps_of

STEPS = st.builds(
    Step,
    st.sampled_from(sorted(set(ACTS))) | st.sampled_from(["scan", "pay"]),
    st.integers(0, 5),
    st.integers(0, 30),
    st.integers(0, 200),
)
SHORT_SEEDS, SHORT_STEPS = 40, 250
LONG_SEEDS, LONG_STEPS = 500, 1000


@given(st.integers(0, 2), st.lists(STEPS, max_size=60))
def test_no_sequence_of_commands_breaks_a_promise(basis: int, steps: list[Step]) -> None:
    world = World(basis, early=basis == 1)
    world.run(steps)
    world.check_replay()


@pytest.mark.parametrize("seed", range(SHORT_SEEDS))
def test_a_sale_acted_out_from_a_seed_keeps_every_promise(seed: int) -> None:
    world = World(seed, early=seed % 3 == 1)
    world.run(steps_of(seed, SHORT_STEPS))
    world.check_replay()
    assert world.accepted > SHORT_STEPS // 10, "the acts are refused nearly always: nothing is searched"


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_many_long_sales_keep_every_promise() -> None:
    _act_out(range(LONG_SEEDS), LONG_STEPS)


def _act_out(seeds: range, steps: int) -> None:
    for seed in seeds:
        try:
            World(seed, early=seed % 3 == 1).run(steps_of(seed, steps))
        except Exception as fault:
            fault.add_note(f"seed {seed}, {steps} steps")
            raise


def _everything_is_free(*_: Any) -> bool:
    return True


def _nothing_is_counted(_items: Any, consignors: Any, *_: Any) -> Any:
    return consignors


def _commission_forgotten(totals: Any, *_: Any) -> Any:
    return totals


def _cut_off(amount_minor: int, weights: list[int]) -> list[int]:
    return [amount_minor * weight // max(sum(weights), 1) for weight in weights]


def _always_the_first(till: str, _counter: int) -> str:
    return f"{till}-1"


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (basket, "is_free", _everything_is_free),
        (trade_folding, "_counted", _nothing_is_counted),
        (trade, "after", _commission_forgotten),
        (paying, "receipt_number", _always_the_first),
        (totals, "split", _cut_off),
    ],
    ids=[
        "holds are not looked at",
        "sold items are not counted",
        "commission is not posted",
        "numbers do not count",
        "shares do not add up",
    ],
)
def test_the_search_can_fail(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises((AssertionError, KeyError)):
        _act_out(range(SHORT_SEEDS), SHORT_STEPS)
