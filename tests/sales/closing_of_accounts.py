"""Holding what the service says of a settled sale against the reckoning."""

from collections import Counter, defaultdict
from typing import Any

from tests.sales.market import Market
from tests.sales.papers import Papers, cash, fees_paid
from tests.sales.reckoning import Reckoning, reckon

LIVE = {"due", "prepared", "sent", "paid", "carried", "forfeited"}
"""A payout that is one of these stands for what its consignor is owed; the others were withdrawn or made again."""


async def papers_of(market: Market) -> Papers:
    """Export the sale."""
    return Papers(
        market.settings,
        market.offers,
        await market.rows("/participations"),
        await market.rows("/receipts"),
        await market.rows("/refunds"),
        await market.rows("/manual-lines"),
        await market.rows("/adjustments"),
        await market.rows("/items", status="lost"),
        frozenset(market.came_late),
        dict(market.pledges),
        await market.rows("/payments"),
        bool(await market.rows("/statements", status="issued")),
    )


async def agreed(market: Market) -> Reckoning:
    """Reckon the sale up and hold live totals, preview, statements, payouts and books against it."""
    papers = await papers_of(market)
    reckoned = reckon(papers)
    await _check_totals(market, reckoned)
    await _check_statements(market, reckoned)
    payouts = await market.rows("/payouts")
    _check_payouts(payouts, reckoned)
    await _check_books(market, papers, reckoned, payouts)
    await _check_reports(market, papers, reckoned)
    return reckoned


async def _check_reports(market: Market, papers: Papers, reckoned: Reckoning) -> None:
    """Takings, taxes, discounts, fees and what is left to charity are told as they were reckoned."""
    commission_tax_minor = sum(share.commission_tax_minor for share in reckoned.shares.values())
    assert await _reported(market, "taxes", "tax_minor") == -reckoned.accounts["tax"] - commission_tax_minor
    discounts = await _reported_by(market, "discounts", "bearer", "discount_minor")
    assert discounts.get("organizer", 0) == reckoned.accounts["discount"]
    taken = await _reported_by(market, "takings", "tender", "taken_minor")
    paid = [each for person in papers.people for each in fees_paid(person)]
    by_card_minor = sum(paid_minor for means, paid_minor in paid if means == "card")
    assert taken.get("card", 0) == reckoned.accounts["card"] + by_card_minor
    by_provider_minor = sum(
        tender["amount_minor"]
        for receipt in papers.receipts
        if not receipt["voided"]
        for tender in receipt["tenders"]
        if tender["kind"] == "provider"
    )
    refunded_minor = sum(each["amount_minor"] for each in papers.refunds if each["tender"] == "provider")
    assert taken.get("provider", 0) == by_provider_minor - refunded_minor
    assert taken.get("cash", 0) == sum(desk.taken_minor for desk in market.desks)
    fees_minor = sum(share.fees_minor for share in reckoned.shares.values())
    assert await _reported(market, "fees", "charged_minor") == fees_minor
    donated = await _reported_by(market, "charity", "consignor", "left_minor")
    assert +Counter(donated) == +Counter({number: each.donated_minor for number, each in reckoned.shares.items()})


async def _reported(market: Market, report: str, figure: str) -> int:
    told = await market.ask(f"/sales/{market.sale}/reports/{report}")
    value: int = told["total"][figure]["value"]
    return value


async def _reported_by(market: Market, report: str, dimension: str, figure: str) -> dict[str, int]:
    told = await market.ask(f"/sales/{market.sale}/reports/{report}", by=dimension)
    return {row["key"][dimension]: row["figures"][figure]["value"] for row in told["rows"]}


