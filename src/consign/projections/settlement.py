"""What settling a sale now would come to, from the rows of the books: nothing is computed that they do not say."""

from collections.abc import Iterable

from msgspec import Struct

from consign.domain.commission import CommissionRule
from consign.projections.books.rows import ConsignorRow, TotalsRow


class CommissionPart(Struct, frozen=True):
    """What was rounded at once: `rule` on `items_sold` items for `gross_minor`."""

    rule: CommissionRule
    gross_minor: int
    items_sold: int
    commission_minor: int


class ConsignorPreview(Struct, frozen=True):
    """One consignor's figures; below zero the consignor owes the net.

    `net = gross - commission - commission tax - fees + fees paid + given`, before payouts; `given_minor` is what was
    adjusted, brought forward and borne, less what statements leave to charity: what is only pledged still counts.
    `stated_minor` is what the statements say that stand, `paid_out_minor` what was paid, carried or given up of it.
    """

    participation: str
    number: int
    items_sold: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    net_minor: int
    stated_minor: int
    paid_out_minor: int
    commission_parts: tuple[CommissionPart, ...]


class SettlementPreview(Struct, frozen=True):
    """The whole sale; the figures of the consignors add up to those of the sale."""

    sale: str
    currency: str
    items_sold: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    net_minor: int
    stated_minor: int
    paid_out_minor: int
    consignors: tuple[ConsignorPreview, ...]


class FiguresDisagree(Exception):
    """The consignors' figures do not add up to the sale's: the rows are not of one position, or the books are wrong."""

    def __init__(self, sale: str) -> None:
        super().__init__(f"the consignors of sale {sale} do not add up to its totals")


def preview(totals: TotalsRow, consignors: Iterable[ConsignorRow]) -> SettlementPreview:
    """Preview the settlement from all rows of one sale at one position, by number; raises FiguresDisagree."""
    previews = tuple(consignor_preview(row) for row in sorted(consignors, key=lambda row: row.number))
    settled = SettlementPreview(
        sale=totals.sale,
        currency=totals.currency,
        items_sold=sum(each.items_sold for each in previews),
        gross_minor=sum(each.gross_minor for each in previews),
        commission_minor=sum(each.commission_minor for each in previews),
        commission_tax_minor=sum(each.commission_tax_minor for each in previews),
        fees_minor=sum(each.fees_minor for each in previews),
        fees_paid_minor=sum(each.fees_paid_minor for each in previews),
        given_minor=sum(each.given_minor for each in previews),
        net_minor=sum(each.net_minor for each in previews),
        stated_minor=sum(each.stated_minor for each in previews),
        paid_out_minor=sum(each.paid_out_minor for each in previews),
        consignors=previews,
    )
    if settled.net_minor != totals.net_minor or settled.items_sold != totals.items_sold:
        raise FiguresDisagree(totals.sale)
    return settled


def consignor_preview(row: ConsignorRow) -> ConsignorPreview:
    """Preview one consignor's settlement."""
    return ConsignorPreview(
        participation=row.participation,
        number=row.number,
        items_sold=row.items_sold,
        gross_minor=row.gross_minor,
        commission_minor=row.commission_minor,
        commission_tax_minor=row.commission_tax_minor,
        fees_minor=row.fees_minor,
        fees_paid_minor=row.fees_paid_minor,
        given_minor=row.adjustments_minor + row.brought_minor + row.borne_minor - row.donated_minor,
        net_minor=row.net_minor,
        stated_minor=row.stated_minor,
        paid_out_minor=row.paid_out_minor,
        commission_parts=tuple(
            CommissionPart(unit.rule, unit.gross_minor, unit.count, unit.commission_minor)
            for _, unit in sorted(row.sold.units.items())
        ),
    )
