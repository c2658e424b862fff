"""One line as the ledger keeps it, made of the same parts wherever it comes from."""

from consign.domain.amounts import Amounts
from consign.domain.ledger.events import ItemListed, ManualLine, SoldLine
from consign.domain.session.events import BasketLine
from consign.domain.values import ParticipationId, TagCode


def sold_item(listed: ItemListed, amounts: Amounts, *, unchecked: bool) -> SoldLine:
    """Return an item's line."""
    return sold_line(
        listed.tag, listed.participation, listed.category, amounts, listed.list_number, unchecked=unchecked
    )


def sold_line(
    tag: TagCode,
    participation: ParticipationId,
    category: str,
    amounts: Amounts,
    list_number: int = 1,
    *,
    unchecked: bool = False,
) -> SoldLine:
    """Return a line with these parts."""
    return SoldLine(
        tag,
        participation,
        category,
        amounts.price_minor,
        list_number,
        unchecked,
        amounts.discount_minor,
        amounts.tax_minor,
        amounts.tax_rate_ppm,
        amounts.tax_included,
        amounts.surcharge_minor,
    )


def manual_line(line: BasketLine) -> ManualLine:
    """Return a line of a receipt that was typed in."""
    return ManualLine(
        line.tag,
        line.category,
        line.description,
        line.price_minor,
        line.consignor,
        line.discount_minor,
        line.tax_minor,
        line.tax_rate_ppm,
        line.tax_included,
        line.surcharge_minor,
    )