async def _check_totals(market: Market, reckoned: Reckoning) -> None:
    totals = await market.ask(f"/sales/{market.sale}/commission")
    preview = await market.ask(f"/sales/{market.sale}/settlement-preview")
    for told in (totals, preview):
        figures = {each["number"]: each for each in told["consignors"]}
        for number, share in reckoned.shares.items():
            each = figures[number]
            assert (each["items_sold"], each["gross_minor"]) == (share.items, share.gross_minor), (number, each)
            assert each["commission_minor"] == share.commission_minor, (number, each, share)
            assert each["net_minor"] == share.net_minor, (number, each, share)


async def _check_statements(market: Market, reckoned: Reckoning) -> None:
    """Statements and supplements that stand add up to each consignor's share."""
    stated: dict[int, Counter[str]] = defaultdict(Counter)
    rows = await market.rows("/statements")
    assert sorted(row["counter"] for row in rows) == list(range(1, len(rows) + 1))
    for row in rows:
        if row["status"] == "issued":
            figures = {**row["figures"], "net_minor": row["net_minor"], "items": row["figures"].get("count", 0)}
            stated[row["consignor"]].update({name: figures.get(name, 0) for name in _STATED})
    for number, share in reckoned.shares.items() if rows else ():
        wanted = Counter({name: getattr(share, name) for name in _STATED})
        assert +stated[number] == +wanted, number
        assert -stated[number] == -wanted, number


_STATED = (
    "items",
    "gross_minor",
    "commission_minor",
    "commission_tax_minor",
    "fees_minor",
    "fees_paid_minor",
    "donated_minor",
    "net_minor",
)


def _check_payouts(payouts: list[dict[str, Any]], reckoned: Reckoning) -> None:
    """Everybody is paid once what they are owed, or it is carried."""
    owed: Counter[int] = Counter()
    for row in payouts:
        if row["status"] in LIVE:
            owed[row["consignor"]] += row["amount_minor"]
    if payouts:
        assert {number: share.net_minor for number, share in reckoned.shares.items() if share.net_minor} == dict(owed)


async def _check_books(market: Market, papers: Papers, reckoned: Reckoning, payouts: list[dict[str, Any]]) -> None:
    """The organizer's accounts, drawers included, to the unit."""
    wanted: Counter[str] = Counter(reckoned.accounts)
    for desk in market.desks:
        wanted["cash" if desk.is_open else "bank"] += desk.drawer_minor
        wanted["bank"] -= desk.float_minor + desk.moved_minor
        wanted["over_short"] += desk.missing_minor - desk.unseen_minor
    for person in papers.people:
        for means, paid_minor in fees_paid(person):
            if means in ("bank", "provider", "card"):
                wanted[means] += paid_minor
    wanted["voucher"] -= market.vouchers_sold_minor + market.vouchers_granted_minor
    wanted["compensation"] += market.vouchers_granted_minor
    for payout in payouts:
        _pay_out(papers, wanted, payout)
    wanted["charity"] += market.handed_on_minor
    wanted["bank"] -= market.handed_on_minor
    (books,) = (book for book in (await market.ask("/books"))["sales"] if book["sale"] == market.sale)
    found: Counter[str] = Counter()
    for account in books["accounts"]:
        found[account["account"].partition("/")[0]] += account["balance_minor"]
    assert books["sum_minor"] == 0
    differing = {name: (found[name], wanted[name]) for name in found | wanted if found[name] != wanted[name]}
    assert not differing, differing


def _pay_out(papers: Papers, wanted: Counter[str], payout: dict[str, Any]) -> None:
    amount_minor: int = payout["amount_minor"]
    status: str = payout["status"]
    if status not in ("paid", "carried", "forfeited"):
        return
    wanted["payable"] += amount_minor
    if status != "paid":
        wanted[{"carried": "carried", "forfeited": "charity"}[status]] -= amount_minor
        return
    wanted["fees"] -= payout["fee_minor"]
    left_minor = amount_minor - payout["fee_minor"]
    if payout["method"] == "cash":
        wanted["cash_rounding"] += cash(papers, left_minor) - left_minor
    else:
        wanted["bank"] -= left_minor
