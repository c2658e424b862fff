"""What a sale must come to, reckoned from its rules and its exported papers alone, in exact fractions.

None of the service's code is used, and no running total: receipts and refunds are read as a tax inspector reads them,
each figure on them is recomputed, and the consignors' and the organizer's shares follow from what is left sold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.sales.papers import MILLION, PARTS, Line, Papers, Row, cash, fees_paid, half_up
from tests.sales.shares import Share, Sold, SoldThing, share


class Reckoning(NamedTuple):
    """`shares` by consignor's number; `accounts` as they stand before anybody is paid out, drawers left out.

    `unsold` are the tags of what nobody bought, or what was brought back to be sold again.
    """

    shares: Mapping[int, Share]
    accounts: Mapping[str, int]
    unsold: frozenset[str]


def reckon(papers: Papers) -> Reckoning:
    """Reckon a sale up; an AssertionError says which paper is wrong in itself."""
    accounts: Counter[str] = Counter()
    left: dict[tuple[str, str], Line] = {}
    for receipt in papers.receipts:
        lines = {line["tag"]: _line(line) for line in receipt["lines"]}
        _check_receipt(papers, receipt, lines)
        if not receipt["voided"]:
            left.update({(receipt["receipt"], tag): line for tag, line in lines.items()})
            _take(accounts, receipt, lines.values())
    matched = {row["tag"]: row["line"] for row in papers.manual_lines if row["status"] == "matched"}
    for refund in papers.refunds:
        _give_back(papers, accounts, refund, left, matched)
    _owe(papers, accounts)
    return _shared(papers, accounts, left)


def _line(row: Row) -> Line:
    parts = {part: row.get(part, 0) for part in PARTS}
    return Line(parts, row.get("tax_rate_ppm", 0), row.get("tax_included", False))


def _check_receipt(papers: Papers, receipt: Row, lines: Mapping[str, Line]) -> None:
    """Recompute every figure of a receipt from what its things were offered for."""
    number = receipt["receipt"]
    for row in receipt["lines"]:
        _check_price(papers, row)
    for rate_ppm, included in {(line.rate_ppm, line.included) for line in lines.values()}:
        taxed = [line for line in lines.values() if (line.rate_ppm, line.included) == (rate_ppm, included)]
        whole = MILLION + rate_ppm if included else MILLION
        _check_shares(number, taxed, "tax_minor", Fraction(rate_ppm, whole), 0)
    surcharge = papers.settings.get("surcharge", {})
    rate = Fraction(surcharge.get("rate_ppm", 0), MILLION)
    if sum(line.goods_minor for line in lines.values()):
        _check_shares(number, list(lines.values()), "surcharge_minor", rate, surcharge.get("fixed_minor", 0))
    total_minor = sum(line.paid_minor for line in lines.values())
    tendered = _by_kind(receipt["tenders"])
    for_cash_minor = total_minor - sum(minor for kind, minor in tendered.items() if kind != "cash")
    rounding_minor = cash(papers, for_cash_minor) - for_cash_minor if tendered["cash"] else 0
    change_minor = sum(tendered.values()) - total_minor - rounding_minor
    printed = (receipt["total_minor"], receipt["rounding_minor"], receipt["change_minor"])
    assert printed == (total_minor, rounding_minor, change_minor), receipt
    assert change_minor >= 0, receipt


def _check_price(papers: Papers, row: Row) -> None:
    """A thing costs what its tag says, or half (or what a window says) of it where its consignor opted in."""
    offer = papers.offers.get(row["tag"])
    if offer is None:
        assert row.get("manual"), f"{row} was never offered"
        return
    assert (row["consignor"], row["category"]) == (offer["consignor"], offer["category"])
    step_minor = papers.settings.get("discount_step_minor", 1)
    rates = {each["name"]: each["rate_ppm"] for each in papers.settings.get("discount_windows", ())}
    expected_minor = offer["price_minor"]
    for discount in row.get("discounts", ()):
        if discount["kind"] == "window" and discount["borne_by"] == "consignor":
            assert offer.get("reduce"), f"{row} is reduced against its consignor's will"
            exact = Fraction(offer["price_minor"] * (MILLION - rates[discount["name"]]), MILLION)
            expected_minor = min(offer["price_minor"], half_up(exact / step_minor) * step_minor)
    assert row["price_minor"] == expected_minor, row
    borne_minor = sum(each["amount_minor"] for each in row.get("discounts", ()) if each["borne_by"] == "organizer")
    assert row.get("discount_minor", 0) == borne_minor, row


def _check_shares(receipt: str, lines: Sequence[Line], part: str, rate: Fraction, fixed_minor: int) -> None:
    """What is computed once is rounded once, and no line bears a whole unit more or less than its own."""
    goods_minor = sum(line.goods_minor for line in lines)
    whole_minor = half_up(goods_minor * rate) + fixed_minor
    assert sum(line.parts[part] for line in lines) == whole_minor, (receipt, part, whole_minor)
    for line in lines:
        share = Fraction(whole_minor * line.goods_minor, goods_minor) if goods_minor else Fraction(0)
        assert abs(line.parts[part] - share) < 1, (receipt, part, line)


def _take(accounts: Counter[str], receipt: Row, lines: Iterable[Line]) -> None:
    accounts["cash_rounding"] -= receipt["rounding_minor"]
    for kind, amount_minor in _by_kind(receipt["tenders"]).items():
        if kind != "cash":
            accounts[kind] += amount_minor
    for line in lines:
        _enter(accounts, line.parts, 1)


def _enter(accounts: Counter[str], parts: Mapping[str, int], sign: int) -> None:
    accounts["discount"] += sign * parts["discount_minor"]
    accounts["tax"] -= sign * parts["tax_minor"]
    accounts["surcharge"] -= sign * parts["surcharge_minor"]


def _give_back(
    papers: Papers,
    accounts: Counter[str],
    refund: Row,
    left: dict[tuple[str, str], Line],
    matched: Mapping[str, str],
) -> None:
    """Take what was given back off what is left of the receipt; it must be whole, or in proportion."""
    paid_back_minor = 0
    for row in refund["lines"]:
        key = refund["receipt"], row["tag"]
        key = key if key in left else (refund["receipt"], matched[row["tag"]])
        line = left[key]
        back = line._replace(parts={**{part: row.get(part, 0) for part in PARTS}, "price_minor": row["refund_minor"]})
        if row.get("returned_to"):
            kept = {} if papers.settings.get("surcharge", {}).get("refundable", True) else {"surcharge_minor": 0}
            assert back.parts == {**line.parts, **kept}, (refund, line)
            del left[key]
        else:
            _check_proportion(papers, line, back)
            rest = {part: line.parts[part] - back.parts[part] for part in PARTS}
            assert min(rest.values()) >= 0, (refund, line)
            left[key] = line._replace(parts=rest)
        _enter(accounts, back.parts, -1)
        paid_back_minor += back.paid_minor
    assert refund["amount_minor"] == paid_back_minor, refund
    in_cash = refund["tender"] == "cash"
    assert refund["rounding_minor"] == (cash(papers, paid_back_minor) - paid_back_minor if in_cash else 0), refund
    accounts["cash_rounding"] += refund["rounding_minor"]
    if not in_cash:
        accounts[refund["tender"]] -= paid_back_minor


def _owe(papers: Papers, accounts: Counter[str]) -> None:
    """Providers have what they approved and did not give back; what of it is on no receipt is still the shoppers'."""
    approved = [row for row in papers.payments if row["status"] == "approved"]
    held_minor = sum(row["amount_minor"] - sum(back["amount_minor"] for back in row["refunds"]) for row in approved)
    accounts["suspense"] -= held_minor - accounts["provider"]
    accounts["provider"] = held_minor


