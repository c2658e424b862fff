"""Searches where money is made: tills that sell, discount, type in, refund and void, and little else."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.books import trade
from consign.domain.session import totals
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid
from tests.domain.simulator import pricing
from tests.domain.simulator.world import Step, World, steps_of

ACTS = (
    *("scan",) * 6,
    *("pay",) * 4,
    *("refund",) * 3,
    *pricing.ACTS * 2,
    "void",
    "remove",
    "suspend",
    "recall",
    "wait",
    "wait",
    "cash",
    "wish",
)
SEEDS, STEPS = 30, 400
STEP_OF_TRADE = st.builds(Step, st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 30), st.integers(0, 200))


def acted_out(seed: int) -> World:
    world = World(seed)
    world.run(steps_of(seed, STEPS, ACTS))
    return world


@given(st.integers(0, 2), st.lists(STEP_OF_TRADE, max_size=50))
def test_no_sequence_of_trade_loses_a_part_of_a_price(basis: int, steps: list[Step]) -> None:
    World(basis).run(steps)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_busy_sale_from_a_seed_keeps_every_promise(seed: int) -> None:
    acted_out(seed).check_replay()


def test_the_search_reaches_every_discount_and_whatever_may_become_of_a_line() -> None:
    reached = Counter[str]()
    for seed in range(SEEDS):
        for emitted in acted_out(seed).log.events:
            reached.update(_reached(emitted.event))
    expected = {
        *("window consignor", "window organizer", "line organizer", "override organizer", "basket organizer"),
        *("matched", "credited", "kept"),
        *("back: True suspense", "back: False suspense", "back: True organizer", "back: True consignor"),
        *("void: suspense", "void: consignor", "void: organizer"),
        *("taxes", "surcharge"),
    }
    assert expected - reached.keys() == set()


def _reached(event: Any) -> list[str]:
    match event:
        case BasketPaid(lines=lines):
            found = [f"{discount.kind} {discount.borne_by}" for line in lines for discount in line.discounts]
            found += ["taxes"] if len({line.tax_rate_ppm for line in lines if line.tax_minor}) > 1 else []
            return [*found, *(["surcharge"] if any(line.surcharge_minor for line in lines) else [])]
        case RefundPaid(lines=refunded):
            return [f"back: {line.returned_to is not None} {line.credited_to}" for line in refunded if line.manual]
        case ReceiptVoided(lines=voided):
            return [f"void: {line.credited_to}" for line in voided if line.manual]
        case _:
            return [_RESOLVED[type(event).__name__]] if type(event).__name__ in _RESOLVED else []


_RESOLVED: Mapping[str, str] = {
    "ManualLineMatched": "matched",
    "ManualLineCredited": "credited",
    "ManualLineKept": "kept",
}


def _cut_off(amount_minor: int, weights: list[int]) -> list[int]:
    return [amount_minor * weight // max(sum(weights), 1) for weight in weights]


def _the_price(line: Any) -> int:
    return int(line.price_minor)


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (totals, "split", _cut_off),
        (trade, "gross_minor", _the_price),
    ],
    ids=["shares do not add up", "commission is computed on tax too"],
)
def test_the_search_can_fail(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises(AssertionError):
        _act_out_all()


def _act_out_all() -> None:
    for seed in range(SEEDS):
        acted_out(seed)
