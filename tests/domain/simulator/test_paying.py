"""Searches where baskets are paid step by step, and where card providers answer, late or never."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from consign.domain.books import paying as books_of_paying
from consign.domain.payments import PaymentApproved, PaymentRefunded, PaymentsOwed, PaymentUnanswered
from consign.domain.session.events import BasketPaid, RefundPaid
from consign.domain.session.paying_events import PayingCancelled
from consign.domain.turns import asking_providers, paying
from tests.domain.simulator import paying as acts
from tests.domain.simulator.world import World, steps_of

ACTS = (
    *("scan",) * 6,
    "pay",
    *acts.ACTS,
    *("void",) * 3,
    *("refund",) * 5,
    "sell-voucher",
    *("wait",) * 6,
    *("timers",) * 3,
    "close",
    "open",
    "hand-over",
)
SEEDS, STEPS = 16, 400


def acted_out(seed: int) -> World:
    world = World(seed)
    world.run(steps_of(seed, STEPS, ACTS))
    return world


def test_no_money_is_forgotten_whatever_providers_say_and_when() -> None:
    reached = Counter[str]()
    for seed in range(SEEDS):
        world = acted_out(seed)
        world.check_replay()
        for emitted in world.log.events:
            reached.update(_reached(emitted.event))
    expected = {
        *("late", "in time", "unanswered", "given back", "cancelled with money"),
        *("owed: late", "owed: cancelled", "owed: void", "owed: refund"),
        *("receipt by provider", "receipt of several tenders", "refund by provider"),
    }
    assert expected - reached.keys() == set()


def _reached(event: Any) -> list[str]:
    match event:
        case PaymentApproved(late=late):
            return ["late" if late else "in time"]
        case PaymentUnanswered():
            return ["unanswered"]
        case PaymentRefunded():
            return ["given back"]
        case PaymentsOwed(cause=cause):
            return [f"owed: {cause}"]
        case PayingCancelled(tenders=tenders) if tenders:
            return ["cancelled with money"]
        case BasketPaid(tenders=tenders):
            by_provider = any(each.kind == "provider" for each in tenders)
            several = len([each for each in tenders if each.tender_id]) > 1
            return [*(["receipt by provider"] * by_provider), *(["receipt of several tenders"] * several)]
        case RefundPaid(tender="provider"):
            return ["refund by provider"]
        case _:
            return []


def _nothing_is_owed(*_: Any) -> tuple[()]:
    return ()


def _nobody_waited(*_: Any) -> list[Any]:
    return []


def _into_cash(_tender: Any, session: str) -> str:
    return f"cash/{session}"


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (asking_providers, "owed", _nothing_is_owed),
        (paying, "_waited_for", _nobody_waited),
        (books_of_paying, "account_of", _into_cash),
    ],
    ids=["late money is forgotten", "payments outlive their basket", "cards are posted as cash"],
)
def test_the_search_can_fail(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises((AssertionError, KeyError)):
        _act_out_all()


def _act_out_all() -> None:
    for seed in range(SEEDS):
        acted_out(seed)
