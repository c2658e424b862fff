"""Tables about people: their terms, fees, shifts and slots.

In a CSV an empty cell says nothing, and what is there stays; where something may be taken away, a dash does it.
"""

from typing import Any

from msgspec import Struct

from consign.domain.row_commands import (
    ChangeTermsOfMany,
    ChooseSlots,
    FeePaymentRow,
    PlanShifts,
    PlanSlots,
    RecordFeePayments,
    RecordWorkOfMany,
    RowDone,
    ShiftRow,
    SlotChoiceRow,
    SlotRow,
    TermsRow,
    WorkRow,
)
from consign.domain.values import RowError, SaleId
from consign.http.commands.route import actor_of
from consign.http.table_imports import Given, Setting, TableKind
from consign.http.tables import NOTHING, Cells, amount, flag, instant, needed, row_of, share, spoken, whole


class TableImported(Struct, frozen=True):
    """What was done, and what is wrong with the rows that were not."""

    position: int
    done: tuple[RowDone, ...]
    errors: tuple[RowError, ...]


def _terms(cells: Cells, setting: Setting) -> TermsRow:
    fields: dict[str, Any] = {"consignor": whole(cells, "consignor"), **spoken(cells, {"tier": "tier"})}
    if fields.get("tier") == NOTHING:
        fields["tier"] = None
    if cells.get("rate", "").strip() == NOTHING:
        fields["own_rule"] = None
    else:
        amounts = {f"{name}_minor": amount(cells, name, setting.currency) for name in ("fixed", "minimum", "maximum")}
        said = {field: each for field, each in amounts.items() if each is not None}
        rate_ppm = share(cells, "rate")
        if said or rate_ppm is not None:
            fields["own_rule"] = {"rate_ppm": needed(rate_ppm, "rate"), **said}
    return row_of(TermsRow, fields)


def _fee_payment(cells: Cells, setting: Setting) -> FeePaymentRow:
    fields = {
        "consignor": whole(cells, "consignor"),
        "amount_minor": amount(cells, "amount", setting.currency),
        "reopen": flag(cells, "reopen"),
        **spoken(cells, {"reference": "reference", "means": "means", "fee": "fee"}),
    }
    return row_of(FeePaymentRow, fields)


def _shift(cells: Cells, setting: Setting) -> ShiftRow:
    fields = {
        **spoken(cells, {"shift": "shift", "task": "task", "place": "place"}),
        **_times(cells, setting),
        "credit_minutes": whole(cells, "credit_minutes"),
    }
    return row_of(ShiftRow, fields)


def _work(cells: Cells, _: Setting) -> WorkRow:
    fields = {
        "consignor": whole(cells, "consignor"),
        "minutes": whole(cells, "minutes"),
        **spoken(cells, {"shift": "shift", "outcome": "outcome"}),
    }
    return row_of(WorkRow, fields)


def _slot(cells: Cells, setting: Setting) -> SlotRow:
    fields = {**spoken(cells, {"slot": "slot", "kind": "kind", "place": "place"}), **_times(cells, setting)}
    return row_of(SlotRow, fields)


def _times(cells: Cells, setting: Setting) -> dict[str, Any]:
    assert setting.zone is not None, "a kind with times has a zone"
    return {
        "begins_at": instant(cells, "begins", setting.zone),
        "ends_at": instant(cells, "ends", setting.zone),
        "capacity": whole(cells, "capacity"),
    }


def _slot_choice(cells: Cells, _: Setting) -> SlotChoiceRow:
    fields = {
        "consignor": whole(cells, "consignor"),
        "beyond_capacity": flag(cells, "beyond_capacity"),
        **spoken(cells, {"slot": "slot"}),
    }
    return row_of(SlotChoiceRow, fields)


def _record_work(given: Given, rows: tuple[WorkRow, ...]) -> RecordWorkOfMany:
    return RecordWorkOfMany(SaleId(given.sale), rows, actor_of(given.exchange))


