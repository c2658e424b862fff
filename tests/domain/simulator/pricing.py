"""Acts on prices and on things without a tag, made of whole numbers; and what must hold of every amount."""

from collections import Counter
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.accounts import DISCOUNT, SURCHARGE, SUSPENSE, TAX
from consign.domain.amounts import Amounts, gross_minor
from consign.domain.books.state import Books
from consign.domain.ledger.manual_lines import CreditedTo, Kept, ManualLineMatched, Unmatched
from consign.domain.ledger.state import Ledger, Sold
from consign.domain.manual_commands import AddManualLine, CreditManualLine, KeepManualLine, MatchManualLine
from consign.domain.price_rules import DiscountWindow, Surcharge, TaxRule
from consign.domain.sale import SaleSettings
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, RefundPaid
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from consign.domain.values import AccountId, BasketId, Role, SaleId, SessionId, TagCode

ACTS = ("take-off", "override", "off-basket", "type-in", "find-out")
LINES = 12
STANDING = (Unmatched, CreditedTo, Kept)
"""What may become of a line without its being an item's, or gone."""
_CASHIER = AccountId("casey")
_BEGINS = datetime.fromisoformat("2026-09-26T10:01")
_ENDS = datetime.fromisoformat("2026-09-26T10:04")


def priced(settings: SaleSettings, basis: int) -> SaleSettings:
    """Return the settings with taxes, a surcharge and a window, all of them awkward."""
    categories = tuple(
        replace(category, tax=TaxRule(88_750, included=False)) if category.code == "coat" else category
        for category in settings.categories
    )
    return replace(
        settings,
        commission=replace(settings.commission, tax_rate_ppm=(0, 190_000, 77_777)[basis % 3]),
        categories=categories,
        tax=(TaxRule(200_000), TaxRule(55_000, included=False), TaxRule())[basis % 3],
        surcharge=(Surcharge(), Surcharge(15_000, 7), Surcharge(33_333, refundable=False))[basis % 3],
        discount_windows=(
            DiscountWindow("a third off", 333_333, _BEGINS, _ENDS, everyone=basis % 2 == 0),
            DiscountWindow("toys", 500_000, _BEGINS, _ENDS, ("toy",)),
        ),
        discount_step_minor=(1, 5, 10)[basis % 3],
        discount_limits_ppm={"cashier": 250_000},
    )


def asked(act: str, sale: SaleId, session: SessionId, basket: BasketId, tag: str, how: int) -> Struct:
    """Return the command that the act and its numbers stand for."""
    line = TagCode(f"01900000-0000-7000-8000-0000000007{how % LINES:02}")
    role: Role = "organizer" if how % 3 else "cashier"
    given = GivenDiscount(how % 60) if how % 2 else GivenDiscount(rate_ppm=how % 7 * 50_000)
    key = line if how % 5 == 0 else tag
    match act:
        case "take-off":
            return DiscountLine(session, basket, key, role, _CASHIER, given, "a stain")
        case "override":
            return OverridePrice(session, basket, key, role, _CASHIER, how % 400, "the last one")
        case "off-basket":
            return DiscountBasket(session, basket, role, _CASHIER, given, "a regular")
        case "type-in":
            consignor = how % 4 or None
            category = ("toy", "coat", None)[how % 3]
            return AddManualLine(session, basket, line, how * 7 % 900, "no tag", category, consignor)
        case _:
            return _found_out(sale, line, tag, how)


def _found_out(sale: SaleId, line: TagCode, tag: str, how: int) -> Struct:
    match how // LINES % 4:
        case 0:
            return CreditManualLine(sale, line, how % 3 + 1)
        case 1:
            return KeepManualLine(sale, line, "nobody missed it")
        case _:
            return MatchManualLine(sale, line, tag)


class PriceWitness:
    """Watches what is paid, part by part, and reckons it once more in fractions, from events or ledger alone."""

    def __init__(self) -> None:
        self._surcharge_minor = 0
        self.matched: dict[TagCode, TagCode] = {}

    def watch(self, event: Any) -> None:
        match event:
            case BasketPaid(lines=lines):
                self._surcharge_minor += sum(line.surcharge_minor for line in lines)
                _check_receipt(lines)
            case ReceiptVoided(lines=voided):
                self._surcharge_minor -= sum(line.surcharge_minor for line in voided)
            case RefundPaid(lines=refunded):
                self._surcharge_minor -= sum(line.surcharge_minor for line in refunded)
            case ManualLineMatched(line=manual, item=item):
                self.matched[manual] = item.tag
            case _:
                pass

    def check(
        self, books: Books, sale: SaleId, ledger: Ledger, commission_tax_minor: int, suspended_minor: int
    ) -> None:
        """Hold the books against what the ledger says is sold, and what waits for a receipt or to be given back."""
        sold = [item.status for item in ledger.items.values() if isinstance(item.status, Sold)]
        standing = [paid for paid in ledger.manual_lines.values() if isinstance(paid.outcome, STANDING)]
        parts: list[Amounts] = [*sold, *(paid.line for paid in standing)]
        for amounts in parts:
            _check_parts(amounts)
        assert books.balance(sale, SURCHARGE) == -self._surcharge_minor
        assert books.balance(sale, DISCOUNT) == sum(line.discount_minor for line in parts)
        assert books.balance(sale, TAX) == -sum(line.tax_minor for line in parts) - commission_tax_minor
        waiting = [paid.line for paid in standing if isinstance(paid.outcome, Unmatched)]
        assert books.balance(sale, SUSPENSE) == -sum(map(gross_minor, waiting)) - suspended_minor


def _check_parts(line: Amounts) -> None:
    assert 0 <= line.discount_minor <= line.price_minor
    assert line.tax_minor >= 0
    assert line.surcharge_minor >= 0
    assert gross_minor(line) >= 0


def _check_receipt(lines: tuple[BasketLine, ...]) -> None:
    """Compute each rate's tax once more, and tell every discount by who bears it."""
    bases: Counter[tuple[int, bool]] = Counter()
    taxes: Counter[tuple[int, bool]] = Counter()
    for line in lines:
        _check_parts(line)
        borne = Counter[str]()
        for discount in line.discounts:
            borne[discount.borne_by] += discount.amount_minor
        asked_minor = line.price_minor if line.asked_minor is None else line.asked_minor
        assert borne["consignor"] == asked_minor - line.price_minor
        assert borne["organizer"] == line.discount_minor
        assert sum(discount.kind == "window" for discount in line.discounts) <= 1, "windows were stacked"
        bases[line.tax_rate_ppm, line.tax_included] += line.price_minor - line.discount_minor
        taxes[line.tax_rate_ppm, line.tax_included] += line.tax_minor
    for (rate_ppm, included), base in bases.items():
        rate = Fraction(rate_ppm, 1_000_000)
        exact = base - base / (1 + rate) if included else base * rate
        assert taxes[rate_ppm, included] == floor(exact + Fraction(1, 2))
