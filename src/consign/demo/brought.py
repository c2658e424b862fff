"""Who brings what to the demo's sale: made up from a seed, within the regulations."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from msgspec import Struct

from consign.demo.rules import PRICE_STEP_MINOR, Goods, goods, regulations

_FIRST_NAMES = (
    "Agathe",
    "Amira",
    "Boris",
    "Camille",
    "Chloé",
    "Diego",
    "Élise",
    "Farid",
    "Hugo",
    "Inès",
    "Karim",
    "Léa",
)
_LAST_NAMES = ("Arnaud", "Bernard", "Caron", "Dubois", "Faure", "Garnier", "Lambert", "Moreau", "Noël", "Roux", "Vidal")
_COLOURS = ("blue", "green", "grey", "red", "striped", "white", "yellow")
_BRANDS = ("Aubépine", "Colibri", "Mistral", "Ouistiti")
_SIZES = ("3 months", "12 months", "3 years", "6 years", "10 years", "S", "M", "L")
_PRICE_WITHOUT_BAND_MAX_MINOR = 1500
_PUSHCHAIR_WEIGHT = 0.1


class Consignor(Struct, frozen=True):
    number: int
    name: str
    email: str


class Brought(Struct, frozen=True):
    """One item as its consignor lists it."""

    consignor: int
    number: int
    list_number: int
    category: str
    description: str
    price_minor: int
    pieces: int = 1
    size: str = ""
    brand: str = ""


def consignors(count: int, seed: int) -> Sequence[Consignor]:
    """Return consignors numbered from 1; their addresses lie in a domain that is reserved for examples."""
    random = Random(f"consignors-{seed}")
    return [
        Consignor(
            number,
            f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}",
            f"consignor{number}@example.org",
        )
        for number in range(1, count + 1)
    ]


def items(consignors_count: int, count: int, seed: int) -> Sequence[Brought]:
    """Return `count` items spread over the consignors, each list within its quotas.

    Raises ValueError where the regulations do not let so few consignors bring so much.
    """
    random = Random(f"items-{seed}")
    lists = {
        (number, list_number): _List(number, list_number, random)
        for number in range(1, consignors_count + 1)
        for list_number in range(1, regulations().lists_per_consignor + 1)
    }
    numbers: Counter[int] = Counter()
    brought: list[Brought] = []
    open_lists = sorted(lists)
    while len(brought) < count:
        if not open_lists:
            raise ValueError(f"{consignors_count} consignors may bring {len(brought)} items at most by the regulations")
        key = random.choice(open_lists)
        each = lists[key].another()
        if each is None:
            open_lists.remove(key)
            continue
        numbers[key[0]] += 1
        brought.append(_item(key, numbers[key[0]], each, random))
    return brought


class _List:
    """One list of one consignor, and what still fits on it."""

    def __init__(self, consignor: int, list_number: int, random: Random) -> None:
        self.key = (consignor, list_number)
        self._random = random
        self._length = 0
        self._clothes = 0
        self._groups: Counter[str] = Counter()

    def another(self) -> Goods | None:
        """Return a category that still fits on the list, and count it; None when the list is full."""
        fitting = [each for each in goods() if self._fits(each)]
        if not fitting:
            return None
        weights = [_PUSHCHAIR_WEIGHT if each.code.startswith("pushchair") else 1.0 for each in fitting]
        (each,) = self._random.choices(fitting, weights)
        self._length += 1
        self._clothes += each.is_clothing
        if each.quota_group is not None:
            self._groups[each.quota_group] += 1
        return each

    def _fits(self, each: Goods) -> bool:
        rules = regulations()
        if self._length >= rules.items_per_list:
            return False
        if each.is_clothing and self._clothes >= rules.clothing_items_per_list:
            return False
        group = each.quota_group
        return group is None or self._groups[group] < rules.quotas_per_list[group]


def _item(key: tuple[int, int], number: int, each: Goods, random: Random) -> Brought:
    top = each.maximum_minor or _PRICE_WITHOUT_BAND_MAX_MINOR
    # Most things cost little: the lower of two draws.
    price_minor = min(random.randint(each.minimum_minor, top) for _ in range(2))
    price_minor = max(each.minimum_minor, price_minor - price_minor % PRICE_STEP_MINOR)
    pieces = random.randint(1, each.lot_of_up_to)
    size = random.choice(_SIZES) if each.is_clothing else ""
    brand = random.choice(_BRANDS) if each.is_clothing else ""
    what = f"{each.name}, {random.choice(_COLOURS)}"
    return Brought(key[0], number, key[1], each.code, what, price_minor, pieces, size, brand)


def as_row(item: Brought, row: int) -> dict[str, Any]:
    """Return the item as a row of a JSON import."""
    return {
        "row": row,
        "consignor": item.consignor,
        "number": item.number,
        "list_number": item.list_number,
        "category": item.category,
        "description": item.description,
        "price_minor": item.price_minor,
        "pieces": item.pieces,
        "size": item.size,
        "brand": item.brand,
    }
