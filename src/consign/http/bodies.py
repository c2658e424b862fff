"""Reading a request's body into the type its endpoint declares, with an error that points at the field."""

import re
from typing import Any

import msgspec
from msgspec import Struct

from consign.http.exchange import Exchange
from consign.http.problems import Refusal, error
from consign.http.strict_bodies import reader

JSON = "application/json"
CSV = "text/csv"
UNREADABLE = frozenset(("malformed_body", "malformed_text"))
"""The reasons for which a body says nothing at all."""

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_NAMED = re.compile(r"(?:missing required field|unknown field) `(?P<name>[^`]*)`")


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a command of which the path says all."""


def media_type(exchange: Exchange) -> str:
    """Return the body's media type, without parameters, in lower case."""
    return exchange.header(b"content-type").partition(";")[0].strip().lower()


def decode(exchange: Exchange, body: bytes, body_type: Any) -> Any:
    """Return the body as `body_type`; no body at all stands for an empty object. Raises Refusal."""
    if not body:
        body = b"{}"
    elif media_type(exchange) != JSON:
        raise Refusal("unsupported_media_type", f"Send the body as {JSON}.")
    return decode_json(body, body_type)


def decode_json(body: bytes, body_type: Any) -> Any:
    """Return the JSON text as `body_type`; raises Refusal."""
    try:
        return reader(body_type)(body)
    except msgspec.ValidationError as invalid:
        raise invalid_body(str(invalid)) from invalid
    except msgspec.DecodeError as malformed:
        raise Refusal("malformed_body", f"The body is not JSON: {malformed}.") from malformed
    except UnicodeDecodeError as malformed:
        raise Refusal("malformed_text", "The body is not UTF-8.") from malformed
    except RecursionError as malformed:
        raise Refusal("malformed_body", "The body is nested too deeply.") from malformed


def invalid_body(message: str) -> Refusal:
    """Turn the decoder's message into a refusal that points at the field."""
    found = _PLACE.match(message)
    assert found is not None
    what, pointer = found["what"], _pointer(found["path"] or "$")
    named = _NAMED.search(what)
    if named is not None:
        pointer += f"/{named['name']}"
    reason = "missing" if "missing required" in what else "invalid"
    return Refusal("body_invalid", f"{what}.", errors=[error(pointer, reason, what)])


def _pointer(path: str) -> str:
    steps = [(step["name"] or step["index"]) for step in _STEP.finditer(path)]
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
