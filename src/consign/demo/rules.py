"""The real rules of one sale, as the settings of a sale here and as limits for what consignors bring."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct

PRICE_STEP_MINOR = 50

# The regulations name quota groups in words of their own; this says which categories each of them counts.
_QUOTA_GROUPS: Mapping[str, Sequence[str]] = {
    "coat_or_jacket": ("coat", "jacket"),
    "handbag": ("handbag",),
    "scarf": ("scarf",),
    "cot_bumper": ("cot_bumper",),
    "soft_toy": ("soft_toy",),
    "adult_book": ("adult_book",),
}
_CLOTHING = "clothing"
_NOT_CLOTHING = ("pushchair", "handbag", "cot_bumper", "soft_toy", "adult_book")


class PriceBand(Struct, frozen=True):
    category: str
    adult: tuple[str, str] | None
    child: tuple[str, str] | None


class Lot(Struct, frozen=True):
    """Several things sold as one item."""

    categories: tuple[str, ...]
    items_max: int
    same_size_and_brand: bool


class ObservedSales(Struct, frozen=True):
    sold_of_brought: tuple[tuple[int, int], ...]


class Regulations(Struct, frozen=True):
    """What the demo uses of the regulations; amounts are decimal texts in `currency`."""

    credit: str
    currency: str
    participation_fee: str
    fee_covers_lists: int
    commission_percent: int
    lists_per_consignor: int
    items_per_list: int
    clothing_items_per_list: int
    price_min: str
    quotas_per_list: dict[str, int]
    lots: tuple[Lot, ...]
    price_bands: tuple[PriceBand, ...]
    refused: tuple[str, ...]
    observed_sales: ObservedSales


class Goods(Struct, frozen=True):
    """A category of things, and the prices that the regulations allow for it."""

    code: str
    name: str
    minimum_minor: int
    maximum_minor: int | None
    quota_group: str | None
    is_clothing: bool
    lot_of_up_to: int = 1
    lot_same_size_and_brand: bool = False


@cache
def regulations() -> Regulations:
    text = (resources.files("consign.demo") / "bourse_rules.json").read_bytes()
    return msgspec.json.decode(text, type=Regulations)


@cache
def goods() -> Sequence[Goods]:
    """Return every category: those with a price band, and those that only a quota or a lot rule names."""
    rules = regulations()
    lots = {category: lot for lot in rules.lots for category in lot.categories}
    banded = [
        _goods(f"{code(band.category)}_{age}", f"{band.category} ({age})", prices, lots)
        for band in rules.price_bands
        for age, prices in _ages(band)
    ]
    with_band = {code(band.category) for band in rules.price_bands}
    others = [category for group in _QUOTA_GROUPS.values() for category in group if category not in with_band]
    return (*banded, *(_goods(name, name.replace("_", " "), None, lots) for name in (*others, *lots)))


def _ages(band: PriceBand) -> Iterator[tuple[str, tuple[str, str]]]:
    if band.adult is not None:
        yield "adult", band.adult
    if band.child is not None:
        yield "child", band.child


def _goods(key: str, name: str, prices: tuple[str, str] | None, lots: Mapping[str, Lot]) -> Goods:
    minimum, maximum = prices or (regulations().price_min, None)
    kind = key.removesuffix("_adult").removesuffix("_child")
    lot = lots.get(key)
    group = next((group for group, members in _QUOTA_GROUPS.items() if kind in members), None)
    return Goods(
        code=key,
        name=name,
        minimum_minor=minor(minimum),
        maximum_minor=None if maximum is None else minor(maximum),
        quota_group=group,
        is_clothing=kind not in _NOT_CLOTHING,
        lot_of_up_to=1 if lot is None else lot.items_max,
        lot_same_size_and_brand=lot is not None and lot.same_size_and_brand,
    )


def sale_settings() -> dict[str, Any]:
    """Return the rules as the settings of a sale, in the form the service takes them."""
    rules = regulations()
    return {
        "commission": {
            "default": {"rate_ppm": rules.commission_percent * 10_000},
            "basis": "consignor",
            "mode": "half_up",
        },
        "categories": [_category(each) for each in goods()],
        "price_step_minor": PRICE_STEP_MINOR,
        "price_minimum_minor": minor(rules.price_min),
        "refused": list(rules.refused),
        "quotas": {**rules.quotas_per_list, _CLOTHING: rules.clothing_items_per_list},
        "items_per_list": rules.items_per_list,
        "lists_per_consignor": rules.lists_per_consignor,
        "fee_minor": minor(rules.participation_fee),
        "fee_covers_lists": rules.fee_covers_lists,
        "unsold_policy": "collect_else_donate",
        "terms_version": "2025-09-23",
        "place": "Plaisance-du-Touch",
    }


def _category(each: Goods) -> dict[str, Any]:
    category: dict[str, Any] = {"code": each.code, "name": each.name, "price_minimum_minor": each.minimum_minor}
    if each.maximum_minor is not None:
        category["price_maximum_minor"] = each.maximum_minor
    groups = [group for group in (each.quota_group, _CLOTHING if each.is_clothing else None) if group is not None]
    if groups:
        category["quota_groups"] = groups
    if each.lot_of_up_to > 1:
        category["lot"] = {"pieces_maximum": each.lot_of_up_to, "size_and_brand": each.lot_same_size_and_brand}
    return category


def share_sold() -> float:
    """Return which part of what was brought the observed sales sold."""
    observed = regulations().observed_sales.sold_of_brought
    return sum(sold for sold, _ in observed) / sum(brought for _, brought in observed)


def code(name: str) -> str:
    """Return a category's key: small letters, digits and underscores."""
    return name.lower().replace(" ", "_").replace("-", "_")


def minor(amount: str) -> int:
    """Return an amount with two decimals in minor units."""
    return int(Decimal(amount) * 100)