def _check_proportion(papers: Papers, line: Line, back: Line) -> None:
    """Every part that can be had back goes down as much as all of them, to the unit."""
    refundable = papers.settings.get("surcharge", {}).get("refundable", True)
    kept_minor = 0 if refundable else line.parts["surcharge_minor"]
    share = Fraction(back.paid_minor, line.paid_minor - kept_minor)
    for part in ("discount_minor", "tax_minor"):
        assert abs(back.parts[part] - line.parts[part] * share) < 2, (line, back, part)
    assert abs(back.parts["surcharge_minor"] - line.parts["surcharge_minor"] * share) < 2 or kept_minor, (line, back)
    assert not (kept_minor and back.parts["surcharge_minor"]), (line, back)


def _shared(papers: Papers, accounts: Counter[str], left: Mapping[tuple[str, str], Line]) -> Reckoning:
    sold = _sold(papers, accounts, left)
    for row in papers.lost:
        if row["made_good"] == "less_commission":
            _make_good(papers, accounts, sold, row["tag"])
    shares = {
        person["number"]: share(papers, person, sold[person["number"]]) for person in papers.people if person["number"]
    }
    for person in papers.people:
        for means, paid_minor in fees_paid(person):
            accounts["cash_rounding"] -= cash(papers, paid_minor) - paid_minor if means == "cash" else 0
    for each in shares.values():
        accounts["commission"] -= each.commission_minor
        accounts["tax"] -= each.commission_tax_minor
        accounts["fees"] -= each.fees_minor
        accounts["compensation"] += each.given_minor
        accounts["charity"] -= each.donated_minor
        accounts["payable"] -= each.net_minor
    return Reckoning(shares, accounts, _unsold(papers, left))


