"""Searches where tills go away and come back: what they sold is in the log once, and nothing is lost of it."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.ledger.offline_events import ConflictFound, OfflineSaleReceived
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.turns import offline_lines
from consign.domain.turns.receiving import Receiving
from tests.domain.simulator.offline import OFFLINE_ACTS, OfflineWorld
from tests.domain.simulator.world import Step, steps_of

SEEDS, STEPS = 20, 200
STEP = st.builds(
    Step, st.sampled_from(sorted(set(OFFLINE_ACTS))), st.integers(0, 5), st.integers(0, 30), st.integers(0, 200)
)


def acted_out(seed: int) -> OfflineWorld:
    world = OfflineWorld(seed)
    world.run(steps_of(seed, STEPS, OFFLINE_ACTS))
    world.come_back()
    return world


@given(st.integers(0, 2), st.lists(STEP, max_size=40))
def test_no_sequence_of_going_away_and_coming_back_breaks_a_promise(basis: int, steps: list[Step]) -> None:
    world = OfflineWorld(basis)
    world.run(steps)
    world.come_back()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_that_was_sold_offline_is_in_the_log_once(seed: int) -> None:
    world = acted_out(seed)
    received = Counter(event.upload for event in world.log.events_of(OfflineSaleReceived))
    assert received == Counter(world.uploads)
    world.check_replay()


def test_the_search_reaches_conflicts_and_oddities_of_every_kind_it_can_make() -> None:
    reached = Counter[str]()
    for seed in range(SEEDS):
        log = acted_out(seed).log
        reached.update(event.kind for event in log.events_of(ConflictFound))
        reached.update(flag.kind for event in log.events_of(OfflineSaleReceived) for flag in event.anomalies)
        reached.update("supplement" for _ in log.events_of(SessionSupplemented))
    expected = {
        *("sold_twice", "not_for_sale", "wrong_sale", "price_differs", "session_closed"),
        *("receipt_gap", "receipt_out_of_order", "receipt_reused", "supplement"),
    }
    assert expected <= reached.keys()


def _act_all_out() -> None:
    for seed in range(SEEDS):
        acted_out(seed)


def _everything_is_for_sale(item: Any) -> Any:
    return item


def _always_as_printed(here: Receiving, counter: int) -> Any:
    return f"{here.session.till}-{counter}", ()


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (offline_lines, "_for_sale", _everything_is_for_sale),
        (Receiving, "_numbered", _always_as_printed),
    ],
    ids=["sold things are sold again", "numbers are not looked at"],
)
def test_the_search_can_fail(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Any) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises((AssertionError, KeyError)):
        _act_all_out()
