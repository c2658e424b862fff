"""The published description of the public events: a JSON Schema each, and one AsyncAPI 3 document over all of them."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from consign.projections.public_event_examples import EXAMPLES
from consign.projections.public_event_types import PublicData
from consign.projections.public_events import SUBJECT_VERSION, data_schema

TYPES: tuple[type[Any], ...] = get_args(PublicData.__value__)
"""Every public event, in the order of the documents."""

AGGREGATES = ("organization", "account", "sale", "participation", "ledger", "session", "settlement")
"""What public events are about: the second step of their subjects."""

_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/components/schemas/{name}"

_HEADERS: Mapping[str, Any] = {
    "type": "object",
    "description": "The attributes of CloudEvents 1.0 in the NATS binding's binary mode.",
    "required": [
        "ce-specversion",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-subject",
        "ce-time",
        "ce-dataschema",
        "ce-publicposition",
    ],
    "properties": {
        "ce-specversion": {"type": "string", "const": "1.0"},
        "ce-id": {"type": "string", "description": "Unique for the source: a repeated delivery bears the same id."},
        "ce-source": {"type": "string", "description": "/organizations/{organization}"},
        "ce-type": {"type": "string", "description": "The name of the event."},
        "ce-subject": {"type": "string", "description": "{aggregate}/{id}"},
        "ce-time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
        "ce-dataschema": {"type": "string", "description": "The $id of the payload's JSON Schema."},
        "ce-publicposition": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Gapless from 1 in each organization: a jump means that something was missed.",
        },
    },
}


def json_schema(event: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema of one public event, complete in itself."""
    schema = msgspec.json.schema(event)
    # The root is given as a reference to its definition; a published schema says what it is at its root.
    root = schema["$defs"].pop(event.__name__)
    document = {"$schema": _SCHEMA_DIALECT, "$id": data_schema(event.__name__), **root}
    return {**document, "$defs": schema["$defs"]} if schema["$defs"] else document


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI document: one channel, a message for each public event with an example."""
    _, schemas = msgspec.json.schema_components(TYPES, ref_template=_REFERENCE)
    names = [event.__name__ for event in TYPES]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "consign public events",
            "version": "1.0.0",
            "description": (
                "What happens at an organization's consignment sales, without personal data. Deliveries may repeat; "
                "count ce-publicposition, and fetch what is missing from GET /api/v1/organizations/{organization}"
                "/events?after={position}."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "publicEvents": {
                "address": f"consign.{SUBJECT_VERSION}.{{organization}}.{{aggregate}}.{{id}}.{{type}}",
                "description": "A NATS JetStream subject; an integrator reaches its own organization only.",
                "parameters": {
                    "organization": {"description": "The organization's slug."},
                    "aggregate": {
                        "description": "What the event is about.",
                        "enum": list(AGGREGATES),
                    },
                    "id": {"description": "The aggregate's id; a ledger and a settlement have the id of their sale."},
                    "type": {"description": "The name of the event.", "enum": names},
                },
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/publicEvents"},
                "messages": [{"$ref": f"#/channels/publicEvents/messages/{name}"} for name in names],
            }
        },
        "components": {
            "messages": {type(example).__name__: _message(example) for example in EXAMPLES},
            "messageTraits": {"cloudEvent": {"headers": _HEADERS}},
            "schemas": schemas,
        },
    }


def documents() -> Mapping[str, str]:
    """Return every published document by its path below the documents' folder."""
    texts = {f"public-events/{event.__name__}.schema.json": _text(json_schema(event)) for event in TYPES}
    return {**texts, "asyncapi.json": _text(asyncapi())}


def _message(example: PublicData) -> dict[str, Any]:
    name = type(example).__name__
    return {
        "name": name,
        "summary": (type(example).__doc__ or "").strip(),
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"$ref": _REFERENCE.format(name=name)},
        "examples": [{"name": name, "payload": msgspec.to_builtins(example)}],
    }


def _text(document: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