def _unsold(papers: Papers, left: Mapping[tuple[str, str], Line]) -> frozenset[str]:
    typed = {row["line"]: row["tag"] for row in papers.manual_lines if row["status"] == "matched"}
    sold = {typed.get(tag, tag) for _, tag in left}
    home = {row["tag"] for refund in papers.refunds for row in refund["lines"] if row.get("returned_to") == "consignor"}
    return frozenset(papers.offers).difference(sold, home)


def _sold(papers: Papers, accounts: Counter[str], left: Mapping[tuple[str, str], Line]) -> Sold:
    """Say whose each line is that is still sold; what is nobody's goes to its account."""
    typed = {row["line"]: row for row in papers.manual_lines}
    numbers = {row["participation"]: row["number"] for row in papers.people}
    sold: Sold = defaultdict(list)
    for (_, tag), line in left.items():
        row = typed.get(tag)
        if row is None:
            _sell(papers, sold, tag, line)
        elif row["status"] == "matched":
            _sell(papers, sold, row["tag"], line)
        elif row["status"] == "credited":
            sold[numbers[row["participation"]]].append(SoldThing(row["category"], 1, line))
        else:
            accounts["compensation" if row["status"] == "kept" else "suspense"] -= line.gross_minor
    return sold


def _make_good(papers: Papers, accounts: Counter[str], sold: Sold, tag: str) -> None:
    """Count a lost thing like a sale at its tag's price, which the organizer bears."""
    offer = papers.offers[tag]
    taxes = {each["code"]: each.get("tax") for each in papers.settings["categories"]}
    tax = taxes[offer["category"]] or papers.settings.get("tax", {"rate_ppm": 0, "included": True})
    rate = Fraction(tax["rate_ppm"], MILLION + tax["rate_ppm"]) if tax["included"] else Fraction(0)
    worth_minor = offer["price_minor"] - half_up(offer["price_minor"] * rate)
    accounts["compensation"] += worth_minor
    _sell(papers, sold, tag, Line({**dict.fromkeys(PARTS, 0), "price_minor": worth_minor}, 0, included=False))


def _sell(papers: Papers, sold: Sold, tag: str, line: Line) -> None:
    offer = papers.offers[tag]
    thing = SoldThing(offer["category"], offer.get("list_number", 1), line, offer.get("donate", False))
    sold[offer["consignor"]].append(thing)


def _by_kind(tenders: Iterable[Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for tender in tenders:
        found[tender["kind"]] += tender["amount_minor"]
    return found
