"""Bodies that refuse what they do not know, down to the last struct in them.

What is stored or forwarded ignores fields that a newer build may have added. A client's misspelt field must not vanish
like that: its body is read into twins of those structs that refuse it, and only then into the structs themselves.
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct


@cache
def reader(body_type: Any) -> Callable[[bytes], Any]:
    """Return what reads JSON as the type and raises what msgspec does, for an unknown field too."""
    twin = strict(body_type)
    decode = msgspec.json.Decoder(twin).decode
    if twin is body_type:
        return decode
    plain = msgspec.json.Decoder(body_type).decode

    def read(body: bytes) -> Any:
        decode(body)  # for what it refuses; a second reading costs no more than a conversion, and keeps what is unset
        return plain(body)

    return read


@cache
def strict(kind: Any) -> Any:
    """Return the type with each struct in it replaced by one that refuses unknown fields; itself, where all do."""
    if isinstance(kind, TypeAliasType):
        inner = strict(kind.__value__)
        return kind if inner is kind.__value__ else inner
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _strict_struct(kind)
    parts = get_args(kind)
    twins = tuple(part if _is_plain(kind, part) else strict(part) for part in parts)
    if all(twin is part for twin, part in zip(twins, parts, strict=True)):
        return kind
    origin: Any = get_origin(kind)
    if origin is Annotated:
        return Annotated[twins]
    return reduce(or_, twins) if origin in (Union, UnionType) else origin[twins]


def _is_plain(kind: Any, part: Any) -> bool:
    """Say whether a part of a type is no type itself: an ellipsis, a literal's value, what an annotation says."""
    if get_origin(kind) is Annotated:
        return part is not get_args(kind)[0]
    return part is ... or get_origin(kind) is Literal


def _strict_struct(kind: type[Struct]) -> type[Struct]:
    types = get_type_hints(kind, include_extras=True)
    twins = {name: strict(each) for name, each in types.items()}
    config = kind.__struct_config__
    if config.forbid_unknown_fields and all(twins[name] is types[name] for name in types):
        return kind
    known_otherwise = not config.forbid_unknown_fields and not kind.__name__.startswith("Given")
    return msgspec.defstruct(
        f"Given{kind.__name__}" if known_otherwise else kind.__name__,
        [(field.name, twins[field.name], _default(field)) for field in msgspec.structs.fields(kind)],
        namespace={"__doc__": kind.__doc__},
        module=kind.__module__,
        tag=config.tag,
        tag_field=config.tag_field,
        rename={field.name: field.encode_name for field in msgspec.structs.fields(kind)},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    if field.default_factory is not NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.field()
