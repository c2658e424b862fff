"""Facts of charity: what consignors left to it, which payouts were given up for it, and what it was paid."""

from collections.abc import Sequence

from consign.domain.accounts import CHARITY as ACCOUNT
from consign.domain.recorded import StoredEvent
from consign.domain.settlement.events import CharityPaid, PayoutForfeited, StatementIssued, StatementsCancelled
from consign.projections.projection import Key, Rows, required
from consign.projections.reports.facts import Area, Fact, Told, fact
from consign.projections.reports.people import PayoutKnown

type Giving = StatementIssued | StatementsCancelled | PayoutForfeited | CharityPaid


def _reads(event: Giving) -> Sequence[tuple[str, Key]]:
    match event:
        case PayoutForfeited(sale=sale, payout=payout, to="charity"):
            return (("payouts", (sale, payout)),)
        case _:
            return ()


def _told(_: StoredEvent, event: Giving, rows: Rows) -> Told:
    return Told([each for each in _facts(event, rows) if each.values["amount_minor"]])


def _facts(event: Giving, rows: Rows) -> list[Fact]:
    match event:
        case StatementIssued(participation=participation, consignor=consignor, figures=figures):
            return [_fact("left", figures.donated_minor, participation, consignor)]
        case StatementsCancelled():
            return _taken_back(event)
        case PayoutForfeited(sale=sale, payout=payout, to="charity"):
            known: PayoutKnown = required(rows, "payouts", (sale, payout))
            return [_fact("given_up", event.amount_minor, known.participation, known.consignor)]
        case PayoutForfeited():
            return []
        case CharityPaid(amount_minor=amount_minor):
            return [_fact("paid", amount_minor)]


def _taken_back(event: StatementsCancelled) -> list[Fact]:
    facts = []
    for each in event.cancelled:
        facts.append(_fact("left", -each.figures.donated_minor, each.participation, each.consignor))
        given_up_minor = sum(payout.amount_minor for payout in each.payouts if payout.kept_in == ACCOUNT)
        facts.append(_fact("given_up", -given_up_minor, each.participation, each.consignor))
    return facts


def _fact(status: str, amount_minor: int, participation: str = "", consignor: int = 0) -> Fact:
    return fact("charity", status=status, amount_minor=amount_minor, participation=participation, consignor=consignor)


CHARITY = Area(
    handles=frozenset({"statement-issued", "statements-cancelled", "payout-forfeited", "charity-paid"}),
    reads=_reads,
    told=_told,
)
