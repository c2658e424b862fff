"""What was changed behind the service's back is found: where it was changed, or by what somebody kept elsewhere."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from consign.actors.chain import GENESIS, event_hash
from consign.actors.ports import Head
from consign.cli.verification import Balance, Chain, Checkpoint, Numbering, Result, checked_log
from consign.domain.recorded import StoredEvent
from tests.domain.market import live
from tests.projections.recorder import ORGANIZATION, Recorder

CHANGED = 5
LOG_ID = UUID(int=1)


def history() -> list[StoredEvent]:
    """A log as it is written: every hash made of what is stored."""
    recorder = Recorder([])
    for emitted in live().events:
        recorder.record([emitted])
    return rechained(recorder.stored)


def rechained(rows: Sequence[StoredEvent]) -> list[StoredEvent]:
    chained: list[StoredEvent] = []
    before = GENESIS
    for row in rows:
        before = event_hash(before, row)
        chained.append(replace(row, hash=before))
    return chained


def with_amount_changed(rows: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Change a row as a superuser could; it says something else and can be read all the same."""
    changed = list(rows)
    changed[CHANGED - 1] = replace(rows[CHANGED - 1], account_id="somebody-else")
    return changed


class Rows:
    """A log to read."""

    def __init__(self, rows: Sequence[StoredEvent]) -> None:
        self._rows = rows

    async def head(self, organization_id: str) -> Head | None:
        return Head(organization_id, LOG_ID, 1, len(self._rows), self._rows[-1].hash)

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        assert organization_id == ORGANIZATION
        return self._rows[after : after + limit]


async def found(rows: Sequence[StoredEvent], against: Checkpoint | None = None) -> list[Result]:
    log = Rows(rows)
    head = await log.head(ORGANIZATION)
    assert head is not None
    return await checked_log(log, head, Chain(against), (Numbering(), Balance()), lambda _: None)


def problems(results: Sequence[Result]) -> list[str]:
    return [problem for result in results for problem in result.problems]


async def test_a_log_that_nobody_touched_is_in_order_and_agrees_with_its_checkpoints() -> None:
    rows = history()
    for row in rows:
        assert problems(await found(rows, Checkpoint(row.position, row.hash))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda row: replace(row, account_id="somebody-else"),
        lambda row: replace(row, meta='{"from":"198.51.100.0/24"}'),
        lambda row: replace(row, data=b'{"type":"item-listed"'),
        lambda row: replace(row, type="item-beamed-up"),
        lambda row: replace(row, hash=bytes(32)),
    ],
)
async def test_the_first_bad_position_is_named(change: Callable[[StoredEvent], StoredEvent]) -> None:
    rows = history()
    rows[CHANGED - 1] = change(rows[CHANGED - 1])
    first = problems(await found(rows))[0]
    assert first.startswith(f"the first bad position is {CHANGED}:")


async def test_a_chain_that_was_reckoned_anew_is_found_by_a_checkpoint_alone() -> None:
    rows = history()
    kept = Checkpoint(rows[-1].position, rows[-1].hash)
    forged = rechained(with_amount_changed(rows))
    assert problems(await found(forged)) == []
    assert problems(await found(forged, kept)) == [
        f"at position {kept.position} the chain is not the one of the checkpoint"
    ]


async def test_a_log_whose_end_was_cut_off_is_found_by_a_checkpoint_alone() -> None:
    rows = history()
    kept = Checkpoint(rows[-1].position, rows[-1].hash)
    short = rows[:-1]
    assert problems(await found(short)) == []
    assert problems(await found(short, kept)) == [
        f"the log ends at {len(short)}, before the checkpoint: its end is gone"
    ]


def test_a_checkpoint_is_said_in_one_word() -> None:
    assert str(Checkpoint(7, bytes(32))) == f"7:{'00' * 32}"
