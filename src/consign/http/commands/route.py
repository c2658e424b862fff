"""One command that goes to the domain as it is: where it is posted, and what of it the caller may not choose.

A body is the domain's command without what the path and the token already say, so that both cannot drift apart.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from consign.domain.values import Actor
from consign.http.approvals import GivenApproval
from consign.http.exchange import Exchange
from consign.http.problems import Refusal
from consign.http.quarantine import Quarantine

type Given = Callable[[Exchange], Any]
type Sealing = Callable[[Quarantine, Exchange, Any], Awaitable[Any]]
"""Seals what is needed of a body that was read."""
type Keep = Callable[[Quarantine, Exchange, Mapping[str, str], Refusal], Awaitable[Struct]]
"""Makes the command that keeps a body that is no JSON, given the ids of its path and what is wrong with it."""


class CommandRoute(Struct, frozen=True):
    """One command: `path` is under the organization and names fields of the command; `given` comes from the token.

    `sealed` are fields that come to the domain sealed, made of the body. Where there is a `keep`, a body that is no
    JSON is kept by another command instead of refused. Beside what is `approvable` an organizer may enter a PIN: the
    command learns who did.
    """

    name: str
    path: str
    command: type[Struct]
    answer: type[Struct]
    summary: str
    example: Mapping[str, Any]
    tag: str
    given: Mapping[str, Given] = {}
    sealed: Mapping[str, Sealing] = {}
    keep: Keep | None = None
    approvable: bool = False

    def body_type(self) -> type[Struct]:
        """Return the command's struct without the fields of path and token; what it does not know it refuses."""
        elsewhere = {*re.findall(r"{(\w+)}", self.path), *self.given, *self.sealed}
        types = get_type_hints(self.command, include_extras=True)
        if self.approvable:
            types["approval"] = GivenApproval | None
        fields: list[Any] = []
        for field in msgspec.structs.fields(self.command):
            if field.name in elsewhere:
                continue
            if field.default is not NODEFAULT:
                fields.append((field.name, types[field.name], field.default))
            elif field.default_factory is not NODEFAULT:
                fields.append((field.name, types[field.name], msgspec.field(default_factory=field.default_factory)))
            else:
                fields.append((field.name, types[field.name]))
        return msgspec.defstruct(f"{self.command.__name__}Body", fields, frozen=True, forbid_unknown_fields=True)


def account_of(exchange: Exchange) -> str:
    return exchange.acting().account_id


def role_of(exchange: Exchange) -> str:
    return exchange.role


def actor_of(exchange: Exchange) -> Actor:
    actor = {"account": exchange.acting().account_id, "role": exchange.role, "scope": exchange.scope}
    return msgspec.convert(actor, Actor)


def organization_of(exchange: Exchange) -> str:
    return exchange.organization
