"""The real rules as the demo uses them, and what it makes up within them."""

from collections import Counter

import pytest

from consign.demo.brought import items
from consign.demo.rules import goods, regulations, sale_settings, share_sold

KNOWN = {each.code: each for each in goods()}


def test_every_price_band_is_a_category() -> None:
    bands = sum((band.adult is not None) + (band.child is not None) for band in regulations().price_bands)
    assert sum(each.maximum_minor is not None for each in goods()) == bands
    assert (KNOWN["coat_adult"].minimum_minor, KNOWN["coat_adult"].maximum_minor) == (800, 3100)


def test_a_category_without_a_band_has_the_price_minimum_and_no_maximum() -> None:
    assert (KNOWN["soft_toy"].minimum_minor, KNOWN["soft_toy"].maximum_minor) == (100, None)


def test_every_quota_group_has_its_categories() -> None:
    groups = {each.quota_group for each in goods() if each.quota_group is not None}
    assert groups == set(regulations().quotas_per_list)
    assert {each.code for each in goods() if each.quota_group == "coat_or_jacket"} == {
        "coat_adult",
        "coat_child",
        "jacket_adult",
        "jacket_child",
    }


def test_the_settings_say_what_the_regulations_say() -> None:
    settings = sale_settings()
    assert settings["commission"]["default"] == {"rate_ppm": 200_000}
    assert (settings["fee_minor"], settings["fee_covers_lists"]) == (500, 2)
    assert len(settings["categories"]) == len(goods())
    categories = {category["code"]: category for category in settings["categories"]}
    assert categories["coat_child"]["quota_groups"] == ["coat_or_jacket", "clothing"]
    assert settings["quotas"]["clothing"] == regulations().clothing_items_per_list
    assert categories["pyjamas"]["lot"] == {"pieces_maximum": 3, "size_and_brand": True}


def test_about_a_third_was_sold_in_the_observed_sales() -> None:
    assert share_sold() == pytest.approx(0.322, abs=0.001)


def test_what_is_brought_keeps_to_bands_steps_and_quotas() -> None:
    brought = items(160, 2600, seed=7)
    assert len(brought) == 2600
    rules = regulations()
    lists: dict[tuple[int, int], list[str]] = {}
    for item in brought:
        kind = KNOWN[item.category]
        assert kind.minimum_minor <= item.price_minor <= (kind.maximum_minor or 10**9)
        assert item.price_minor % 50 == 0
        lists.setdefault((item.consignor, item.list_number), []).append(item.category)
    for categories in lists.values():
        assert len(categories) <= rules.items_per_list
        assert sum(KNOWN[code].is_clothing for code in categories) <= rules.clothing_items_per_list
        groups = Counter(KNOWN[code].quota_group for code in categories)
        assert all(groups[group] <= quota for group, quota in rules.quotas_per_list.items())


def test_the_same_seed_brings_the_same_things() -> None:
    assert items(20, 200, seed=3) == items(20, 200, seed=3)
    assert items(20, 200, seed=3) != items(20, 200, seed=4)


def test_too_few_consignors_for_so_many_items_are_refused() -> None:
    with pytest.raises(ValueError, match="by the regulations"):
        items(1, 200, seed=1)
