"""What was settled with consignors: how far each sale is, every statement, and what was agreed by hand."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePlanned
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    ConsignorAdjusted,
    Obstacle,
    SettlementBegun,
    SettlementFrozen,
    SettlementReopened,
    StatementIssued,
    StatementLine,
    StatementsCancelled,
)
from consign.domain.settlement.figures import NOTHING, Figures, change, total
from consign.domain.settlement.statements import CommissionLine
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class SettlementRow(Struct, frozen=True):
    """How far a sale is settled. `figures` and `net_minor` are the sum of the statements that stand.

    `status`: open, freezing, frozen or reopening. `accepted` was unfinished when it was frozen, and why that was so is
    the `reason`. `seal` is the last statement's.
    """

    sale: str
    currency: str
    status: str = "open"
    round: int = 0
    statements: int = 0
    supplements: int = 0
    figures: Figures = NOTHING
    net_minor: int = 0
    accepted: tuple[Obstacle, ...] = ()
    reason: str = ""
    seal: str = ""
    frozen_at: datetime | None = None
    cancellation: str | None = None


class StatementRow(Struct, frozen=True):
    """A statement or a supplement as it was issued; `status` is `issued`, or `cancelled` by the `cancellation`.

    A line names its item, by how much its gross changed against what was stated before, and which of `rules` held.
    `commission_lines` are the whole commission as it was computed for this statement.
    """

    sale: str
    statement: str
    counter: int
    participation: str
    consignor: int
    kind: str
    round: int
    status: str
    figures: Figures
    net_minor: int
    currency: str
    lines: tuple[StatementLine, ...]
    rules: tuple[CommissionRule, ...]
    commission_lines: tuple[CommissionLine, ...]
    basis: str
    mode: str
    issued_at: datetime
    reason: str
    seal: str
    cancellation: str | None = None


class AdjustmentRow(Struct, frozen=True):
    """What a consignor was given beside what was sold: by hand, or brought forward from `from_sale`."""

    position: int
    sale: str
    participation: str
    amount_minor: int
    currency: str
    reason: str
    from_sale: str | None
    recorded_at: datetime


type Given = ConsignorAdjusted | BalanceBroughtForward
type Handled = (
    SalePlanned
    | Given
    | SettlementBegun
    | StatementIssued
    | SettlementFrozen
    | StatementsCancelled
    | SettlementReopened
)


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case SalePlanned():
            return ()
        case StatementsCancelled(cancelled=cancelled):
            named = (("statements", (event.sale, number)) for each in cancelled for number in each.statements)
            return [("settlements", (event.sale,)), *named]
        case (
            ConsignorAdjusted()
            | BalanceBroughtForward()
            | SettlementBegun()
            | StatementIssued()
            | SettlementFrozen()
            | SettlementReopened()
        ):
            return (("settlements", (event.sale,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    if isinstance(event, SalePlanned):
        return (Put("settlements", SettlementRow(event.sale, event.currency)),)
    known: SettlementRow = required(rows, "settlements", (event.sale,))
    match event:
        case ConsignorAdjusted() | BalanceBroughtForward():
            return (Put("adjustments", _adjustment(stored, event, known)),)
        case SettlementBegun(round=number, accepted=accepted, reason=reason):
            begun = replace(known, status="freezing", round=number, accepted=accepted, reason=reason)
            return (Put("settlements", begun),)
        case StatementIssued():
            return _issued(event, known)
        case SettlementFrozen(frozen_at=frozen_at):
            return (Put("settlements", replace(known, status="frozen", frozen_at=frozen_at)),)
        case StatementsCancelled():
            return _cancelled(event, known, rows)
        case SettlementReopened():
            return (Put("settlements", replace(known, status="open", frozen_at=None, accepted=(), reason="")),)


def _adjustment(stored: StoredEvent, event: Given, known: SettlementRow) -> AdjustmentRow:
    reason, from_sale = (event.reason, None) if isinstance(event, ConsignorAdjusted) else ("", event.from_sale)
    return AdjustmentRow(
        stored.position,
        event.sale,
        event.participation,
        event.amount_minor,
        known.currency,
        reason,
        from_sale,
        stored.recorded_at,
    )


def _issued(event: StatementIssued, known: SettlementRow) -> Sequence[Change]:
    figures = total(known.figures, event.figures)
    first = event.kind == "statement"
    counted = replace(
        known,
        statements=known.statements + first,
        supplements=known.supplements + (not first),
        figures=figures,
        net_minor=figures.net_minor,
        seal=event.seal,
    )
    row = StatementRow(
        sale=event.sale,
        statement=event.statement,
        counter=event.counter,
        participation=event.participation,
        consignor=event.consignor,
        kind=event.kind,
        round=event.round,
        status="issued",
        figures=event.figures,
        net_minor=event.figures.net_minor,
        currency=event.currency,
        lines=event.lines,
        rules=event.rules,
        commission_lines=event.commission_lines,
        basis=event.basis.value,
        mode=event.mode.value,
        issued_at=event.issued_at,
        reason=event.reason,
        seal=event.seal,
    )
    return (Put("settlements", counted), Put("statements", row))


def _cancelled(event: StatementsCancelled, known: SettlementRow, rows: Rows) -> Sequence[Change]:
    changes: list[Change] = []
    figures, statements, supplements = known.figures, known.statements, known.supplements
    for each in event.cancelled:
        figures = change(figures, each.figures)
        for number in each.statements:
            row: StatementRow = required(rows, "statements", (event.sale, number))
            statements -= row.kind == "statement"
            supplements -= row.kind == "supplement"
            changes.append(Put("statements", replace(row, status="cancelled", cancellation=event.cancellation)))
    counted = replace(
        known,
        status="reopening",
        statements=statements,
        supplements=supplements,
        figures=figures,
        net_minor=figures.net_minor,
        cancellation=event.cancellation,
    )
    return [Put("settlements", counted), *changes]


SETTLEMENTS = Projection(
    name="settlements",
    version=1,
    tables=(
        Table("settlements", SettlementRow, key=("sale",)),
        Table(
            "statements",
            StatementRow,
            key=("sale", "statement"),
            indexes=(("sale", "counter"), ("sale", "consignor"), ("participation",)),
        ),
        Table("adjustments", AdjustmentRow, key=("position",), indexes=(("sale", "participation"),)),
    ),
    handles=frozenset(
        {
            "sale-planned",
            "consignor-adjusted",
            "balance-brought-forward",
            "settlement-begun",
            "statement-issued",
            "settlement-frozen",
            "statements-cancelled",
            "settlement-reopened",
        }
    ),
    reads=_reads,
    apply=_apply,
)
