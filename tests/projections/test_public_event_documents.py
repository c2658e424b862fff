from pathlib import Path

import msgspec
import pytest

from consign.projections.public_event_documents import AGGREGATES, TYPES, asyncapi, documents, json_schema
from consign.projections.public_event_examples import EXAMPLES
from tests.projections.test_agreement import settled

FOLDER = Path(__file__).parents[2] / "docs" / "api"


def test_the_committed_documents_are_what_the_code_says() -> None:
    committed = {
        str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8")
        for path in [FOLDER / "asyncapi.json", *(FOLDER / "public-events").glob("*.schema.json")]
    }

    assert committed == documents(), "run `python docs/api/generate.py`"


def test_every_public_event_has_one_example() -> None:
    assert [type(example) for example in EXAMPLES] == list(TYPES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_an_example_is_what_its_type_says(example: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(example), type=type(example), strict=True) == example


@pytest.mark.parametrize("event", TYPES, ids=lambda event: event.__name__)
def test_a_schema_stands_alone_and_names_every_field(event: type[msgspec.Struct]) -> None:
    schema = json_schema(event)

    assert schema["$id"].endswith(f":{event.__name__}")
    assert schema["description"]
    assert set(schema["properties"]) == {field.name for field in msgspec.structs.fields(event)}


@pytest.mark.parametrize("event", TYPES, ids=lambda event: event.__name__)
def test_amounts_come_with_their_currency(event: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(event)}

    assert "currency" in names or not any(name.endswith("_minor") for name in names)


def test_the_channel_carries_every_message() -> None:
    document = asyncapi()

    assert set(document["channels"]["publicEvents"]["messages"]) == {event.__name__ for event in TYPES}
    assert set(document["components"]["messages"]) == {event.__name__ for event in TYPES}
    assert set(document["components"]["schemas"]) >= {event.__name__ for event in TYPES}


def test_the_channel_names_everything_that_events_are_about() -> None:
    for seed in (3, 6):
        assert {row.aggregate for row in settled(seed, 300).rows("public_events", "events")} <= set(AGGREGATES)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = asyncapi()
    for reference in _references(document):
        place: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict), reference
            assert step in place, reference
            place = place[step]


def _references(value: object) -> list[str]:
    match value:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [found for each in value.values() for found in _references(each)]
        case list():
            return [found for each in value for found in _references(each)]
        case _:
            return []
