"""What consignors leave to charity in the simulator, reckoned once more from what they said and what is sold."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

from consign.domain.charity_commands import PayCharity, PledgeProceeds
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, WishesChanged
from consign.domain.participation.events import ProceedsPledged
from consign.domain.settlement.events import BalanceBroughtForward
from consign.domain.values import AccountId, Actor, ParticipationId, SaleId
from tests.domain.simulator.reckoning import Reckoning

ACTS = ("pledge", "pay-charity")
_SHARES_PPM = (0, 333_333, 500_000, 1_000_000)


def command(act: str, sale: SaleId, participation: ParticipationId, how: int) -> Struct:
    """Return what is asked of charity."""
    match act:
        case "pledge":
            actor = Actor(AccountId("olga"), "organizer")
            share_ppm = _SHARES_PPM[how % len(_SHARES_PPM)]
            return PledgeProceeds(participation, share_ppm, actor, "flagged" if how % 3 else "everything")
        case _:
            return PayCharity(sale, f"transfer {how}", None if how % 3 else how + 1)


class Pledges:
    """Folds events; knows who pledged what, and which things are flagged."""

    def __init__(self) -> None:
        self._pledged: dict[ParticipationId, ProceedsPledged] = {}
        self._brought: dict[ParticipationId, int] = {}
        self._flagged: set[str] = set()

    def watch(self, event: Any) -> None:
        """Take note of the event."""
        match event:
            case ProceedsPledged(participation=participation):
                self._pledged[participation] = event
            case BalanceBroughtForward(participation=participation, amount_minor=amount_minor):
                self._brought[participation] = self._brought.get(participation, 0) + amount_minor
            case ItemListed(tag=tag, donate=donate):
                self._flag(tag, donate)
            case ItemChanged(item=item) | ItemRetagged(item=item):
                self._flag(item.tag, item.donate)
            case WishesChanged(items=items):
                for wishes in items:
                    self._flag(wishes.tag, wishes.donate)
            case _:
                pass

    def _flag(self, tag: str, flagged: Any) -> None:
        if flagged:
            self._flagged.add(tag)
        else:
            self._flagged.discard(tag)

    def donation_minor(self, participation: ParticipationId, reckoning: Reckoning) -> int:
        """Return what a statement made now leaves to charity."""
        pledged = self._pledged.get(participation)
        if pledged is None:
            return 0
        net_minor = reckoning.net_minor(participation)
        if pledged.of == "everything":
            proceeds_minor = net_minor - self._brought.get(participation, 0)
        else:
            proceeds_minor = net_minor - reckoning.net_minor(participation, frozenset(self._flagged))
        wanted = Decimal(proceeds_minor) * pledged.share_ppm / 1_000_000
        return max(0, min(int(wanted.quantize(Decimal(1), ROUND_HALF_UP)), net_minor))
