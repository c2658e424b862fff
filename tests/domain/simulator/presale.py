"""Presale in the simulator: baskets of groups, and what must hold of what is sold before the sale is live."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from consign.domain.presale import PresaleGroup
from consign.domain.sale import Phase, SalePhaseChanged
from consign.domain.session.commands import Scan
from consign.domain.session.events import BasketPaid, LineAdded
from consign.domain.session.paying_events import PayingBegun, PayingCancelled
from consign.domain.values import BasketId, SessionId
from tests.domain.log import OPENING

ACTS = ("presale", "presale", "presale")
GROUPS = (
    PresaleGroup("volunteers", OPENING, OPENING + timedelta(minutes=20)),
    PresaleGroup("families", OPENING + timedelta(minutes=5)),
)
_NAMES = (*(group.name for group in GROUPS), "nobody")


def asked(session: SessionId, basket: BasketId, tag: str, how: int) -> Struct:
    """Return a scan for somebody of a group."""
    return Scan(session, basket, tag, _NAMES[how % len(_NAMES)])


class PresaleWitness:
    """Watches whom each basket was opened for, and when it is paid."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._opened_for: dict[BasketId, set[str | None]] = {}
        self._begun_at: dict[BasketId, datetime] = {}

    def watch(self, event: Any) -> None:
        match event:
            case SalePhaseChanged(phase=phase):
                self._phase = phase
            case LineAdded(basket=basket, presale_group=group):
                self._opened_for.setdefault(basket, set()).add(group)
            case PayingBegun(basket=basket):  # who began to pay in time may finish
                self._begun_at[basket] = event.begun_at
            case PayingCancelled(basket=basket):
                self._begun_at.pop(basket, None)
            case BasketPaid(basket=basket) if basket in self._opened_for:
                assert event.presale_group in self._opened_for[basket], "a receipt is of a group that opened no basket"
                if self._phase is Phase.DROP_OFF:
                    hours = next(each for each in GROUPS if each.name == event.presale_group)
                    assert hours.is_open(self._begun_at.pop(basket, event.paid_at)), (
                        "somebody shopped before their time"
                    )
            case _:
                pass
