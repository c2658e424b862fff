from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from msgspec import Struct
from rpds import HashTrieMap

from consign.domain.decision import Emitted
from consign.domain.recorded import StoredEvent
from consign.projections.history import (
    FieldChange,
    ReadModelHistory,
    RowChange,
    StreamHistory,
    Until,
    differing_fields,
    differing_rows,
    render,
    rendered,
)
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table
from tests.projections.recorder import BEGINNING, Recorder
from tests.support.at_once import at_once


class Added(Struct, frozen=True, tag="added"):
    name: str
    amount: int


class Renamed(Struct, frozen=True, tag="renamed"):
    name: str


class CountRow(Struct, frozen=True):
    name: str
    total: int


class Counters:
    """The fold of a toy: a stream's state is a map of totals."""

    def __init__(self, recorder: Recorder) -> None:
        self.decode_event = recorder.decode_event

    def initial(self, stream: str) -> HashTrieMap[str, int]:
        return HashTrieMap()

    def evolve(self, stream: str, state: HashTrieMap[str, int], event: Added | Renamed) -> HashTrieMap[str, int]:
        match event:
            case Added(name, amount):
                return state.insert(name, state.get(name, 0) + amount)
            case Renamed():
                return state


def _apply(_: StoredEvent, event: Added, rows: Rows) -> tuple[Change, ...]:
    row: CountRow | None = rows.get("counts", (event.name,))
    total = event.amount + (row.total if row else 0)
    return (Put("counts", CountRow(event.name, total)) if total else Remove("counts", (event.name,)),)


COUNTS = Projection(
    name="counts",
    version=1,
    tables=(Table("counts", CountRow, key=("name",)),),
    handles=frozenset({"added"}),
    reads=lambda _, event: (("counts", (event.name,)),),
    apply=_apply,
)


@pytest.fixture
def recorder() -> Recorder:
    """Three commands of two events each, an hour apart: positions 1-2, 3-4 and 5-6."""
    recorder = Recorder()
    for amounts in ((1, 10), (2, 20), (-3, 30)):
        first, second = amounts
        recorder.record([Emitted("counter-a", Added("a", first)), Emitted("counter-b", Added("b", second))])
        recorder.now += timedelta(hours=1)
    return recorder


def _stream(recorder: Recorder, until: Until) -> StreamHistory:
    history = StreamHistory(Counters(recorder), "counter-a", until)
    history.feed(recorder.stored)
    return history


def _read_model(recorder: Recorder, until: Until) -> ReadModelHistory:
    history = ReadModelHistory(COUNTS, recorder.decode_event, until)
    history.feed(recorder.stored)
    return history


def test_a_stream_is_folded_to_its_end(recorder: Recorder) -> None:
    history = _stream(recorder, Until())

    assert dict(history.state) == {"a": 0}
    assert (history.position, history.version) == (5, 3)


def test_a_stream_is_folded_to_a_position(recorder: Recorder) -> None:
    assert dict(_stream(recorder, Until(position=4)).state) == {"a": 3}


def test_a_position_inside_a_command_means_the_command_before(recorder: Recorder) -> None:
    assert dict(_stream(recorder, Until(position=3)).state) == {"a": 1}
    assert _read_model(recorder, Until(position=3)).position == 2


def test_a_stream_is_folded_to_an_instant(recorder: Recorder) -> None:
    half_past_nine = BEGINNING + timedelta(minutes=90)

    assert dict(_stream(recorder, Until(at=half_past_nine)).state) == {"a": 3}


def test_an_instant_inside_a_command_means_the_command_before(recorder: Recorder) -> None:
    second_command = BEGINNING + timedelta(hours=1)

    assert _read_model(recorder, Until(at=second_command)).position == 2
    assert _read_model(recorder, Until(at=second_command + timedelta(microseconds=1))).position == 4


def test_a_stream_without_events_by_then_is_as_new(recorder: Recorder) -> None:
    history = _stream(recorder, Until(at=BEGINNING - timedelta(days=1)))

    assert dict(history.state) == {}
    assert (history.position, history.version) == (0, 0)


