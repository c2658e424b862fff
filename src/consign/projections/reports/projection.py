"""The read model that all reports are counted from: facts of several areas, and the rows that facts need."""

from collections.abc import Sequence
from typing import Any

from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePlanned
from consign.domain.session.events import SessionOpened
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table
from consign.projections.reports.counting import COUNTING
from consign.projections.reports.drawer import DRAWER
from consign.projections.reports.facts import Area, Fact, FactRow, SaleZone, Sitting, Told, placed
from consign.projections.reports.giving import CHARITY
from consign.projections.reports.people import FEES, PAYOUTS, FeeOwed, PayoutKnown
from consign.projections.reports.stock import STOCK, Thing
from consign.projections.reports.trade import FOUND_OUT, TRADE, ReceiptLine
from consign.projections.reports.vouchers import VOUCHERS
from consign.projections.reports.work import WORK, Work


def _plan_told(_: StoredEvent, event: SalePlanned | SessionOpened, __: Rows) -> Told:
    match event:
        case SalePlanned(sale=sale, currency=currency, time_zone=time_zone):
            return Told(changes=(Put("sales", SaleZone(sale, currency, time_zone)),))
        case SessionOpened(session=session, till=till, cashier=cashier):
            return Told(changes=(Put("sittings", Sitting(session, till, cashier)),))


_PLACES = Area(frozenset({"sale-planned", "session-opened"}), lambda _: (), _plan_told)
_AREAS = (_PLACES, STOCK, TRADE, FOUND_OUT, FEES, PAYOUTS, CHARITY, COUNTING, WORK, VOUCHERS, DRAWER)
_HANDLES = frozenset[str]().union(*(area.handles for area in _AREAS))
_OF_TYPE = {tag: tuple(area for area in _AREAS if tag in area.handles) for tag in _HANDLES}


def _reads(stored: StoredEvent, event: Any) -> Sequence[tuple[str, Key]]:
    named = (each for area in _OF_TYPE[stored.type] for each in area.reads(event))
    return list(dict.fromkeys(named))


def _apply(stored: StoredEvent, event: Any, rows: Rows) -> Sequence[Change]:
    told = [area.told(stored, event, rows) for area in _OF_TYPE[stored.type]]
    facts: list[Fact] = [fact for each in told for fact in each.facts]
    return [*placed(stored, event.sale, facts), *(change for each in told for change in each.changes)]


REPORTS = Projection(
    name="reports",
    version=8,
    tables=(
        Table(
            "facts",
            FactRow,
            key=("position", "line"),
            indexes=(("sale", "kind", "position"),),
            written_only=True,
        ),
        Table("sales", SaleZone, key=("sale",)),
        Table("sittings", Sitting, key=("session",)),
        Table("things", Thing, key=("tag",)),
        Table("lines", ReceiptLine, key=("sale", "receipt", "tag")),
        Table("fees", FeeOwed, key=("participation",)),
        Table("payouts", PayoutKnown, key=("sale", "payout")),
        Table("work", Work, key=("sale", "shift", "participation")),
    ),
    handles=_HANDLES,
    reads=_reads,
    apply=_apply,
)