def _choose_slots(given: Given, rows: tuple[SlotChoiceRow, ...]) -> ChooseSlots:
    return ChooseSlots(SaleId(given.sale), rows, actor_of(given.exchange))


PEOPLE_TABLES: tuple[TableKind[Any], ...] = (
    TableKind(
        rule="import-terms",
        summary="Change the tier and the own commission rule of many consignors.",
        tag="participations",
        row=TermsRow,
        columns=("consignor",),
        read=_terms,
        command=lambda given, rows: ChangeTermsOfMany(SaleId(given.sale), rows, given.currency),
        answer=TableImported,
        done_field="done",
        example={"consignor": 17, "tier": "helper"},
        csv_example="consignor,tier,rate,fixed,minimum,maximum\n17,helper,,,,\n18,-,12.5,0.50,,\n",
        amounts=True,
    ),
    TableKind(
        rule="import-fee-payments",
        summary="Record fees that came by bank or online, each payment once however often it is said.",
        tag="participations",
        row=FeePaymentRow,
        columns=("consignor", "reference"),
        read=_fee_payment,
        command=lambda given, rows: RecordFeePayments(SaleId(given.sale), rows, given.currency),
        answer=TableImported,
        done_field="done",
        example={"consignor": 17, "reference": "transfer 2026-117", "amount_minor": 300},
        csv_example="consignor,reference,amount,means,reopen,fee\n17,transfer 2026-117,3.00,bank,no,participation\n"
        "18,transfer 2026-118,1.50,bank,no,late\n",
        amounts=True,
    ),
    TableKind(
        rule="import-shifts",
        summary="Plan shifts for volunteers, or plan them anew.",
        tag="shifts",
        row=ShiftRow,
        columns=("shift", "task", "begins", "ends", "capacity"),
        read=_shift,
        command=lambda given, rows: PlanShifts(SaleId(given.sale), rows),
        answer=TableImported,
        done_field="done",
        example={
            "shift": "fri-1",
            "task": "Receive things",
            "begins_at": "2026-09-25T14:00:00Z",
            "ends_at": "2026-09-25T18:00:00Z",
            "capacity": 6,
        },
        csv_example="shift,task,begins,ends,capacity,credit_minutes,place\n"
        "fri-1,Receive things,2026-09-25 16:00,2026-09-25 20:00,6,,Main hall\n",
        times=True,
    ),
    TableKind(
        rule="import-work",
        summary="Record which shifts consignors promise, worked and missed.",
        tag="shifts",
        row=WorkRow,
        columns=("shift", "consignor"),
        read=_work,
        command=_record_work,
        answer=TableImported,
        done_field="done",
        example={"shift": "fri-1", "consignor": 17, "outcome": "worked", "minutes": 240},
        csv_example="shift,consignor,outcome,minutes\nfri-1,17,worked,240\nfri-1,18,missed,\n",
    ),
    TableKind(
        rule="import-slots",
        summary="Plan slots in which consignors bring their things or fetch them, or plan them anew.",
        tag="slots",
        row=SlotRow,
        columns=("slot", "kind", "begins", "ends", "capacity"),
        read=_slot,
        command=lambda given, rows: PlanSlots(SaleId(given.sale), rows),
        answer=TableImported,
        done_field="done",
        example={
            "slot": "fri-1",
            "kind": "drop_off",
            "begins_at": "2026-09-25T14:00:00Z",
            "ends_at": "2026-09-25T14:30:00Z",
            "capacity": 12,
        },
        csv_example="slot,kind,begins,ends,capacity,place\n"
        "fri-1,drop_off,2026-09-25 16:00,2026-09-25 16:30,12,Main hall\n",
        times=True,
    ),
    TableKind(
        rule="import-slot-choices",
        summary="Record which slots consignors come in.",
        tag="slots",
        row=SlotChoiceRow,
        columns=("slot", "consignor"),
        read=_slot_choice,
        command=_choose_slots,
        answer=TableImported,
        done_field="done",
        example={"slot": "fri-1", "consignor": 17},
        csv_example="slot,consignor,beyond_capacity\nfri-1,17,no\n",
    ),
)