def test_no_more_is_wanted_once_the_bound_is_passed(recorder: Recorder) -> None:
    history = ReadModelHistory(COUNTS, recorder.decode_event, Until(position=2))

    assert history.feed(recorder.stored[:2])
    assert not history.feed(recorder.stored[2:4])
    assert history.position == 2


def test_pages_may_overlap(recorder: Recorder) -> None:
    history = ReadModelHistory(COUNTS, recorder.decode_event, Until())
    history.feed(recorder.stored[:4])
    history.feed(recorder.stored[2:])

    assert history.tables() == _read_model(recorder, Until()).tables()


def test_a_read_model_is_folded_to_a_position(recorder: Recorder) -> None:
    assert _read_model(recorder, Until(position=4)).tables() == {
        "counts": {("a",): CountRow("a", 3), ("b",): CountRow("b", 30)}
    }


def test_two_moments_of_a_read_model_differ_in_their_rows(recorder: Recorder) -> None:
    history = _read_model(recorder, Until(position=2))
    before = history.tables()
    history.until = Until(position=6)
    history.feed(recorder.stored)

    difference = at_once(differing_rows(before, history.tables(), limit=1))

    assert (difference.added, difference.removed, difference.changed) == (0, 1, 1)
    assert difference.rows == (RowChange("counts", ("a",), {"name": "a", "total": 1}, None),)


def test_two_moments_of_a_stream_differ_in_their_fields(recorder: Recorder) -> None:
    before = _stream(recorder, Until(position=2)).state
    after = _stream(recorder, Until()).state.insert("c/d", 7)

    assert at_once(differing_fields(before, after, limit=10)) == (
        FieldChange("/a", 1, 0),
        FieldChange("/c~1d", None, 7),
    )


def test_no_more_differences_are_shown_than_asked_for() -> None:
    before, after = HashTrieMap({"a": 1, "b": 2}), HashTrieMap({"a": 2, "b": 3})

    assert len(at_once(differing_fields(before, after, limit=1))) == 1


def test_structs_and_lists_are_compared_inside() -> None:
    class Basket(Struct, frozen=True):
        lines: tuple[CountRow, ...]
        note: str = ""

    before = Basket((CountRow("a", 1),))
    after = Basket((CountRow("a", 2), CountRow("b", 1)))

    assert at_once(differing_fields(before, after, limit=10)) == (
        FieldChange("/lines/0/total", 1, 2),
        FieldChange("/lines/1", None, {"name": "b", "total": 1}),
    )


def test_a_state_is_rendered_as_plain_json() -> None:
    state = HashTrieMap({2: CountRow("b", 1), 1: CountRow("a", 2)})

    rendered = render(state)

    assert list(rendered.items()) == [("1", {"name": "a", "total": 2}), ("2", {"name": "b", "total": 1})]
    assert msgspec.json.encode(rendered)


class Stock(Struct, frozen=True, tag="stock"):
    name: str
    counts: HashTrieMap[str, CountRow]
    last: int | None = None


LARGE = HashTrieMap({f"{number:05}": CountRow(str(number), number) for number in range(2000)})


def test_a_large_state_is_rendered_in_slices_and_says_the_same() -> None:
    state = Stock("a", LARGE)

    text = at_once(rendered(state))

    assert msgspec.json.decode(text) == render(state)
    assert list(msgspec.json.decode(text)["counts"]) == sorted(LARGE)
    assert len(list(rendered(state))) > 10


def test_large_states_and_tables_are_compared_in_slices() -> None:
    after = LARGE.insert("00007", CountRow("7", 0))

    assert at_once(differing_fields(Stock("a", LARGE), Stock("a", after), limit=10)) == (
        FieldChange("/counts/00007/total", 7, 0),
    )
    assert len(list(differing_fields(Stock("a", LARGE), Stock("a", after), limit=10))) > 10
    rows: dict[Key, CountRow] = {(name,): row for name, row in LARGE.items()}
    assert len(list(differing_rows({"counts": rows}, {"counts": {}}, limit=1))) > 10
