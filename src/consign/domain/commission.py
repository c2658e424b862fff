"""What the organizer keeps of each sale: rules, what they round, and totals that can be kept up line by line."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.money import RoundingMode, share_ppm
from consign.domain.values import AmountMinor, Code, Ppm


class RoundingBasis(StrEnum):
    """What a commission is rounded over: each item, each list, or all that a consignor sold (per rule)."""

    ITEM = "item"
    LIST = "list"
    CONSIGNOR = "consignor"


class CommissionRule(Struct, frozen=True, gc=False, omit_defaults=True):
    """A rate, plus a fixed amount an item, kept between a minimum and a maximum.

    Minimum and maximum bound what is rounded at once: an item, a list or all of a consignor under this rule.
    """

    rate_ppm: Ppm
    fixed_minor: AmountMinor = 0
    minimum_minor: AmountMinor | None = None
    maximum_minor: AmountMinor | None = None


class CommissionSchedule(Struct, frozen=True):
    """The rules of a sale. The first that matches counts: the consignor's own, tier's, category's, the default.

    `tax_rate_ppm` is an optional tax on each consignor's whole commission, which the consignor bears.
    """

    default: CommissionRule
    by_category: Annotated[dict[Code, CommissionRule], Meta(max_length=500)] = {}
    by_tier: Annotated[dict[Code, CommissionRule], Meta(max_length=100)] = {}
    basis: RoundingBasis = RoundingBasis.CONSIGNOR
    mode: RoundingMode = RoundingMode.HALF_UP
    tax_rate_ppm: Ppm = 0


def rule_for(
    schedule: CommissionSchedule,
    own_rule: CommissionRule | None,
    tier: str | None,
    category: str,
    points_off_ppm: int = 0,
) -> CommissionRule:
    """Return the first rule that matches of consignor, tier, category, default, its rate less the points."""
    rule = _matching(schedule, own_rule, tier, category)
    return replace(rule, rate_ppm=max(rule.rate_ppm - points_off_ppm, 0)) if points_off_ppm else rule


def _matching(
    schedule: CommissionSchedule, own_rule: CommissionRule | None, tier: str | None, category: str
) -> CommissionRule:
    if own_rule is not None:
        return own_rule
    if tier is not None and (by_tier := schedule.by_tier.get(tier)) is not None:
        return by_tier
    return schedule.by_category.get(category, schedule.default)


def commission_on(rule: CommissionRule, gross_minor: int, count: int, mode: RoundingMode) -> int:
    """Return the commission on what is rounded at once: `count` items that sold for `gross_minor` together."""
    if count == 0:
        return 0
    commission_minor = share_ppm(gross_minor, rule.rate_ppm, mode) + rule.fixed_minor * count
    if rule.minimum_minor is not None:
        commission_minor = max(commission_minor, rule.minimum_minor)
    if rule.maximum_minor is not None:
        commission_minor = min(commission_minor, rule.maximum_minor)
    return commission_minor


def commission_tax_on(schedule: CommissionSchedule, commission_minor: int) -> int:
    """Return the tax on all of one consignor's commission, rounded once."""
    return share_ppm(commission_minor, schedule.tax_rate_ppm, schedule.mode)


class Change(Struct, frozen=True, gc=False):
    """A sold item's gross (its price without the tax in it) before and after: None where it is not sold."""

    category: str
    before_minor: int | None
    after_minor: int | None
    list_number: int = 1


class Unit(Struct, frozen=True, gc=False):
    """What is rounded at once: one rule of one consignor (and list); item by item it only adds up."""

    rule: CommissionRule
    gross_minor: int
    count: int
    commission_minor: int


class Totals(Struct, frozen=True):
    """What one consignor sold in one sale, kept up change by change; storable beside a read model's row."""

    units: dict[str, Unit] = {}
    gross_minor: int = 0
    count: int = 0
    commission_minor: int = 0
    commission_tax_minor: int = 0


NOTHING_SOLD = Totals()


def after(
    totals: Totals,
    schedule: CommissionSchedule,
    own_rule: CommissionRule | None,
    tier: str | None,
    changes: Iterable[Change],
    points_off_ppm: int = 0,
) -> Totals:
    """Return the totals after the changes; the commission moves by recomputed total less old total."""
    units = dict(totals.units)
    for change in changes:
        rule = rule_for(schedule, own_rule, tier, change.category, points_off_ppm)
        key = _unit_key(rule, schedule.basis, change.list_number)
        unit = _changed(units.get(key) or Unit(rule, 0, 0, 0), change, schedule)
        if unit.count:
            units[key] = unit
        else:
            units.pop(key, None)
    commission_minor = sum(unit.commission_minor for unit in units.values())
    return Totals(
        units,
        sum(unit.gross_minor for unit in units.values()),
        sum(unit.count for unit in units.values()),
        commission_minor,
        commission_tax_on(schedule, commission_minor),
    )


def _unit_key(rule: CommissionRule, basis: RoundingBasis, list_number: int) -> str:
    # Two rules that say the same are one rate, wherever they were found: it is rounded once.
    said = f"{rule.rate_ppm}:{rule.fixed_minor}:{rule.minimum_minor}:{rule.maximum_minor}"
    return f"{list_number}/{said}" if basis is RoundingBasis.LIST else said


def _changed(unit: Unit, change: Change, schedule: CommissionSchedule) -> Unit:
    before, after_minor, rule, mode = change.before_minor, change.after_minor, unit.rule, schedule.mode
    gross_minor = unit.gross_minor + (after_minor or 0) - (before or 0)
    count = unit.count + (after_minor is not None) - (before is not None)
    if schedule.basis is not RoundingBasis.ITEM:
        return Unit(rule, gross_minor, count, commission_on(rule, gross_minor, count, mode))
    commission_minor = unit.commission_minor
    if before is not None:
        commission_minor -= commission_on(rule, before, 1, mode)
    if after_minor is not None:
        commission_minor += commission_on(rule, after_minor, 1, mode)
    return Unit(rule, gross_minor, count, commission_minor)
