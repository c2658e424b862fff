"""What a client says and nobody knows is refused, however deep in a body: a misspelt field must not vanish."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from consign.http.examples import PATH_IDS
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

ROLES = ("organizer", "cashier", "volunteer", "auditor", "consignor", "device")

OF_PROVIDERS = frozenset({"clerk-webhook"})
"""Messages that are a provider's own: they may say more than is read of them."""

type Schema = Mapping[str, Any]
type Place = tuple[str | int, ...]


class Ids(dict[str, str]):
    """Ids for a path; one that no example has is left as it is."""

    def __missing__(self, name: str) -> str:
        return name


class Document:
    """The published OpenAPI document, and what it says of bodies."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def bodies(self) -> Iterator[tuple[str, str, Schema, Any]]:
        """Return name, path, schema and example of everything that is posted as JSON."""
        for path, operations in self._document["paths"].items():
            for operation in operations.values():
                if operation["operationId"] in OF_PROVIDERS:
                    continue
                content = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if content is not None:
                    yield operation["operationId"], path, content["schema"], content["example"]

    def structs(self, schema: Schema) -> Iterator[Schema]:
        """Return each struct that may be part of a body."""
        waiting, seen = [schema], list[Schema]()
        while waiting:
            one = self._named(waiting.pop())
            if any(one is other for other in seen):
                continue
            seen.append(one)
            if "properties" in one:
                yield one
            waiting += [each for each in _parts(one) if isinstance(each, dict)]

    def places(self, schema: Schema, example: Any, place: Place = ()) -> Iterator[Place]:
        """Return where in an example there are structs."""
        if isinstance(example, dict):
            one = self._of_object(schema)
            if "properties" in one:
                yield place
            for name, value in example.items():
                inner = one.get("properties", {}).get(name) or one.get("additionalProperties")
                if isinstance(inner, dict):
                    yield from self.places(inner, value, (*place, name))
        elif isinstance(example, list):
            items = self._array(schema).get("items")
            for index, value in enumerate(example):
                if isinstance(items, dict):
                    yield from self.places(items, value, (*place, index))

    def _of_object(self, schema: Schema) -> Schema:
        return next((one for one in self._choices(schema) if one.get("type") == "object"), {})

    def _array(self, schema: Schema) -> Schema:
        return next((one for one in self._choices(schema) if one.get("type") == "array"), {})

    def _choices(self, schema: Schema) -> Iterator[Schema]:
        one = self._named(schema)
        yield one
        for choice in one.get("anyOf", ()):
            yield from self._choices(choice)

    def _named(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        found: Schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found


def _parts(schema: Schema) -> Iterator[Any]:
    yield from schema.get("properties", {}).values()
    yield from schema.get("anyOf", ())
    yield from schema.get("prefixItems", ())
    yield schema.get("additionalProperties")
    yield schema.get("items")


@pytest.fixture
async def document(client: Client) -> Document:
    return Document((await client.http.get("/schema/openapi.json")).json())


async def test_the_document_says_of_every_struct_of_every_body_that_it_takes_no_other_fields(
    document: Document,
) -> None:
    open_ended = {
        f"{name}: {struct.get('title')}"
        for name, _, schema, _ in document.bodies()
        for struct in document.structs(schema)
        if struct.get("additionalProperties") is not False
    }
    assert open_ended == set()


async def test_every_body_is_refused_when_any_struct_in_it_has_a_field_too_many(
    shop: Shop, client: Client, document: Document
) -> None:
    token = client.token_of("olga", {client.organization: ROLES, "platform": ("operator",)})
    taken, tried = list[tuple[str, Place, int, str]](), 0
    for name, template, schema, example in document.bodies():
        path = template.format_map(Ids({**PATH_IDS, "organization": client.organization, "sale": shop.sale}))
        for place in document.places(schema, example):
            body = copy.deepcopy(example)
            struct = body
            for step in place:
                struct = struct[step]
            struct["surprise"] = 1
            answer = await client.http.post(path, json=body, headers=client.headers(token=token))
            tried += 1
            if answer.status_code not in (400, 422) or "surprise" not in answer.text:
                taken.append((name, place, answer.status_code, answer.text))
    assert taken == []
    assert tried > 120


async def test_a_misspelt_setting_and_a_word_too_many_of_a_refund_are_pointed_at(shop: Shop, client: Client) -> None:
    paid = await shop.sold(shop.tags[0])
    refund = {
        "tender": "cash",
        "reason": "does not fit",
        "lines": [{"tag": shop.tags[0], "returned_to": "consignor"}],
    }
    refused = await client.post(f"/sessions/{shop.session}/receipts/{paid['receipt']}/refund", refund)
    assert problem(refused, 422, "body_invalid")["errors"][0]["pointer"].endswith("/returned_to")

    settings = {**SETTINGS, "till": {"voucher_validty_days": 30}}
    refused = await client.post(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    assert problem(refused, 422, "body_invalid")["errors"][0]["pointer"] == "/settings/till/voucher_validty_days"

    planned = {"name": "Spring", "settings": {**SETTINGS, "cash_roundng_minor": 5}}
    refused = await client.post(f"/sales/{new_id()}/plan", planned)
    assert problem(refused, 422, "body_invalid")["errors"][0]["pointer"] == "/settings/cash_roundng_minor"
