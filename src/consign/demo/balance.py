"""What a held sale comes to, as the service tells it, and whether it fits what the people of the sale saw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from consign.client import Client
from consign.demo.bourse import Held
from consign.demo.rules import regulations


class Takings(Struct, frozen=True):
    """One till's receipts that count: voided ones are left out, refunds are those that the till paid."""

    till: str
    receipts: int
    items: int
    cash_minor: int
    card_minor: int
    refunded_minor: int
    expected_minor: int
    difference_minor: int

    @property
    def total_minor(self) -> int:
        """What the till took in all, less what it paid back."""
        return self.cash_minor + self.card_minor - self.refunded_minor


class Claim(Struct, frozen=True):
    """Something that must hold, and whether it does."""

    says: str
    holds: bool
    figures: str


class Balance(Struct, frozen=True):
    """`accounts` are the books' balances by kind of account; `consignors` the settlement, best first."""

    currency: str
    position: int
    takings: Sequence[Takings]
    accounts: Mapping[str, int]
    totals: Mapping[str, Any]
    consignors: Sequence[Mapping[str, Any]]
    names: Mapping[int, str]
    claims: Sequence[Claim]

    @property
    def holds(self) -> bool:
        """Whether everything that must hold does."""
        return all(claim.holds for claim in self.claims)


class _Asked(Struct, frozen=True):
    """What the service says of the sale once nothing moves any more."""

    receipts: Sequence[Mapping[str, Any]]
    refunds: Sequence[Mapping[str, Any]]
    totals: Mapping[str, Any]
    preview: Mapping[str, Any]
    accounts: Mapping[str, int]
    sold_tags: Sequence[str]
    names: Mapping[int, str]


async def balance_of(organizer: Client, held: Held) -> Balance:
    """Ask the service for everything and compare; raises ClientError."""
    asked = await _ask(organizer, held.sale)
    takings = _takings(held, asked)
    return Balance(
        currency=regulations().currency,
        position=asked.totals["position"],
        takings=takings,
        accounts=_by_kind(asked.accounts),
        totals=asked.totals,
        consignors=sorted(asked.preview["consignors"], key=lambda each: each["net_minor"], reverse=True),
        names=asked.names,
        claims=_claims(held, asked, takings),
    )


async def _ask(organizer: Client, sale: str) -> _Asked:
    receipts = [row async for row in organizer.rows("/receipts", sale=sale)]
    refunds = [row async for row in organizer.rows("/refunds", sale=sale)]
    sold = [row["tag"] async for row in organizer.rows("/items", sale=sale, status="sold")]
    people = [row async for row in organizer.rows("/participations", sale=sale)]
    (books,) = (await organizer.get("/books", sale=sale))["sales"]
    return _Asked(
        receipts=receipts,
        refunds=refunds,
        totals=await organizer.get(f"/sales/{sale}/commission"),
        preview=await organizer.get(f"/sales/{sale}/settlement-preview"),
        accounts={each["account"]: each["balance_minor"] for each in books["accounts"]},
        sold_tags=sold,
        names={row["number"]: (row.get("profile") or {}).get("name", "") for row in people},
    )


def _takings(held: Held, asked: _Asked) -> Sequence[Takings]:
    found = []
    for till in held.tills:
        receipts = [row for row in asked.receipts if row["till"] == till.name and not row["voided"]]
        refunds = [row for row in asked.refunds if row["till"] == till.name]
        tendered: Counter[str] = Counter()
        for row in receipts:
            for tender in row["tenders"]:
                tendered[tender["kind"]] += tender["amount_minor"]
        found.append(
            Takings(
                till=till.name,
                receipts=len(receipts),
                items=sum(len(row["lines"]) for row in receipts),
                cash_minor=tendered["cash"] - sum(row["change_minor"] for row in receipts),
                card_minor=tendered["card"],
                refunded_minor=sum(row["amount_minor"] + row["rounding_minor"] for row in refunds),
                expected_minor=till.expected_minor,
                difference_minor=till.difference_minor,
            )
        )
    return found


def _by_kind(accounts: Mapping[str, int]) -> Mapping[str, int]:
    """Add up the drawers, and what is owed to the consignors."""
    kinds: Counter[str] = Counter()
    for account, balance_minor in accounts.items():
        kinds[account.partition("/")[0]] += balance_minor
    return kinds


def _claims(held: Held, asked: _Asked, takings: Sequence[Takings]) -> Sequence[Claim]:
    kinds = _by_kind(asked.accounts)
    totals, preview = asked.totals, asked.preview
    figures = ("items_sold", "gross_minor", "commission_minor", "fees_minor", "fees_paid_minor", "net_minor")
    added = {name: sum(each[name] for each in preview["consignors"]) for name in figures}
    taken_minor = sum(each.total_minor for each in takings)
    open_lines = _lines_that_count(asked)
    return (
        Claim("the books sum to zero", sum(asked.accounts.values()) == 0, f"{len(asked.accounts)} accounts"),
        Claim(
            "the settlement preview equals the live totals",
            all(preview[name] == totals[name] == added[name] for name in figures),
            f"{len(preview['consignors'])} consignors",
        ),
        Claim(
            "what consignors are owed in the books is what settlement would pay",
            -kinds["payable"] == preview["net_minor"],
            _amount(preview["net_minor"]),
        ),
        Claim(
            "what the tills took is what was sold, less what was given back",
            taken_minor == totals["gross_minor"],
            _amount(taken_minor),
        ),
        Claim(
            "every drawer held what its till expected, but for coins that cashiers reported missing",
            all(till.expected_minor == till.drawer_minor for till in held.tills),
            f"{len(held.tills)} tills, {_amount(-sum(each.difference_minor for each in takings))} missing",
        ),
        Claim(
            "each till's receipts are numbered without a gap",
            all(_is_gapless(asked.receipts, till.name) for till in held.tills),
            f"{len(asked.receipts)} receipts",
        ),
        Claim(
            "no item is on two receipts that count",
            len(set(open_lines)) == len(open_lines) and sorted(open_lines) == sorted(asked.sold_tags),
            f"{len(open_lines)} items sold, {held.shop.tally.contested} brought to two tills",
        ),
        Claim(
            "the service sold what the cashiers sold",
            held.shop.sold == totals["items_sold"] == len(asked.sold_tags),
            f"{held.shop.sold} items",
        ),
    )


def _lines_that_count(asked: _Asked) -> Sequence[str]:
    """Return the tags of every line that was neither voided nor given back."""
    returned = Counter(
        (row["receipt"], line["tag"])
        for row in asked.refunds
        for line in row["lines"]
        if line.get("returned_to") is not None
    )
    return [
        line["tag"]
        for row in asked.receipts
        if not row["voided"]
        for line in row["lines"]
        if not returned[row["receipt"], line["tag"]]
    ]


def _is_gapless(receipts: Sequence[Mapping[str, Any]], till: str) -> bool:
    counters = sorted(row["counter"] for row in receipts if row["till"] == till)
    return counters == list(range(1, len(counters) + 1))


def _amount(minor: int) -> str:
    return f"{minor / 100:,.2f} {regulations().currency}"
