"""The reports that there are: which figures, and by what they can be told apart.

A figure is a sum over a column of facts, or follows from such sums. Nothing else is stored of a report.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from consign.domain.money import PARTS_PER_MILLION
from consign.projections.books.projection import BOOKS
from consign.projections.projection import Projection
from consign.projections.reports.projection import REPORTS

type Shown = Literal["count", "amount", "rate"]
"""How a figure is written: as it is, in the currency's unit, in per cent."""

type Values = Mapping[str, int]


class Measure(Struct, frozen=True):
    """The sum of `column` over the facts that equal `where`.

    Its facts say nothing of the dimensions `unlike`: by those it cannot be told apart.
    """

    name: str
    column: str
    where: Mapping[str, str | tuple[str, ...]]
    shown: Shown = "amount"
    unlike: frozenset[str] = frozenset()


class Derived(Struct, frozen=True):
    """What follows from other figures of the same row, its key and the moment it is told.

    `adds_up`: the whole is the sum of its rows. `needs` are dimensions without which it cannot be said.
    """

    name: str
    of: tuple[str, ...]
    value: Callable[[Mapping[str, Any], Values, datetime], int]
    shown: Shown
    adds_up: bool = False
    needs: frozenset[str] = frozenset()


class Report(Struct, frozen=True):
    """`by` is how rows are told apart unless the reader says otherwise; `dimensions` are columns of the facts."""

    name: str
    title: str
    dimensions: tuple[str, ...]
    by: tuple[str, ...]
    measures: tuple[Measure, ...]
    derived: tuple[Derived, ...] = ()
    projection: Projection = REPORTS
    table: str = "facts"

    def measured(self, by: Sequence[str]) -> tuple[Measure, ...]:
        """Return the measures that can be told apart by these dimensions."""
        return tuple(measure for measure in self.measures if not measure.unlike.intersection(by))

    def derivable(self, by: Sequence[str]) -> tuple[Derived, ...]:
        """Return what can be derived by these dimensions."""
        known = {measure.name for measure in self.measured(by)}
        return tuple(each for each in self.derived if known.issuperset(each.of) and each.needs.issubset(by))

    def components(self, figure: str) -> tuple[Measure, ...]:
        """Return the measures that a figure is made of; raises KeyError."""
        for measure in self.measures:
            if measure.name == figure:
                return (measure,)
        for each in self.derived:
            if each.name == figure:
                return tuple(measure for measure in self.measures if measure.name in each.of)
        raise KeyError(figure)


NUMBERS = frozenset({"consignor", "band_minor", "rate_ppm"})
"""The dimensions that are numbers; the others are texts."""

_OFFERED = ("on_floor", "sold", "returned", "collected", "donated", "missing", "lost")
_TILL = ("day", "hour", "till", "session", "cashier")
_WHOSE = ("consignor", "participation")
_WHAT = ("category", "band_minor")
_BESIDE_TENDERS = frozenset({"tender"})
_PAID = ("tender", "voucher_sale", "voucher_payout", "fee_taken")
"""The kinds of facts of what changed hands at a till, but for payouts to consignors and cash that is only moved."""


def _share(part: str, whole: str) -> Callable[[Mapping[str, Any], Values, datetime], int]:
    def share(_: Mapping[str, Any], values: Values, __: datetime) -> int:
        return (values[part] * PARTS_PER_MILLION) // values[whole] if values[whole] else 0

    return share


def _late(key: Mapping[str, Any], values: Values, now: datetime) -> int:
    due = key["due"]
    return values["owed_minor"] if due and datetime.fromisoformat(due) < now else 0


def _expected(_: Mapping[str, Any], values: Values, __: datetime) -> int:
    return values["seen"] + values["missed"]


def _stock(name: str, status: str) -> Measure:
    return Measure(name, "count", {"kind": "stock", "status": status}, "count")


def _vouched(name: str, status: str) -> Measure:
    return Measure(name, "asked_minor", {"kind": "voucher", "status": status})


