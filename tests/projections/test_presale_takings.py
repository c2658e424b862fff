"""What each presale group bought is told, whatever became of it later, and wherever that was."""

from collections import Counter

from msgspec.structs import replace

from consign.domain.presale import PresaleGroup
from consign.domain.session.commands import GivenRefundLine, GivenTender, Pay, RefundReceipt, Scan, VoidReceipt
from consign.domain.session.events import TenderKind
from consign.domain.values import ReceiptNumber, SessionId
from consign.projections.reports.projection import REPORTS
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import SETTINGS, Scenario, basket_id, live_sale, open_till, sell, tag_of

VOLUNTEERS = replace(SETTINGS, presale_groups=(PresaleGroup("volunteers", BEGINNING),))


def sold_to_group(scenario: Scenario, session: SessionId, basket: int, *tags: str) -> ReceiptNumber:
    for tag in tags:
        scenario.do(Scan(session, basket_id(basket), tag, "volunteers"))
    paid = scenario.do(Pay(session, basket_id(basket), (GivenTender(TenderKind.CASH, 5_000),)))
    return ReceiptNumber(paid.receipt)


def taken_from(scenario: Scenario) -> dict[str, int]:
    """Return what tenders brought from each group, less what was given back, and count the items that stay sold."""
    told: Counter[str] = Counter()
    for fact in scenario.rows("reports", "facts"):
        if fact.kind == "tender":
            told[fact.presale_group] += fact.amount_minor
        if fact.kind == "line":
            told[f"{fact.presale_group} items"] += fact.count
    return {name: figure for name, figure in told.items() if figure}


def test_takings_are_told_apart_by_presale_group() -> None:
    scenario = live_sale(REPORTS, settings=VOLUNTEERS)
    till, other = open_till(scenario, 1, "K1"), open_till(scenario, 2, "K2")
    first = sold_to_group(scenario, till, 1, tag_of(scenario, 1, 0), tag_of(scenario, 1, 1))
    second = sold_to_group(scenario, till, 2, tag_of(scenario, 2, 0))
    sell(scenario, till, 3, tag_of(scenario, 2, 1))
    bought = {"volunteers": 100 + 200 + 100, "volunteers items": 3, "": 200, " items": 1}
    assert taken_from(scenario) == bought, "199 minor units are paid with 200 in cash"
    refunded = (GivenRefundLine(tag_of(scenario, 1, 1)),)
    scenario.do(RefundReceipt(other, first, TenderKind.CASH, "torn", "organizer", refunded, "floor"))
    scenario.do(VoidReceipt(till, second, "wrong"))
    assert taken_from(scenario) == {**bought, "volunteers": 100, "volunteers items": 1}
