"""The OpenAPI 3.1 document, made from what endpoints say of themselves and the very types they read and write."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from consign.http import examples
from consign.http.access import ANYBODY, RULES, in_words
from consign.http.audit_reads import TRACES, WHY, WHY_LENGTH_MAX
from consign.http.endpoint import Endpoint, Parameter
from consign.http.path_ids import patterns
from consign.http.problems import PROBLEM_TYPE, REASONS, ROW_REASONS, Problem, Refusal, document
from consign.http.strict_bodies import strict

API_VERSION = "1.0.0"
_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)(?::str)?}")

_EXAMPLES: Mapping[int, Refusal] = {
    400: Refusal("malformed_body", "The body is not JSON: Input data was truncated."),
    401: Refusal("unauthenticated", "The token has expired."),
    403: Refusal("forbidden", "This needs one of the roles organizer, cashier."),
    404: Refusal("unknown_organization", "There is no organization of this name, or none that you belong to."),
    406: Refusal("not_acceptable", "The answer is application/json."),
    408: Refusal("request_timeout", "The body did not arrive in time."),
    409: Refusal("already_sold", "001-0017-001-5 was sold at till K2 at 10:42."),
    410: Refusal("person_forgotten", "The person was forgotten."),
    413: Refusal("payload_too_large", "The body may hold 1048576 bytes."),
    415: Refusal("unsupported_media_type", "Send the body as application/json."),
    422: Refusal("body_invalid", "Expected `int` >= 1."),
    429: Refusal("rate_limited", "Too many requests of this account. Try again later."),
    431: Refusal("head_too_large", "A request may have 100 headers."),
    500: Refusal("internal_error", "This is a defect of the service; the correlation id finds it in the log."),
    503: Refusal("mailbox_full", "Too many commands are waiting. Try again shortly."),
}


def openapi_document(handlers: Sequence[HTTPRouteHandler]) -> bytes:
    """Return the document as JSON."""
    endpoints = [(handler, _endpoint(handler)) for handler in handlers]
    schemas = _Schemas(_types(endpoint for _, endpoint in endpoints))
    paths: dict[str, dict[str, Any]] = {}
    for handler, endpoint in endpoints:
        for path in sorted(handler.paths):
            for method in sorted(handler.http_methods):
                operation = _operation(path, endpoint, schemas)
                paths.setdefault(_PARAMETER.sub(r"{\1}", path), {})[method.lower()] = operation
    content = {
        "openapi": "3.1.0",
        "info": {
            "title": "consign",
            "version": API_VERSION,
            "summary": "Consignment sale events: commands, queries, history.",
            "description": "Commands are POSTs with an Idempotency-Key; every answer says at which position of the "
            "organization's log it is true. Errors are problem documents of a closed list of reasons: `/problems`.",
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.components, "Problem": _problem_schema(schemas.components["Problem"])},
            "responses": {str(status): _problem_response(refusal) for status, refusal in _EXAMPLES.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    return msgspec.json.encode(content, order="sorted")


class _Schemas:
    def __init__(self, types: Sequence[Any]) -> None:
        found, self.components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
        self._by_type = {_key(each): schema for each, schema in zip(types, found, strict=True)}

    def of(self, kind: Any) -> Mapping[str, Any]:
        return self._by_type[_key(kind)]


def _key(kind: Any) -> str:
    return f"{id(kind)}" if isinstance(kind, type) else repr(kind)


def _types(endpoints: Iterable[Endpoint]) -> list[Any]:
    wanted: dict[str, Any] = {_key(Problem): Problem}
    for endpoint in endpoints:
        for kind in (_body_type(endpoint), endpoint.answer, *(each.kind for each in endpoint.parameters)):
            if kind is not None:
                wanted[_key(kind)] = kind
    return list(wanted.values())


def _endpoint(handler: HTTPRouteHandler) -> Endpoint:
    endpoint = handler.opt["endpoint"]
    assert isinstance(endpoint, Endpoint)
    return endpoint


def _operation(path: str, endpoint: Endpoint, schemas: _Schemas) -> Mapping[str, Any]:
    rule = RULES[endpoint.rule]
    operation: dict[str, Any] = {
        "operationId": endpoint.rule,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(path), *_parameters(endpoint, schemas)],
        "responses": _responses(endpoint, schemas, guarded=rule is not ANYBODY),
    }
    if rule is not ANYBODY:
        operation["security"] = [{"token": []}]
        operation["description"] = f"For {', '.join(map(in_words, rule))}."
    if endpoint.body is not None:
        operation["requestBody"] = _body(endpoint, schemas)
    return operation


def _path_parameters(path: str) -> list[Mapping[str, Any]]:
    known = {"organization": "^[a-z0-9-]{2,40}$", **patterns()}
    found: list[Mapping[str, Any]] = []
    for name in _PARAMETER.findall(path):
        schema: dict[str, Any] = {"type": "string", "minLength": 1}
        if name in known:
            schema["pattern"] = known[name]
        parameter: dict[str, Any] = {"name": name, "in": "path", "required": True, "schema": schema}
        if name in examples.PATH_IDS:
            parameter["example"] = examples.PATH_IDS[name]
        found.append(parameter)
    return found


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[Mapping[str, Any]]:
    found = [_parameter(each, schemas.of(each.kind)) for each in endpoint.parameters]
    correlation = Parameter("X-Correlation-Id", str, "Comes back, and is kept with the events.", place="header")
    found.append(_parameter(correlation, {"type": "string", "format": "uuid"}))
    if endpoint.is_command:
        key = Parameter("Idempotency-Key", str, "The command's id: send it again to repeat.", "header", required=True)
        found.append(_parameter(key, {"type": "string", "format": "uuid"}))
    if endpoint.rule in TRACES:
        found.append(_parameter(WHY, {"type": "string", "maxLength": WHY_LENGTH_MAX}))
    if endpoint.reads:
        known = Parameter("If-None-Match", str, "The ETag of an earlier answer.", place="header")
        found.append(_parameter(known, {"type": "string"}))
    return found


def _parameter(parameter: Parameter, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": schema,
    }
    if parameter.example is not None:
        found["example"] = parameter.example
    return found


def _body_type(endpoint: Endpoint) -> Any:
    return endpoint.body if endpoint.theirs else strict(endpoint.body)


def _body(endpoint: Endpoint, schemas: _Schemas) -> Mapping[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": schemas.of(_body_type(endpoint))}}
    if endpoint.example is not None:
        content["application/json"]["example"] = endpoint.example
    for media_type, example in endpoint.text_bodies.items():
        content[media_type] = {"schema": {"type": "string"}, "example": example}
    return {"required": any(field.required for field in msgspec.structs.fields(endpoint.body)), "content": content}


def _responses(endpoint: Endpoint, schemas: _Schemas, *, guarded: bool) -> Mapping[str, Any]:
    headers = {"X-Correlation-Id": {"schema": {"type": "string", "format": "uuid"}}}
    answer: dict[str, Any] = {}
    if endpoint.answer is not None:
        answer = {"schema": _answer_schema(endpoint, schemas)}
        if endpoint.answer_example is not None:
            answer["example"] = endpoint.answer_example
    responses: dict[str, Any] = {
        "200": {"description": "Done.", "headers": headers, "content": dict.fromkeys(endpoint.answer_types, answer)}
    }
    if endpoint.reads:
        responses["304"] = {"description": "The answer is the one with the ETag that was sent."}
    for status in _problem_statuses(endpoint, guarded=guarded):
        responses[str(status)] = (
            _problem_page(status) if endpoint.for_people else {"$ref": f"#/components/responses/{status}"}
        )
    if endpoint.rule == "ready":
        responses["503"] = {"description": "Not ready.", "content": {endpoint.answer_type: answer}}
    return responses


def _problem_statuses(endpoint: Endpoint, *, guarded: bool) -> Sequence[int]:
    statuses = [400, 404, 406, 429, 431, 500, 503]
    if endpoint.reads:
        statuses.append(409)
    if endpoint.tag in ("papers", "reports"):
        statuses.append(409)
    if endpoint.other_answer_types or endpoint.tag == "receipt-links":
        statuses.append(410)
    takes_a_body = endpoint.is_command or endpoint.body is not None
    if guarded or takes_a_body:  # what bears no token is signed
        statuses += [401, 403]
    if takes_a_body:
        statuses += [408, 409, 410, 413, 415, 422]
    if endpoint.tag in ("history", "books", "reports"):
        statuses += [409, 422]
    return sorted(set(statuses))


def _problem_page(status: int) -> Mapping[str, Any]:
    response = _problem_response(_EXAMPLES[status])
    return {**response, "content": {**response["content"], "text/html": {}}}


def _answer_schema(endpoint: Endpoint, schemas: _Schemas) -> Mapping[str, Any]:
    if not endpoint.is_command or "position" in getattr(endpoint.answer, "__struct_fields__", ("position",)):
        return schemas.of(endpoint.answer)
    position = {"type": "object", "required": ["position"], "properties": {"position": {"type": "integer"}}}
    return {"allOf": [position, schemas.of(endpoint.answer)]}


def _problem_schema(schema: Any) -> Mapping[str, Any]:
    properties = dict(schema["properties"])
    properties["reason"] = {"type": "string", "enum": sorted(REASONS)}
    properties["errors"] = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["pointer", "reason", "detail"],
            "properties": {
                "pointer": {"type": "string"},
                "reason": {"type": "string", "description": f"A reason, or one of {', '.join(ROW_REASONS)}."},
                "detail": {"type": "string"},
            },
        },
    }
    return {**schema, "properties": properties}


def _problem_response(refusal: Refusal) -> Mapping[str, Any]:
    example = msgspec.to_builtins(document(refusal, f"/api/v1/organizations/{examples.ORGANIZATION}/sales"))
    return {
        "description": REASONS[refusal.reason].title,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
