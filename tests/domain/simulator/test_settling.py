"""Searches for a way to settle, pay, return and settle again after which somebody is owed the wrong amount."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.books import settling as books
from consign.domain.turns import freezing, payout_batches, reopening, standing_still, stating
from tests.domain.simulator.settling import ALL_ACTS, BEFORE_ACTS, SETTLING_ACTS, SettlingWorld
from tests.domain.simulator.world import Step, steps_of

SEEDS, STEPS = 40, 300
FAULTY_SEEDS, FAULTY_STEPS = 60, 1000
"""A fault is found by the first few; only where it is not, all of them are acted out."""
STEP = st.builds(
    Step,
    st.sampled_from(sorted(set(ALL_ACTS))) | st.sampled_from(sorted(set(SETTLING_ACTS))),
    st.integers(0, 5),
    st.integers(0, 30),
    st.integers(0, 200),
)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three consignors come in two chunks, so that things happen in between."""
    monkeypatch.setattr(freezing, "STATEMENTS_LIMIT", 2)
    monkeypatch.setattr(reopening, "CANCELLATIONS_LIMIT", 2)


def acted_out(seed: int, steps: int = STEPS) -> SettlingWorld:
    """Half of it trades, the rest settles."""
    world = SettlingWorld(seed)
    world.run(steps_of(seed, steps // 3, BEFORE_ACTS))
    world.run(steps_of(seed, steps, (*SETTLING_ACTS, *ALL_ACTS)))
    return world


def act_out_all() -> None:
    for seed in range(FAULTY_SEEDS):
        acted_out(seed, FAULTY_STEPS)


@given(st.integers(0, 8), st.lists(STEP, max_size=60))
def test_no_sequence_of_settling_and_paying_breaks_a_promise(seed: int, steps: list[Step]) -> None:
    world = SettlingWorld(seed)
    world.run(steps_of(seed, 40, BEFORE_ACTS))
    world.run(steps)
    world.check_replay()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_sale_settled_from_a_seed_pays_everybody_once_and_right(seed: int) -> None:
    world = acted_out(seed)
    world.check_replay()


def test_the_search_reaches_everything_that_can_become_of_a_settlement() -> None:
    happened = set()
    for seed in range(SEEDS):
        happened |= {type(emitted.event).__name__ for emitted in acted_out(seed).log.events}
    expected = {
        "StatementIssued",
        "SettlementFrozen",
        "StatementsCancelled",
        "SettlementReopened",
        "PayoutDue",
        "PayoutWithdrawn",
        "PayoutBatchPrepared",
        "PayoutBatchDropped",
        "PayoutBatchSent",
        "PayoutsPaid",
        "PayoutPaidAtTill",
        "PayoutReturned",
        "PayoutUncollected",
        "PayoutReissued",
        "PayoutForfeited",
        "PayoutCarried",
        "ProceedsPledged",
        "CharityPaid",
    }
    assert expected - happened == set()


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_many_sales_settled_again_and_again_pay_everybody_once_and_right() -> None:
    for seed in range(400):
        acted_out(seed, 1000)


def _nothing_was_stated(*_: Any) -> Any:
    return (), ()


def _any_status(batch: Any, settlement: Any, _: Any) -> Any:
    return [settlement.payouts[number] for number in batch.payouts]


def _fees_are_kept(books_before: Any, payout: Any, entries: Any, sign: int) -> Any:
    entries["bank"] = entries.get("bank", 0) - sign * payout.amount_minor
    return books_before


def _nothing_stands_still(_: Any, decision: Any, *__: Any) -> Any:
    return decision


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (standing_still, "held_still", _nothing_stands_still),
        (stating, "_lines", _nothing_was_stated),
        (payout_batches, "_with_status", _any_status),
        (books, "_by_bank", _fees_are_kept),
    ],
    ids=[
        "figures move during a freeze",
        "lines are left out",
        "batches are paid again",
        "the consignor's account is not debited",
    ],
)
def test_the_search_can_fail(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises((AssertionError, KeyError)):
        act_out_all()
