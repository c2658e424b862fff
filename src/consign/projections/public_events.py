"""The public events of an organization, counted without a gap: what integrators subscribe to and catch up on."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from consign.domain.account import PersonForgotten
from consign.domain.ledger.offline_events import ConflictFound
from consign.domain.organization import OrganizationFounded, OrganizationRenamed
from consign.domain.recorded import StoredEvent, aggregate_of, identity_of
from consign.domain.sale import SalePlanned
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required
from consign.projections.public_event_mapping import HANDLES, Handled, public_data
from consign.projections.public_offline_events import ConflictResolved
from consign.projections.public_offline_mapping import lines_ended

SUBJECT_VERSION = "v1"
"""The version in subjects and data schemas: it changes only when a promise of the public contract is broken."""


class PublicEventRow(Struct, frozen=True):
    """A public event as CloudEvents 1.0 describes it, and its place in the organization's count.

    `public_position` is gapless from 1. `id` is the internal event's id and the place among what is published of it.
    `data` is the JSON document exactly as it is published. `position` is where the internal event stands in the log.
    """

    public_position: int
    id: str
    type: str
    source: str
    subject: str
    time: datetime
    dataschema: str
    aggregate: str
    aggregate_id: str
    data: str
    position: int


class CounterRow(Struct, frozen=True):
    """The last public position given; one row."""

    name: str
    public_position: int


class CurrencyRow(Struct, frozen=True):
    """The currency of a sale: its events name amounts only."""

    sale: str
    currency: str


class ConflictRow(Struct, frozen=True):
    """A conflict whose money waits, under the id of its manual line, until that line ends it."""

    conflict: str
    sale: str


_COUNTER = ("public_position",)


def data_schema(event_type: str) -> str:
    """Return the name of the JSON Schema that a public event's data follows."""
    return f"urn:consign:public-events:{SUBJECT_VERSION}:{event_type}"


def nats_subject(organization_id: str, row: PublicEventRow) -> str:
    """Return the subject that the event is published under."""
    return f"consign.{SUBJECT_VERSION}.{organization_id}.{row.aggregate}.{row.aggregate_id}.{row.type}"


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case OrganizationFounded() | OrganizationRenamed() | SalePlanned() | PersonForgotten():
            return (("counter", _COUNTER),)
        case _:
            conflicts = (("conflicts", (line,)) for line, _ in lines_ended(event))
            return (("counter", _COUNTER), ("sales", (event.sale,)), *conflicts)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case OrganizationFounded():
            return _published(stored, event, event.currency, rows)
        case PersonForgotten() | OrganizationRenamed():
            return _published(stored, event, "", rows)
        case SalePlanned():
            sale = CurrencyRow(event.sale, event.currency)
            return [Put("sales", sale), *_published(stored, event, event.currency, rows)]
        case _:
            known: CurrencyRow = required(rows, "sales", (event.sale,))
            return [*_published(stored, event, known.currency, rows), *_conflicts(event, rows)]


def _conflicts(event: Handled, rows: Rows) -> list[Change]:
    """Remember a conflict whose money waits for as long as it does."""
    if isinstance(event, ConflictFound):
        return [] if event.line is None else [Put("conflicts", ConflictRow(event.conflict, event.sale))]
    return [Remove("conflicts", (conflict.conflict,)) for conflict in _resolved(event, rows)]


def _resolved(event: Handled, rows: Rows) -> list[ConflictResolved]:
    """Return the conflicts that end because somebody said what becomes of the line that held their money."""
    known = ((rows.get("conflicts", (line,)), outcome) for line, outcome in lines_ended(event))
    return [ConflictResolved(row.sale, row.conflict, outcome) for row, outcome in known if row is not None]


def _published(stored: StoredEvent, event: Handled, currency: str, rows: Rows) -> list[Change]:
    counter: CounterRow | None = rows.get("counter", _COUNTER)
    position = counter.public_position if counter else 0
    aggregate, identity = aggregate_of(stored.stream), identity_of(stored.stream)
    changes: list[Change] = []
    for index, data in enumerate((*public_data(event, currency), *_resolved(event, rows))):
        position += 1
        event_type = type(data).__name__
        row = PublicEventRow(
            public_position=position,
            id=f"{stored.event_id}.{index}",
            type=event_type,
            source=f"/organizations/{stored.organization_id}",
            subject=f"{aggregate}/{identity}",
            time=stored.occurred_at,
            dataschema=data_schema(event_type),
            aggregate=aggregate,
            aggregate_id=identity,
            data=msgspec.json.encode(data).decode(),
            position=stored.position,
        )
        changes.append(Put("events", row))
    changes.append(Put("counter", CounterRow(*_COUNTER, position)))
    return changes


PUBLIC_EVENTS = Projection(
    name="public_events",
    version=7,
    tables=(
        Table("events", PublicEventRow, key=("public_position",), written_only=True),
        Table("counter", CounterRow, key=("name",)),
        Table("sales", CurrencyRow, key=("sale",)),
        Table("conflicts", ConflictRow, key=("conflict",)),
    ),
    handles=HANDLES,
    reads=_reads,
    apply=_apply,
)
