"""One request as the whole HTTP layer sees it: the headers that matter, read once, and who asks."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import convert
from uuid_utils import uuid7

from consign.domain.values import Scope
from consign.http.addresses import PARSED_MAX, Addresses, surroundings_of
from consign.http.problems import Refusal
from consign.http.rate_limits import Taken
from consign.identity.caller import Caller
from consign.identity.names import Name

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_KEPT = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"access-control-request-method",
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"cookie",
        b"forwarded",
        b"host",
        b"idempotency-key",
        b"if-none-match",
        b"last-event-id",
        b"origin",
        b"sec-fetch-site",
        b"traceparent",
        b"transfer-encoding",
        b"via",
        b"x-consign-after",
        b"x-consign-page",
        b"x-consign-why",
        b"x-correlation-id",
        b"x-device-id",
        b"x-device-secret",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-real-ip",
    )
)


class Exchange:
    """A request under way, kept in the scope's state; `body` is whole. The caller acts in one `role` of its roles.

    `under` is the name of an organization that the Host is, `cross_origin` what pages of other origins are told.

    `proven_device` is where the caller is, shown by the device's own secret beside the token.

    `peer` is who is connected, `origin` where the request came from: another place where a trusted proxy is the peer.

    A header sent twice counts as one list (RFC 9110, 5.3), so that no two parts of the way read different ones.
    """

    __slots__ = (
        "body",
        "caller",
        "correlation",
        "cross_origin",
        "headers",
        "held_bytes",
        "organization",
        "origin",
        "peer",
        "proven_device",
        "rate_limit",
        "reason",
        "role",
        "scope",
        "status",
        "under",
    )

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], peer: str, addresses: Addresses) -> None:
        kept: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in _KEPT:
                kept[name] = value if name not in kept else kept[name] + b", " + value
        self.headers: Mapping[bytes, bytes] = kept
        self.peer = peer
        self.origin = addresses.origin(kept, peer)
        self.caller: Caller | None = None
        self.proven_device: str | None = None
        self.rate_limit: Taken | None = None
        self.under: Name | None = None
        self.cross_origin: list[tuple[bytes, bytes]] = []
        self.role = ""
        self.scope: Scope = "own"
        self.organization = ""
        self.status = 0
        self.reason = ""
        self.body = b""
        self.held_bytes = 0
        given = kept.get(b"x-correlation-id")
        known = None if given is None else _uuid(given)
        self.correlation = str(uuid7() if known is None else known)

    def header(self, name: bytes) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def correlation_id(self) -> UUID:
        """The id that this request shares with whatever it belongs to: the client's, or a new one."""
        return convert(self.correlation, UUID)

    def command_id(self) -> UUID:
        """Return the Idempotency-Key; raises Refusal where it is missing or no UUID."""
        value = self.headers.get(b"idempotency-key")
        if value is None:
            raise Refusal("idempotency_key_missing", "Send a header Idempotency-Key with a new UUID for each command.")
        found = _uuid(value)
        if found is None:
            raise Refusal("idempotency_key_invalid", "The header Idempotency-Key must hold one UUID.")
        return found

    @property
    def device(self) -> str | None:
        """The device that the request was shown to come from: by its token, or by the device's own secret."""
        bound = None if self.caller is None else self.caller.device_id
        return self.proven_device if bound is None else bound

    def device_id(self) -> str | None:
        """Return the device that a command comes from; raises Refusal where X-Device-Id says another one.

        What is only said is not recorded: nobody at one device, or at none, speaks for another.
        """
        said, device = self.header(b"x-device-id"), self.device
        if said in ("", device):
            return device
        if device is None:
            raise device_unproven()
        raise device_differs()

    def meta(self) -> str:
        """Return what is kept beside each event: roughly where the request came from, and its trace."""
        origin = meta_of(self.origin.address)
        value = self.headers.get(b"traceparent")
        if value is None:
            return origin
        text = value.decode("latin-1")
        return _with_trace(origin, text) if _TRACEPARENT.fullmatch(text) else origin

    def acting(self) -> Caller:
        """Return who asks; only where a rule let somebody in."""
        assert self.caller is not None
        return self.caller


def device_unproven() -> Refusal:
    """Refuse what names a device without showing it."""
    detail = "Sign in at the device by PIN, or send its secret as X-Device-Secret; or leave X-Device-Id out."
    return Refusal("device_unproven", detail)


def device_differs() -> Refusal:
    """Refuse what names another device than it comes from."""
    return Refusal("device_differs", "The request is shown to come from another device than it names.")


@lru_cache(PARSED_MAX)
def meta_of(address: str) -> str:
    """Return what is kept beside an event of the address that it was caused from, as JSON."""
    surroundings = surroundings_of(address)
    return f'{{"from":"{surroundings}"}}' if surroundings else "{}"


def exchange_of(scope: Mapping[str, Any]) -> Exchange:
    """Return the exchange that the edge put into the scope."""
    exchange = scope["state"]["exchange"]
    assert isinstance(exchange, Exchange)
    return exchange


def _with_trace(origin: str, traceparent: str) -> str:
    rest = origin[1:]
    return f'{{"traceparent":"{traceparent}"{"" if rest == "}" else ","}{rest}'


def _uuid(value: bytes) -> UUID | None:
    """Return the id, made by `convert` in a third of the time that the type itself needs."""
    text = value.decode("latin-1")
    return convert(text, UUID) if _UUID.fullmatch(text) else None
