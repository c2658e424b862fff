"""Facts of counting the shelves: what was seen, what was missed by a count, and what should not have been there."""

from collections.abc import Iterable

from msgspec.structs import replace

from consign.domain.ledger.floor_events import ItemsMissed, ShelfCounted
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Put, Rows, required
from consign.projections.reports.facts import Area, Fact, Told, fact
from consign.projections.reports.stock import Thing

type Counting = ShelfCounted | ItemsMissed


def _reads(event: Counting) -> Iterable[tuple[str, Key]]:
    match event:
        case ShelfCounted(tags=tags):
            return [("things", (tag,)) for tag in tags]
        case ItemsMissed(items=items):
            return [("things", (item.tag,)) for item in items]


def _told(_: StoredEvent, event: Counting, rows: Rows) -> Told:
    """Count a thing once a count, however often it is scanned; what should not be there counts by the scan."""
    match event:
        case ShelfCounted(count=count, area=area, tags=tags, surplus=surplus):
            things: list[Thing] = [required(rows, "things", (tag,)) for tag in tags]
            seen = [thing for thing in things if thing.seen_in != count]
            facts = [_of(thing, "seen", count, area) for thing in seen]
            facts += [
                fact("surplus", shelf_count=count, area=area, description=each.scanned, status=each.what, count=1)
                for each in surplus
            ]
            return Told(facts, [Put("things", replace(thing, seen_in=count)) for thing in seen])
        case ItemsMissed(count=None):
            return Told()
        case ItemsMissed(count=count, items=items):
            missed = (required(rows, "things", (item.tag,)) for item in items)
            return Told([_of(thing, "missed", count or "", "") for thing in missed])


def _of(thing: Thing, kind: str, shelf_count: str, area: str) -> Fact:
    return fact(
        kind,
        shelf_count=shelf_count,
        area=area,
        participation=thing.participation,
        consignor=thing.consignor,
        category=thing.category,
        tag=thing.tag,
        count=1,
        asked_minor=thing.asked_minor,
    )


COUNTING = Area(frozenset({"shelf-counted", "items-missed"}), _reads, _told)
