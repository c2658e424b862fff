"""A till that lost the server: it sells on by its own catalogue and numbers, and uploads when it is back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from typing import Any

from tests.e2e.live_sale import some_id
from tests.sales.market import Desk, Document
from tests.sales.papers import MILLION, half_up


class Away:
    """The device at a desk while nobody answers it; `counter` is the last number it printed."""

    def __init__(self, desk: Desk, counter: int = 0) -> None:
        self.desk = desk
        self.counter = counter
        self.sales: list[dict[str, Any]] = []

    def sell(self, *tags: str, asked: dict[str, int] | None = None) -> str:
        """Sell things for cash at the prices of the catalogue, or at others that it holds by mistake."""
        offers = self.desk.market.offers
        lines = [self._line(tag, offers[tag], (asked or {}).get(tag)) for tag in tags]
        return self._paid(lines)

    def sell_by_hand(self, price_minor: int, description: str) -> str:
        """Sell a thing without a tag; return the id of its line."""
        line = some_id(self.desk.market.chance)
        self._paid([{**self._taxed("", price_minor), "line": line, "description": description}])
        return line

    def void(self) -> None:
        """Undo the last receipt, which nobody has heard of yet."""
        sale = self.sales[-1]
        sale["voided"] = {"reason": "rung up twice"}
        self.desk.drawer_minor -= sale["total_minor"] + sale["rounding_minor"]

    async def upload(self, **more: Any) -> list[Document]:
        """Send everything that was sold, and again as if the answer had been lost; return what became of each."""
        market, desk = self.desk.market, self.desk
        body = {
            "session": desk.session,
            "till": desk.name,
            "cashier": desk.caller.account,
            "sent_at": now(),
            "sales": self.sales,
            "unsynced": 0,
            **more,
        }
        answer = await market.say(f"/sales/{market.sale}/offline-sales", body, by=desk.caller)
        again = await market.say(f"/sales/{market.sale}/offline-sales", body, by=desk.caller)
        assert {each["outcome"] for each in again["sales"]} == {"known"}
        assert again["next_receipt"] == f"{desk.name}-{self.counter + 1}"
        self.sales = []
        desk.unseen_minor = 0
        received: list[Document] = answer["sales"]
        return received

    def _line(self, tag: str, offer: Document, asked_minor: int | None) -> dict[str, Any]:
        return {**self._taxed(offer["category"], asked_minor or offer["price_minor"]), "tag": tag}

    def _taxed(self, category: str, price_minor: int) -> dict[str, Any]:
        settings = self.desk.market.settings
        taxes = {each["code"]: each["tax"] for each in settings["categories"] if "tax" in each}
        tax = taxes.get(category, settings["tax"])
        assert tax["included"], "this till knows no tax on top"
        return {
            "price_minor": price_minor,
            "category": category,
            "tax_rate_ppm": tax["rate_ppm"],
            "tax_included": tax["rate_ppm"] > 0,
        }

    def _paid(self, lines: list[dict[str, Any]]) -> str:
        settings = self.desk.market.settings
        prices = [line["price_minor"] for line in lines]
        for rate_ppm in {line["tax_rate_ppm"] for line in lines}:
            taxed = [line for line in lines if line["tax_rate_ppm"] == rate_ppm]
            bases = [line["price_minor"] for line in taxed]
            tax_minor = half_up(Fraction(sum(bases) * rate_ppm, MILLION + rate_ppm))
            for line, share in zip(taxed, shares(tax_minor, bases), strict=True):
                line["tax_minor"] = share
        surcharge = settings["surcharge"]
        surcharge_minor = half_up(Fraction(sum(prices) * surcharge["rate_ppm"], MILLION)) + surcharge["fixed_minor"]
        for line, share in zip(lines, shares(surcharge_minor, prices), strict=True):
            line["surcharge_minor"] = share
        total_minor = sum(prices) + surcharge_minor
        coin_minor = settings["cash_rounding_minor"]
        cash_minor = half_up(Fraction(total_minor, coin_minor)) * coin_minor
        note_minor: int = 10 ** len(str(cash_minor))
        self.counter += 1
        self.desk.drawer_minor += cash_minor
        sale = {
            "sale_id": some_id(self.desk.market.chance),
            "counter": self.counter,
            "lines": lines,
            "tenders": [{"kind": "cash", "amount_minor": note_minor}],
            "total_minor": total_minor,
            "rounding_minor": cash_minor - total_minor,
            "change_minor": note_minor - cash_minor,
            "occurred_at": now(),
        }
        self.sales.append(sale)
        return f"{self.desk.name}-{self.counter}"


def now() -> str:
    return datetime.now(UTC).isoformat()


def shares(whole: int, weights: Sequence[int]) -> list[int]:
    """Split a whole by weights; the units that are left go to whoever lost most by rounding down."""
    exact = [Fraction(whole * weight, sum(weights)) for weight in weights]
    parts = [floor(each) for each in exact]
    neediest = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in neediest[: whole - sum(parts)]:
        parts[index] += 1
    return parts
