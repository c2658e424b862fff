"""Discount windows: what a thing costs at the moment of its scan, and who bears the difference."""

from datetime import datetime

from msgspec.structs import replace

from consign.domain.ledger.events import ItemListed
from consign.domain.price_rules import reduced_minor
from consign.domain.sale import SaleSettings
from consign.domain.session.events import BasketLine, Discount


def in_window(line: BasketLine, listed: ItemListed, settings: SaleSettings, now: datetime) -> BasketLine:
    """Return the line as the best of the windows prices it that are open now; windows never stack."""
    price_minor = line.price_minor
    best_minor, best = price_minor, ""
    for window in settings.discount_windows:
        if window.is_open(now) and window.reduces(line.category, opted_in=listed.reduce):
            lowered_minor = reduced_minor(price_minor, window.rate_ppm, settings.discount_step_minor)
            if lowered_minor < best_minor:
                best_minor, best = lowered_minor, window.name
    off_minor = price_minor - best_minor
    if not off_minor:
        return line
    if listed.reduce:
        taken = Discount("window", off_minor, "consignor", best)
        return replace(line, price_minor=best_minor, asked_minor=price_minor, discounts=(taken,))
    taken = Discount("window", off_minor, "organizer", best)
    return replace(line, discount_minor=off_minor, discounts=(taken,))
