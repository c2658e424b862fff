"""What each consignor's share of a sale is: commission, its tax, fees, what is given, and what is left to charity."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.sales.papers import MILLION, Line, Papers, Row, fees_paid, half_up


class Share(NamedTuple):
    """One consignor's part of the sale."""

    items: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    donated_minor: int = 0

    @property
    def net_minor(self) -> int:
        kept_minor = self.commission_minor + self.commission_tax_minor + self.fees_minor
        return self.gross_minor - kept_minor + self.fees_paid_minor + self.given_minor - self.donated_minor


class SoldThing(NamedTuple):
    """A line that is still sold; `flagged` is what would have been given away unsold."""

    category: str
    list_number: int
    line: Line
    flagged: bool = False


type Sold = dict[int, list[SoldThing]]
"""What each consignor sold, by number."""


def share(papers: Papers, person: Row, sold: Sequence[SoldThing]) -> Share:
    """Reckon a consignor up; what they pledged and what the organizer bears follows from the rest."""
    whole = _before_charity(papers, person, sold)
    if not papers.frozen:
        return whole
    donated_minor = _left_to_charity(papers, person, sold, whole)
    bears = papers.settings.get("settlement", {}).get("negative") == "bear"
    borne_minor = -min(whole.net_minor, 0) if bears else 0
    return whole._replace(given_minor=whole.given_minor + borne_minor, donated_minor=donated_minor)


def _left_to_charity(papers: Papers, person: Row, sold: Sequence[SoldThing], whole: Share) -> int:
    """A share of everything, or of what the flagged things add to it: never more than there is to pay out."""
    if person["number"] not in papers.pledges:
        return 0
    share_ppm, of = papers.pledges[person["number"]]
    proceeds_minor = whole.net_minor
    if of == "flagged":
        others = [thing for thing in sold if not thing.flagged]
        proceeds_minor -= _before_charity(papers, person, others).net_minor
    wanted_minor = half_up(Fraction(max(proceeds_minor, 0) * share_ppm, MILLION))
    return min(wanted_minor, max(whole.net_minor, 0))


def _before_charity(papers: Papers, person: Row, sold: Sequence[SoldThing]) -> Share:
    schedule = papers.settings["commission"]
    together: dict[object, list[int]] = defaultdict(list)
    rules: dict[object, Row] = {}
    for index, (category, list_number, line, _) in enumerate(sold):
        rule = _rule(schedule, person, category)
        by = {"item": index, "list": list_number, "consignor": 0}[schedule.get("basis", "consignor")]
        key = by, tuple(sorted((name, value) for name, value in rule.items() if value is not None))
        rules[key] = rule
        together[key].append(line.gross_minor)
    commission_minor = sum(_commission(rules[key], grosses) for key, grosses in together.items())
    tax_minor = half_up(Fraction(commission_minor * schedule.get("tax_rate_ppm", 0), MILLION))
    given_minor = sum(
        row["amount_minor"] for row in papers.adjustments if row["participation"] == person["participation"]
    )
    return Share(
        len(sold),
        sum(thing.line.gross_minor for thing in sold),
        commission_minor,
        tax_minor,
        _fees(papers, person),
        sum(paid_minor for _, paid_minor in fees_paid(person)),
        given_minor,
    )


def _fees(papers: Papers, person: Row) -> int:
    """The fee for taking part, lists beyond those that it covers, and being late."""
    lists_minor = person["bought_lists"] * papers.settings.get("extra_list_fee_minor", 0)
    late_minor = papers.settings.get("floor", {}).get("late_fee_minor", 0) if person["number"] in papers.late else 0
    charged_minor: int = person["fee_charged_minor"] + lists_minor + late_minor
    return charged_minor


def _rule(schedule: Row, person: Row, category: str) -> Row:
    """The consignor's own agreement comes first, then that of their tier, of the category, of everybody."""
    rule: Row = (
        person.get("own_rule")
        or schedule.get("by_tier", {}).get(person.get("tier"))
        or schedule.get("by_category", {}).get(category)
        or schedule["default"]
    )
    return {**rule, "rate_ppm": max(rule["rate_ppm"] - person.get("points_off_ppm", 0), 0)}


def _commission(rule: Row, grosses: Sequence[int]) -> int:
    exact = Fraction(sum(grosses) * rule["rate_ppm"], MILLION)
    commission_minor: int = half_up(exact) + rule.get("fixed_minor", 0) * len(grosses)
    if rule.get("minimum_minor") is not None:
        commission_minor = max(commission_minor, rule["minimum_minor"])
    if rule.get("maximum_minor") is not None:
        commission_minor = min(commission_minor, rule["maximum_minor"])
    return commission_minor
