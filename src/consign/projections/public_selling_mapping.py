"""What integrators are told of items that are sold, voided and refunded, and of what was sold without a tag."""

from collections.abc import Sequence

from consign.domain.ledger.events import (
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
)
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.projections import public_selling_events as public

type Traded = ItemsSold | ItemsReleasedByVoid | ItemsRefunded
type Resolved = ManualLineMatched | ManualLineCredited | ManualLineKept

SELLING = frozenset(
    {
        "items-sold",
        "items-released-by-void",
        "items-refunded",
        "manual-line-matched",
        "manual-line-credited",
        "manual-line-kept",
    }
)


def traded(event: Traded, currency: str) -> Sequence[public.SellingData]:
    """Map one internal event to what is published of it, line by line; `currency` is the sale's."""
    match event:
        case ItemsSold():
            return _sold(event, currency)
        case ItemsReleasedByVoid():
            return [
                public.ItemSaleVoided(
                    event.sale, line.tag, line.participation, line.category, line.price_minor, currency, event.receipt
                )
                for line in event.lines
            ]
        case ItemsRefunded():
            return _refunded(event, currency)


def resolved(event: Resolved, currency: str) -> public.SellingData:
    """Map what became of a line without a tag."""
    match event:
        case ManualLineMatched(item=item):
            return public.ManualLineMatched(
                sale=event.sale,
                receipt=event.receipt,
                tag=item.tag,
                participation=item.participation,
                category=item.category,
                price_minor=item.price_minor,
                currency=currency,
                till=event.till,
                sold_at=event.sold_at,
            )
        case ManualLineCredited(credited=credited):
            return public.ManualLineCredited(
                event.sale, event.receipt, credited.participation, credited.category, credited.price_minor, currency
            )
        case ManualLineKept(kept=kept):
            return public.ManualLineKept(event.sale, event.receipt, kept.price_minor, currency)


def _sold(event: ItemsSold, currency: str) -> Sequence[public.SellingData]:
    return [
        public.ItemSold(
            sale=event.sale,
            tag=line.tag,
            participation=line.participation,
            category=line.category,
            price_minor=line.price_minor,
            currency=currency,
            receipt=event.receipt,
            sale_sequence=event.sale_sequence,
            till=event.till,
            unchecked=line.unchecked,
            sold_at=event.sold_at,
            discount_minor=line.discount_minor,
        )
        for line in event.lines
    ]


def _refunded(event: ItemsRefunded, currency: str) -> Sequence[public.SellingData]:
    return [
        public.ItemRefunded(
            sale=event.sale,
            tag=line.tag,
            participation=line.participation,
            category=line.category,
            price_minor=line.price_minor,
            refund_minor=line.refund_minor,
            currency=currency,
            receipt=event.receipt,
            refund=event.refund,
            returned_to=line.returned_to,
        )
        for line in event.lines
    ]
