"""Receipts, refunds and voids as shoppers get them: what was paid for, the tax in it by rate, and how it was paid."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.papers.amounts import MINUS, Style
from consign.papers.slip import Element, Gap, Heading, Note, Pair, Paper, Rule, Square, Stamp, slip


class ReceiptLine(Struct, frozen=True):
    """`price_minor` is what the thing counts for, `asked_minor` what its tag says where that is more.

    The shopper pays price - discount + surcharge, and the tax on top where it is not included.
    """

    tag: str
    description: str
    price_minor: int
    asked_minor: int = 0
    discount_minor: int = 0
    surcharge_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = True

    @property
    def paid_minor(self) -> int:
        """What the shopper pays for the thing."""
        added_minor = 0 if self.tax_included else self.tax_minor
        return self.price_minor - self.discount_minor + added_minor + self.surcharge_minor


class TenderLine(Struct, frozen=True):
    """One payment; `reference` says which card or voucher."""

    kind: Literal["cash", "card", "provider", "voucher"]
    amount_minor: int
    reference: str = ""


class Receipt(Struct, frozen=True):
    """`total_minor` is the sum of the lines without cash rounding; `of_receipt` is what a refund gives back of.

    `letterhead` stands at the top (who sells, where, tax number), `footer` at the bottom. `link` is where the shopper
    sees the receipt and what became of it: what is scanned; without one it is the number.
    """

    kind: Literal["receipt", "refund"]
    number: str
    sale: str
    till: str
    printed_for: datetime
    lines: Sequence[ReceiptLine]
    tenders: Sequence[TenderLine]
    total_minor: int
    rounding_minor: int = 0
    change_minor: int = 0
    sale_sequence: int | None = None
    of_receipt: str = ""
    reason: str = ""
    voided: bool = False
    letterhead: Sequence[str] = ()
    footer: Sequence[str] = ()
    link: str = ""


class TaxTotal(Struct, frozen=True):
    """One rate's share of a receipt: what was paid at it without the tax, and the tax."""

    rate_ppm: int
    included: bool
    net_minor: int
    tax_minor: int


def tax_totals(lines: Sequence[ReceiptLine]) -> list[TaxTotal]:
    """Return the tax by rate, the highest first; lines without tax are left out."""
    found: dict[tuple[int, bool], tuple[int, int]] = {}
    for line in lines:
        if line.tax_rate_ppm:
            key = (line.tax_rate_ppm, line.tax_included)
            net, tax = found.get(key, (0, 0))
            included_minor = line.tax_minor if line.tax_included else 0
            net += line.price_minor - line.discount_minor - included_minor
            found[key] = (net, tax + line.tax_minor)
    return [TaxTotal(*key, *found[key]) for key in sorted(found, reverse=True)]


def receipt_paper(receipt: Receipt, style: Style, paper: Paper, refunds: Sequence[Receipt] = ()) -> bytes:
    """Return the receipt as a PDF, with these refunds of it below."""
    square = Square(receipt.link or receipt.number)
    elements = [*letterhead_elements(receipt), Gap(), *receipt_elements(receipt, style)]
    for refund in refunds:
        elements += [Gap(), Rule(), *receipt_elements(refund, style)]
    elements += [Gap(), square, *map(Note, receipt.footer)]
    return slip(receipt_title(receipt, style), elements, paper)


def receipt_title(receipt: Receipt, style: Style) -> str:
    """Return what a receipt or refund is called."""
    words = style.words
    return f"{words.receipt if receipt.kind == 'receipt' else words.refund} {receipt.number}"


def letterhead_elements(receipt: Receipt) -> list[Element]:
    """Return what stands at the top: who sells, and at which sale."""
    if not receipt.letterhead:
        return [Heading(receipt.sale)]
    first, *others = receipt.letterhead
    return [Heading(first), *map(Note, others), Note(receipt.sale)]


def receipt_elements(receipt: Receipt, style: Style) -> list[Element]:
    """Return what stands between the letterhead and what is scanned."""
    words = style.words
    elements: list[Element] = [Pair(receipt_title(receipt, style), style.moment(receipt.printed_for), small=True)]
    sequence = "" if receipt.sale_sequence is None else f"{words.number} {receipt.sale_sequence}"
    elements.append(Pair(f"{words.till} {receipt.till}", sequence, small=True))
    if receipt.of_receipt:
        elements.append(Pair(f"{words.refund} {words.of_receipt} {receipt.of_receipt}", small=True))
    if receipt.voided:
        elements.append(Stamp(words.void.upper()))
    if receipt.reason:
        elements.append(Note(f"{words.reason}: {receipt.reason}"))
    elements.append(Rule())
    elements += [_line(line, style) for line in receipt.lines]
    elements.append(Rule())
    elements += _totals(receipt, style)
    return elements


def _line(line: ReceiptLine, style: Style) -> Element:
    """Write the thing with the price it counts for; a discount by the organizer is summed up below all lines."""
    detail = line.tag
    if line.asked_minor > line.price_minor:
        detail += f"  ({style.words.was.format(amount=style.amount(line.asked_minor))})"
    return Pair(line.description or line.tag, style.figure(line.price_minor), detail=detail)


def _totals(receipt: Receipt, style: Style) -> list[Element]:
    words, lines = style.words, receipt.lines
    taxes = tax_totals(lines)
    discount_minor = sum(line.discount_minor for line in lines)
    surcharge_minor = sum(line.surcharge_minor for line in lines)
    added = [tax for tax in taxes if not tax.included]
    elements: list[Element] = []
    if discount_minor or surcharge_minor or added or receipt.rounding_minor:
        elements.append(Pair(words.subtotal, style.figure(sum(line.price_minor for line in lines))))
    if discount_minor:
        elements.append(Pair(words.discount, f"{MINUS}{style.figure(discount_minor)}"))
    if surcharge_minor:
        elements.append(Pair(words.surcharge, style.figure(surcharge_minor)))
    elements += [
        Pair(words.tax_added.format(rate=style.rate(tax.rate_ppm)), style.figure(tax.tax_minor)) for tax in added
    ]
    if receipt.rounding_minor:
        elements.append(Pair(words.rounding, style.figure(receipt.rounding_minor)))
    due_minor = receipt.total_minor + receipt.rounding_minor
    total = words.total if receipt.kind == "receipt" else words.paid_out
    elements.append(Pair(total, style.amount(due_minor), bold=True))
    elements += [_tax(tax, style) for tax in taxes if tax.included]
    elements.append(Gap())
    elements += [_tender(tender, style) for tender in receipt.tenders]
    if receipt.change_minor:
        elements.append(Pair(words.change, style.figure(receipt.change_minor)))
    return elements


def _tax(tax: TaxTotal, style: Style) -> Element:
    rate = style.words.tax_included.format(rate=style.rate(tax.rate_ppm))
    return Pair(f"{rate} ({style.words.net} {style.figure(tax.net_minor)})", style.figure(tax.tax_minor), small=True)


def _tender(tender: TenderLine, style: Style) -> Element:
    words = style.words
    kinds: Mapping[str, str] = {
        "cash": words.cash,
        "card": words.card,
        "provider": words.provider,
        "voucher": words.voucher,
    }
    return Pair(kinds[tender.kind], style.figure(tender.amount_minor), detail=tender.reference)
