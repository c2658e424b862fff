"""What the tills of the demo share: the shop floor, baskets put aside, receipts that may come back, and the tally."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from random import Random

from msgspec import Struct, field

_TENS_MINOR = (500, 1000, 2000, 5000, 10_000)


class Aside(Struct, frozen=True):
    """A basket that was suspended at a till and waits for another one."""

    basket: str
    session: str
    till: str
    tags: tuple[str, ...]


class Bought(Struct, frozen=True):
    """A paid receipt whose buyer may come back."""

    receipt: str
    tags: tuple[str, ...]
    tender: str


class Tally(Struct):
    """What happened at the tills, as their cashiers saw it. `refusals` counts by the service's reason."""

    receipts: int = 0
    scans: int = 0
    removed: int = 0
    abandoned: int = 0
    suspended: int = 0
    recalled: int = 0
    voided: int = 0
    returned: int = 0
    reductions: int = 0
    split: int = 0
    unchecked: int = 0
    contested: int = 0
    refusals: Counter[str] = field(default_factory=Counter)


class Shop:
    """The floor of the sale: things lie there until a shopper takes them to a till."""

    def __init__(self, tags: Sequence[str], to_sell: int, random: Random) -> None:
        self._random = random
        self._floor = list(tags)
        self._lying = set(tags)
        random.shuffle(self._floor)
        self._to_sell = to_sell
        self.sold = 0
        self.carried: Counter[str] = Counter()
        self.aside: deque[Aside] = deque()
        self.bought: list[Bought] = []
        self.twins: deque[tuple[str, str]] = deque()
        self.tally = Tally()
        self.on_change: Callable[[], None] = lambda: None

    def count_sold(self, change: int) -> None:
        """Count what was sold, or came back when `change` is below zero."""
        self.sold += change
        self.on_change()

    def is_open(self) -> bool:
        """Whether shoppers still come: what is sold and what is on its way through the tills is not enough yet."""
        on_its_way = self.carried.total() + sum(len(aside.tags) for aside in self.aside)
        return self.sold + on_its_way < self._to_sell and bool(self._floor)

    def take(self, count: int) -> list[str]:
        """Take some things off the floor."""
        taken = self._floor[-count:]
        del self._floor[-count:]
        self._lying.difference_update(taken)
        return taken

    def put_back(self, tags: Sequence[str]) -> None:
        """Lay things back, each somewhere else than it was."""
        for tag in tags:
            if tag in self._lying:
                continue  # it was brought to two tills, and both gave it back
            self._lying.add(tag)
            self._floor.insert(self._random.randrange(len(self._floor) + 1), tag)

    def twin_for(self, till: str) -> str | None:
        """Return a tag that somebody takes to two tills at once, if one waits for a till other than its first."""
        for index, (tag, first_till) in enumerate(self.twins):
            if first_till != till:
                del self.twins[index]
                return tag
        return None

    def aside_for(self, till: str) -> Aside | None:
        """Return a basket to go on with that was put aside at another till."""
        for index, aside in enumerate(self.aside):
            if aside.till != till:
                del self.aside[index]
                return aside
        return None

    def somebody_returns(self) -> Bought | None:
        """Return a receipt whose buyer comes back; each comes back once at most."""
        if not self.bought:
            return None
        return self.bought.pop(self._random.randrange(len(self.bought)))


def cash_for(total_minor: int, random: Random) -> int:
    """Return what a shopper hands over: the amount itself, or the next round sum."""
    if random.random() < 0.2:  # noqa: PLR2004 - one in five has it ready
        return total_minor
    step = next((step for step in _TENS_MINOR if step >= total_minor / 4), _TENS_MINOR[-1])
    return -(-total_minor // step) * step
