"""What a sale that was made offline should have come to by the sale's rules, beside what its till computed.

Windows, tax and surcharge follow from rules and are computed again; a discount by hand is somebody's decision, and only
has to be the sum of those that are named. The shopper has paid what the till says: a difference is told, and changes
nothing but who bears it, see `consign.domain.turns.offline_lines`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from consign.domain.amounts import tax_on_top_minor
from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.offline_events import Difference
from consign.domain.offline_commands import OfflineLine, OfflineSale
from consign.domain.sale import SaleSettings
from consign.domain.session.events import BasketLine
from consign.domain.session.totals import as_paid
from consign.domain.turns.windows import in_window
from consign.domain.values import ParticipationId, TagCode


def differences(
    given: OfflineSale, sold: Mapping[int, ItemListed], settings: SaleSettings, sold_at: datetime
) -> tuple[Difference, ...]:
    """Return what the till computed otherwise; `sold` are the items by the index of the line that sells them.

    Lines that sell nothing here are taken as they are: nobody knows yet what they were.
    """
    computed = as_paid(
        tuple(_by_rules(line, sold.get(index), settings) for index, line in enumerate(given.lines)),
        None,
        settings.surcharge,
    )
    found: list[Difference] = []
    for index, (line, right) in enumerate(zip(given.lines, computed, strict=True)):
        if line.tag is not None and index not in sold:
            continue
        found += _discounts(index, line, sold.get(index), settings, sold_at)
        found += _differing(index, "tax", line.tax_minor, right.tax_minor)
        if line.tax_minor == right.tax_minor:
            found += _differing(index, "tax_on_top", tax_on_top_minor(line), tax_on_top_minor(right))
        found += _differing(index, "surcharge", line.surcharge_minor, right.surcharge_minor)
    return tuple(found)


def window_minor(
    line: OfflineLine, listed: ItemListed, settings: SaleSettings, sold_at: datetime
) -> dict[Literal["consignor", "organizer"], int]:
    """Return what the windows that were open when it was sold take off what the till asked, by who bears it."""
    asked_minor = _asked(line)
    priced = in_window(
        BasketLine(
            listed.tag, listed.participation, listed.consignor, listed.category, listed.description, asked_minor
        ),
        listed,
        settings,
        sold_at,
    )
    return {"consignor": asked_minor - priced.price_minor, "organizer": priced.discount_minor}


def granted_minor(line: OfflineLine) -> int:
    """Return what the till took off at the consignor's expense."""
    return _asked(line) - line.price_minor


def _discounts(
    index: int, line: OfflineLine, listed: ItemListed | None, settings: SaleSettings, sold_at: datetime
) -> list[Difference]:
    named_minor = sum(each.amount_minor for each in line.discounts if each.borne_by == "organizer")
    found = _differing(index, "discount", line.discount_minor, named_minor)
    if listed is None:
        return found
    right = window_minor(line, listed, settings, sold_at)
    by_window = sum(each.amount_minor for each in line.discounts if (each.kind, each.borne_by) == _ORGANIZERS_WINDOW)
    return [
        *found,
        *_differing(index, "window", granted_minor(line), right["consignor"]),
        *_differing(index, "window_of_organizer", by_window, right["organizer"]),
    ]


_ORGANIZERS_WINDOW = ("window", "organizer")


def _differing(
    index: int,
    part: Literal["discount", "window", "window_of_organizer", "tax", "tax_on_top", "surcharge"],
    told_minor: int,
    computed_minor: int,
) -> list[Difference]:
    return [] if told_minor == computed_minor else [Difference(index, part, told_minor, computed_minor)]


def _by_rules(line: OfflineLine, listed: ItemListed | None, settings: SaleSettings) -> BasketLine:
    """Return the line without its shares, at the rate that its category has."""
    bare = BasketLine(
        TagCode(""),
        ParticipationId(""),
        0,
        line.category if listed is None else listed.category,
        "",
        line.price_minor,
        discount_minor=line.discount_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        tax_included=line.tax_included,
    )
    if line.tag is not None and listed is None:
        return bare
    rule = settings.tax_on(bare.category)
    return replace(bare, tax_rate_ppm=rule.rate_ppm, tax_included=rule.included and rule.rate_ppm > 0)


def _asked(line: OfflineLine) -> int:
    return line.price_minor if line.asked_minor is None else line.asked_minor