TAKINGS = Report(
    "takings",
    "What was taken for goods, vouchers and fees, by day, hour, till, cashier, tender and group; when it happened.",
    (*_TILL, "tender", "presale_group"),
    ("day", "till", "tender"),
    (
        Measure("taken_minor", "amount_minor", {"kind": _PAID, "tender": ("cash", "card", "provider")}),
        Measure("goods_minor", "amount_minor", {"kind": "tender"}),
        Measure("vouchers_sold_minor", "amount_minor", {"kind": "voucher_sale"}),
        Measure("cashed_out_minor", "paid_minor", {"kind": "voucher_payout"}),
        Measure("fees_minor", "amount_minor", {"kind": "fee_taken", "status": "participation"}),
        Measure("late_fees_minor", "amount_minor", {"kind": "fee_taken", "status": "late"}),
        Measure("receipts", "count", {"kind": "receipt"}, "count", _BESIDE_TENDERS),
        Measure("sold_minor", "amount_minor", {"kind": "receipt"}, unlike=_BESIDE_TENDERS),
        Measure("refunds", "count", {"kind": "refund"}, "count", _BESIDE_TENDERS),
        Measure("refunded_minor", "amount_minor", {"kind": "refund"}, unlike=_BESIDE_TENDERS),
        Measure("rounding_minor", "rounding_minor", {"kind": ("receipt", "refund")}, unlike=_BESIDE_TENDERS),
    ),
)
SELL_THROUGH = Report(
    "sell-through",
    "How much of what was on offer is sold, by category, band of the asked price and consignor.",
    (*_WHAT, *_WHOSE),
    ("category",),
    (
        Measure("offered", "count", {"kind": "stock", "status": _OFFERED}, "count"),
        _stock("sold", "sold"),
        Measure("offered_minor", "asked_minor", {"kind": "stock", "status": _OFFERED}),
        Measure("sold_asked_minor", "asked_minor", {"kind": "stock", "status": "sold"}),
    ),
    (Derived("sell_through_ppm", ("offered", "sold"), _share("sold", "offered"), "rate"),),
)
FEES = Report(
    "fees",
    "Who owes a fee, and whose is late. Below zero: paid though nothing is charged any more.",
    (*_WHOSE, "due"),
    ("consignor", "participation", "due"),
    (
        Measure("charged_minor", "asked_minor", {"kind": "fee"}),
        Measure("paid_minor", "paid_minor", {"kind": "fee"}),
        Measure("owed_minor", "amount_minor", {"kind": "fee"}),
    ),
    (Derived("late_minor", ("owed_minor",), _late, "amount", adds_up=True, needs=frozenset({"due"})),),
)
STOCK = Report(
    "stock",
    "Where things are: on the floor, sold, and everywhere else, by consignor and category.",
    (*_WHOSE, *_WHAT, "wish"),
    ("consignor", "category"),
    (
        _stock("listed", "listed"),
        _stock("not_brought", "not_brought"),
        _stock("on_floor", "on_floor"),
        _stock("sold", "sold"),
        _stock("refused", "refused"),
        _stock("returned", "returned"),
        _stock("withdrawn", "withdrawn"),
        _stock("collected", "collected"),
        _stock("donated", "donated"),
        _stock("missing", "missing"),
        _stock("lost", "lost"),
        Measure("on_floor_minor", "asked_minor", {"kind": "stock", "status": "on_floor"}),
    ),
)
PRICES = Report(
    "prices",
    "What tags asked for against what things were sold for.",
    (*_WHAT, *_WHOSE, *_TILL),
    ("category", "band_minor"),
    (
        Measure("items", "count", {"kind": "line"}, "count"),
        Measure("asked_minor", "asked_minor", {"kind": "line"}),
        Measure("sold_minor", "amount_minor", {"kind": "line"}),
        Measure("paid_minor", "paid_minor", {"kind": "line"}),
    ),
    (Derived("sold_of_asked_ppm", ("asked_minor", "sold_minor"), _share("sold_minor", "asked_minor"), "rate"),),
)
DONATIONS = Report(
    "donations",
    "What is on the floor and its consignor wants to give away if it is not sold, and what was given away.",
    (*_WHOSE, "category", "tag", "description"),
    ("consignor", "category", "tag", "description"),
    (
        Measure("to_donate", "count", {"kind": "stock", "status": "on_floor", "wish": "donate"}, "count"),
        Measure("donated", "count", {"kind": "stock", "status": "donated"}, "count"),
        Measure("donated_minor", "asked_minor", {"kind": "stock", "status": "donated"}),
    ),
)
RECONCILIATION = Report(
    "reconciliation",
    "The ledger against each count of the shelves: what was seen, what it missed, and what should not be there.",
    ("shelf_count", "area", *_WHOSE, "category", "status", "description"),
    ("shelf_count", "category"),
    (
        Measure("seen", "count", {"kind": "seen"}, "count"),
        Measure("missed", "count", {"kind": "missed"}, "count"),
        Measure("missed_minor", "asked_minor", {"kind": "missed"}),
        Measure("surplus", "count", {"kind": "surplus"}, "count"),
    ),
    (Derived("expected", ("seen", "missed"), _expected, "count", adds_up=True),),
)
WORK = Report(
    "work",
    "What volunteers promised, worked and missed, by shift and person.",
    ("shift", *_WHOSE, "status"),
    ("consignor", "status"),
    (
        Measure("shifts", "count", {"kind": "work"}, "count"),
        Measure("promised_minutes", "promised_minutes", {"kind": "work"}, "count"),
        Measure("worked_minutes", "minutes", {"kind": "work"}, "count"),
    ),
)
DISCOUNTS = Report(
    "discounts",
    "What was taken off prices, by who bears it.",
    ("bearer", *_TILL, *_WHAT, *_WHOSE),
    ("bearer",),
    (Measure("discount_minor", "amount_minor", {"kind": "discount"}),),
)
TAXES = Report(
    "taxes",
    "Tax by rate, and what it is computed on.",
    ("rate_ppm", *_TILL, *_WHAT),
    ("rate_ppm",),
    (
        Measure("base_minor", "base_minor", {"kind": "tax"}),
        Measure("tax_minor", "amount_minor", {"kind": "tax"}),
    ),
)
PAYOUTS = Report(
    "payouts",
    "Payouts to consignors, and where each is.",
    (*_WHOSE, "payout", "status"),
    ("status", "consignor", "payout"),
    (
        Measure("payouts", "count", {"kind": "payout"}, "count"),
        Measure("amount_minor", "amount_minor", {"kind": "payout"}),
    ),
)
VOUCHERS = Report(
    "vouchers",
    "What vouchers were sold, given and redeemed, and what they are still good for: what is owed to their holders.",
    ("voucher", "day"),
    ("voucher",),
    (
        _vouched("sold_minor", "sold"),
        _vouched("refunded_minor", "refund"),
        _vouched("goodwill_minor", "goodwill"),
        _vouched("redeemed_minor", "redeemed"),
        _vouched("given_back_minor", "given_back"),
        _vouched("taken_back_minor", "taken_back"),
        _vouched("expired_minor", "expired"),
        _vouched("cashed_out_minor", "cashed_out"),
        Measure("balance_minor", "amount_minor", {"kind": "voucher"}),
        Measure("outstanding", "count", {"kind": "voucher"}, "count"),
    ),
)
CHARITY = Report(
    "charity",
    "What consignors left to charity, which payouts were given up for it, and what it was paid.",
    _WHOSE,
    ("consignor",),
    (
        Measure("left_minor", "amount_minor", {"kind": "charity", "status": "left"}),
        Measure("given_up_minor", "amount_minor", {"kind": "charity", "status": "given_up"}),
        Measure("paid_minor", "amount_minor", {"kind": "charity", "status": "paid"}),
    ),
    (
        Derived(
            "owed_minor",
            ("left_minor", "given_up_minor", "paid_minor"),
            lambda _, values, __: values["left_minor"] + values["given_up_minor"] - values["paid_minor"],
            "amount",
            adds_up=True,
        ),
    ),
)
TRIAL_BALANCE = Report(
    "trial-balance",
    "Every account's balance, debits above zero; all together they are zero.",
    ("account",),
    ("account",),
    (Measure("balance_minor", "amount_minor", {}),),
    projection=BOOKS,
    table="postings",
)

ALL: Mapping[str, Report] = {
    report.name: report
    for report in (
        TAKINGS,
        SELL_THROUGH,
        FEES,
        STOCK,
        PRICES,
        DONATIONS,
        RECONCILIATION,
        WORK,
        DISCOUNTS,
        TAXES,
        PAYOUTS,
        VOUCHERS,
        CHARITY,
        TRIAL_BALANCE,
    )
}
