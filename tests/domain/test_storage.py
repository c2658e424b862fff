"""What was stored once must read for ever: golden files of every event, and states that come back exactly."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from consign.actors.ports import Business
from consign.domain import schemas
from consign.domain.business import CONSIGN
from consign.domain.events import Event
from consign.domain.ledger.commands import ExpireHolds
from consign.domain.ledger.events import ItemListed
from consign.domain.recorded import StoredEvent
from consign.domain.schemas import SCHEMAS, UnreadableEvent, event_types
from consign.domain.session.commands import Pay, Scan, SuspendBasket
from consign.domain.session.paying_commands import ExpirePayment
from consign.domain.snapshots import SLICE_ENTRIES
from consign.domain.tag import tag_code
from consign.domain.values import ParticipationId
from tests.domain.market import BASKET, COAT, OTHER_BASKET, SALE, SESSION, SKIRT, cash, live, sold
from tests.domain.specimens import SPECIMENS
from tests.domain.specimens.paying import PAYMENT
from tests.support.at_once import at_once

BUSINESS: Business = CONSIGN  # held to the runtime's protocol by the type checker

GOLDEN = Path(__file__).parent / "golden"
ANY_ID = UUID("01900000-0000-7000-8000-000000000000")
ANY_TIME = datetime(2026, 9, 26, tzinfo=UTC)


def stored(event_type: str, schema: int, data: bytes) -> StoredEvent:
    return StoredEvent(
        organization_id="alpe",
        position=1,
        stream="sale-1",
        version=1,
        type=event_type,
        schema=schema,
        event_id=ANY_ID,
        commit_position=1,
        command_id=ANY_ID,
        correlation_id=ANY_ID,
        causation_id=ANY_ID,
        account_id="casey",
        role="cashier",
        on_behalf_of=None,
        device_id=None,
        occurred_at=ANY_TIME,
        recorded_at=ANY_TIME,
        meta="{}",
        data=data,
        hash=b"",
    )


def test_there_is_a_specimen_and_a_golden_file_of_every_event_as_it_is_now() -> None:
    assert {type(specimen) for specimen in SPECIMENS} == set(event_types().values())
    missing = [f"{tag}.{schema}.json" for tag, schema in SCHEMAS.items() if not golden(tag, schema).exists()]
    assert missing == []


def golden(event_type: str, schema: int) -> Path:
    return GOLDEN / f"{event_type}.{schema}.json"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_file_still_reads(path: Path) -> None:
    event_type, schema = path.stem.rsplit(".", 1)
    event = CONSIGN.decode_event(stored(event_type, int(schema), path.read_bytes()))
    assert event in SPECIMENS


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: type(specimen).__name__)
def test_every_event_is_stored_as_its_golden_file_says(specimen: Struct) -> None:
    event_type, schema, data = CONSIGN.encode_event(specimen)
    assert msgspec.json.decode(data)["type"] == event_type
    assert data == golden(event_type, schema).read_bytes().strip()
    assert CONSIGN.decode_event(stored(event_type, schema, data)) == specimen


def test_an_older_schema_is_brought_up_to_date_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def name_the_tag(fields: schemas.Fields) -> schemas.Fields:
        return {**fields, "tag": fields["code"]}

    monkeypatch.setitem(SCHEMAS, "item-released", 2)
    monkeypatch.setitem(schemas.UPCASTERS, ("item-released", 1), name_the_tag)
    old = b'{"type":"item-released","sale":"s","code":"00700010013","basket":"b"}'
    event = CONSIGN.decode_event(stored("item-released", 1, old))
    assert (event.tag, event.basket) == ("00700010013", "b")


@pytest.mark.parametrize(("event_type", "schema"), [("item-released", 2), ("item-beamed-up", 1)])
def test_what_only_a_newer_build_knows_is_refused_by_name(event_type: str, schema: int) -> None:
    with pytest.raises(UnreadableEvent, match=event_type):
        CONSIGN.decode_event(stored(event_type, schema, b"{}"))


def test_a_field_that_was_added_later_has_its_default() -> None:
    event = msgspec.json.decode(
        b'{"type":"hold-moved","sale":"s","basket":"b","session":"c","till":"1","expires_at":"2026-09-26T08:00:00Z"}',
        type=Event,
    )
    assert event.tags == ()


def test_states_come_back_exactly_from_their_snapshots() -> None:
    log = live()
    sold(log, SKIRT)
    log.issue(Scan(SESSION, OTHER_BASKET, COAT))
    log.issue(SuspendBasket(SESSION, OTHER_BASKET))
    for stream, state in log.states.items():
        again = at_once(CONSIGN.decode_state(stream, at_once(CONSIGN.encode_state(stream, state))))
        assert again == state
        assert CONSIGN.fold_version(stream) >= 1


@pytest.mark.parametrize(
    "stream",
    ["organization-a", "sale-a", "participation-a", "account-a", "ledger-a", "session-a", "settlement-a", "device-a"],
)
def test_the_state_before_any_event_comes_back_too(stream: str) -> None:
    initial = CONSIGN.initial(stream)
    assert at_once(CONSIGN.decode_state(stream, at_once(CONSIGN.encode_state(stream, initial)))) == initial


def test_a_large_state_is_made_and_read_in_slices() -> None:
    tags = [tag_code(1, 1 + index // 999, 1 + index % 999) for index in range(10 * SLICE_ENTRIES)]
    state = CONSIGN.initial("ledger-a")
    for tag in tags:
        item = ItemListed(
            SALE, tag, ParticipationId("p"), int(tag[3:7]), "toys", "Toy", 100, 1, reduce=False, donate=False
        )
        state = CONSIGN.evolve("ledger-a", state, item)
    encoding = CONSIGN.encode_state("ledger-a", state)
    assert sum(1 for _ in encoding) > 10
    data = at_once(CONSIGN.encode_state("ledger-a", state))
    assert sum(1 for _ in CONSIGN.decode_state("ledger-a", data)) > 10
    assert at_once(CONSIGN.decode_state("ledger-a", data)) == state


def test_commands_come_back_from_timers_and_forwarding() -> None:
    for command in (
        ExpireHolds(SALE, BASKET),
        ExpirePayment(SESSION, PAYMENT),
        Pay(SESSION, BASKET, (cash(5),), "EUR"),
        Scan(SESSION, BASKET, SKIRT),
    ):
        assert CONSIGN.decode_command(CONSIGN.encode_command(command)) == command


@pytest.mark.parametrize(
    "text",
    [
        b'{"type":"scan","session":"not-a-uuid","basket":"b","tag":"1"}',
        b'{"type":"found-organization","organization":"alpe","name":"a\\u0000b","currency":"EUR"}',
        b'{"type":"no-such-command"}',
    ],
)
def test_a_command_out_of_bounds_is_not_read(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        CONSIGN.decode_command(text)
