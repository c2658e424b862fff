"""Acts at drop-off and pick-up, made of whole numbers; and what must hold of what is on the floor and what is gone."""

from typing import Any

from msgspec import Struct

from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.events import ItemHeld, ItemRefused, ItemsCheckedIn, ItemsRefunded, ItemsSold, ItemsWithdrawn
from consign.domain.ledger.floor_commands import (
    ApplyShelfCount,
    CloseDonations,
    CollectConsignor,
    CollectItems,
    CountShelf,
    DonateItems,
    DonateRest,
    DropShelfCount,
    FindItems,
    LoseItems,
    MissItems,
    ReopenDonations,
    UndoCheckIn,
)
from consign.domain.ledger.floor_events import (
    CountId,
    DonationsClosed,
    DonationsReopened,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
)
from consign.domain.ledger.item_events import ItemRetagged
from consign.domain.ledger.manual_lines import ManualLineMatched
from consign.domain.ledger.state import Collected, Donated, Ledger, Lost, Missing, NotBrought
from consign.domain.values import SaleId, TagCode

_COUNTING = ("count", "apply", "drop-count")
ACTS = (
    "undo",
    "collect",
    "collect-all",
    "donate",
    "donate-rest",
    "close-donations",
    "reopen-donations",
    "miss",
    "lose",
    "find",
    "find",
    "find",
    *_COUNTING,
)
WITHOUT_MONEY = tuple(act for act in ACTS if act not in ("lose", "find"))
RULES = (FloorRules(late_fee_minor=150), FloorRules(lost="in_full"), FloorRules(lost="nothing", late_fee_minor=35))
_COUNT = "01900000-0000-7000-8000-0000000007{:02}"


def did(act: str, sale: SaleId, tags: tuple[str, str], everything: tuple[str, ...], consignor: int, how: int) -> Struct:
    """Return the command that the act and its numbers stand for; mostly what is gone comes back all at once."""
    if act in _COUNTING:
        return _counted(act, sale, everything if how % 3 else tags, how)
    match act:
        case "undo":
            return UndoCheckIn(sale, tags)
        case "collect":
            return CollectItems(sale, tags)
        case "collect-all":
            return CollectConsignor(sale, consignor)
        case "donate":
            return DonateItems(sale, tags)
        case "donate-rest":
            return DonateRest(sale)
        case "close-donations" | "reopen-donations":
            return CloseDonations(sale) if act.startswith("close") else ReopenDonations(sale, "more")
        case "miss":
            return MissItems(sale, tags)
        case "lose":
            return LoseItems(sale, tags)
        case _:
            return FindItems(sale, everything if how % 3 else tags)


def _counted(act: str, sale: SaleId, tags: tuple[str, ...], how: int) -> Struct:
    count = CountId(_COUNT.format(how % 2))
    match act:
        case "count":
            return CountShelf(sale, count, f"rack {how % 3}", tags)
        case "apply":
            return ApplyShelfCount(sale, count)
        case _:
            return DropShelfCount(sale, count)


class FloorWitness:
    """Watches what leaves the floor, and what the organizer owes for what was lost."""

    def __init__(self) -> None:
        self._gone: dict[TagCode, type] = {}
        self._not_brought: set[TagCode] = set()
        self._closed = False
        self.made_good: dict[TagCode, int] = {}
        self.like_sales = 0

    def watch(self, event: Any) -> None:
        self._watch_brought(event)
        self._watch_donations(event)
        match event:
            case ItemsCollected(items=items):
                self._gone |= {item.tag: Collected for item in items}
            case ItemsDonated(items=items):
                self._gone |= {item.tag: Donated for item in items}
            case ItemsMissed(items=items):
                self._gone |= {item.tag: Missing for item in items}
            case ItemsLost(items=lost, made_good=how):
                self._gone |= {item.tag: Lost for item in lost}
                self.made_good |= {item.tag: item.gross_minor for item in lost}
                self.like_sales += len(lost) if how == "less_commission" else 0
            case ItemsFound(items=found):
                for back in found:
                    del self._gone[back.tag]
                    assert self.made_good.pop(back.tag, 0) == back.gross_minor, f"{back.tag} keeps what it was paid"
                    self.like_sales -= back.made_good == "less_commission"
            case ItemsSold() | ItemsRefunded():
                assert not self._gone.keys() & {line.tag for line in event.lines}, "what is gone was sold or refunded"
            case _:
                pass

    def _watch_donations(self, event: Any) -> None:
        match event:
            case DonationsClosed(items=items):
                assert not self._closed, "a closed list was closed"
                assert items == sum(where is Donated for where in self._gone.values())
                self._closed = True
            case DonationsReopened():
                self._closed = False
            case ItemsDonated():
                assert not self._closed, "something joined a closed list"
            case ItemsCollected() | ItemsFound() if self._closed:
                assert not any(item.was == "donated" for item in event.items), "something left a closed list"
            case _:
                pass

    def _watch_brought(self, event: Any) -> None:
        match event:
            case ItemsNotBrought(items=items):
                told = {item.tag for item in items}
                assert not told & self._not_brought, "it was told twice that something was not brought"
                assert not told & self._gone.keys(), "what was there and is gone was never brought"
                self._not_brought |= told
            case ItemsAwaited() | ItemsCheckedIn() | ItemsWithdrawn():
                self._not_brought -= {item.tag for item in event.items}
            case ItemsSold(lines=lines):
                self._not_brought -= {line.tag for line in lines}
            case ItemHeld(tag=tag) | ItemRefused(tag=tag):
                self._not_brought.discard(tag)
            case ManualLineMatched(item=item):
                self._not_brought.discard(item.tag)
            case ItemRetagged(tag=tag, item=item) if tag in self._not_brought:
                self._not_brought = self._not_brought - {tag} | {item.tag}
            case _:
                pass

    def check(self, ledger: Ledger) -> None:
        """Raise AssertionError where the ledger contradicts what was watched."""
        gone = {
            tag: type(item.status)
            for tag, item in ledger.items.items()
            if isinstance(item.status, Collected | Donated | Missing | Lost)
        }
        assert gone == self._gone
        not_brought = {tag for tag, item in ledger.items.items() if isinstance(item.status, NotBrought)}
        assert not_brought == self._not_brought, "the ledger and the log disagree about what was not brought"
        lost = {tag: item.status.gross_minor for tag, item in ledger.items.items() if isinstance(item.status, Lost)}
        assert lost == self.made_good
