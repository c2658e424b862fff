"""What reports are counted from: a row for each thing that an event adds to a figure, or takes from it.

Facts are only ever added. A figure is a sum over some of them, so it can be had at any position of the log, and the
positions of its facts are exactly where it comes from.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct

from consign.domain.local_time import zone_named
from consign.domain.money import exponent
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Put, Rows, required

BAND_FLOORS = (0, 1, 2, 5, 10, 20, 50, 100)
"""Where price bands begin, in the currency's own unit."""


class FactRow(Struct, frozen=True, gc=False):
    """One fact, `line` counting those of an event.

    `kind` says what it is about; texts that mean nothing for it are empty, numbers zero. `day` and `hour` are told
    where the sale is, the hour with its offset. `band_minor` is where the band of the asked price begins. `due` is an
    instant. `commit_position` is that of the end of the event's command: it counts whole or not at all.
    """

    position: int
    line: int
    sale: str
    kind: str
    event: str
    event_id: str
    commit_position: int
    recorded_at: datetime
    day: str = ""
    hour: str = ""
    till: str = ""
    session: str = ""
    cashier: str = ""
    tender: str = ""
    presale_group: str = ""
    participation: str = ""
    consignor: int = 0
    category: str = ""
    band_minor: int = 0
    tag: str = ""
    description: str = ""
    status: str = ""
    wish: str = ""
    bearer: str = ""
    rate_ppm: int = 0
    receipt: str = ""
    payout: str = ""
    due: str = ""
    shift: str = ""
    shelf_count: str = ""
    area: str = ""
    voucher: str = ""
    count: int = 0
    amount_minor: int = 0
    asked_minor: int = 0
    paid_minor: int = 0
    base_minor: int = 0
    rounding_minor: int = 0
    minutes: int = 0
    promised_minutes: int = 0


class SaleZone(Struct, frozen=True):
    """What is needed to say when something was, where the sale is."""

    sale: str
    currency: str
    time_zone: str


class Sitting(Struct, frozen=True):
    """Who opened which till."""

    session: str
    till: str
    cashier: str


class Fact(Struct, frozen=True, gc=False):
    """A fact before it has its place: `values` are columns of `FactRow`."""

    kind: str
    values: dict[str, Any]


class Told(Struct, frozen=True):
    """What an event tells: its facts, and the changes of rows that later facts need."""

    facts: Sequence[Fact] = ()
    changes: Sequence[Change] = ()


class Area(Struct, frozen=True):
    """What is counted of one topic: which events matter (storage tags), the rows they need, and what they tell."""

    handles: frozenset[str]
    reads: Callable[[Any], Iterable[tuple[str, Key]]]
    told: Callable[[StoredEvent, Any, Rows], Told]


def fact(kind: str, **values: Any) -> Fact:
    """Return a fact; `values` are columns of `FactRow`."""
    return Fact(kind, values)


def placed(stored: StoredEvent, sale: str, facts: Iterable[Fact]) -> Sequence[Change]:
    """Give an event's facts their places."""
    event_id = str(stored.event_id)
    return [
        Put(
            "facts",
            FactRow(
                position=stored.position,
                line=line,
                sale=sale,
                kind=each.kind,
                event=stored.type,
                event_id=event_id,
                commit_position=stored.commit_position,
                recorded_at=stored.recorded_at,
                **each.values,
            ),
        )
        for line, each in enumerate(facts)
    ]


def at_the_till(rows: Rows, sale: str, session: str, moment: datetime, cashier: str | None) -> dict[str, Any]:
    """Return the columns that say where, when and by whom; where an event names no cashier, who opened the till."""
    zone: SaleZone = required(rows, "sales", (sale,))
    sitting: Sitting = required(rows, "sittings", (session,))
    local = moment.astimezone(zone_named(zone.time_zone))
    hour = local.replace(minute=0, second=0, microsecond=0)
    return {
        "day": local.date().isoformat(),
        "hour": hour.isoformat(timespec="minutes"),
        "till": sitting.till,
        "session": session,
        "cashier": cashier or sitting.cashier,
    }


def day_of(rows: Rows, sale: str, moment: datetime) -> str:
    """Return the day where the sale is."""
    zone: SaleZone = required(rows, "sales", (sale,))
    return moment.astimezone(zone_named(zone.time_zone)).date().isoformat()


@lru_cache(maxsize=1_000)
def band_of(asked_minor: int, currency: str) -> int:
    """Return where the band begins that the price is in, in minor units."""
    unit_minor: int = 10 ** exponent(currency)
    return max(floor * unit_minor for floor in BAND_FLOORS if floor * unit_minor <= max(asked_minor, 0))
