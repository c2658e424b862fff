"""What tills sent and nobody could read: sealed before the log sees it, and readable for a time.

Whose data it is cannot be known, so it is sealed under a key of the organization's own for each day. The key is
destroyed when the time is over, and with it everything that was kept that day.
"""

import zlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.ledger.offline_events import QuarantineId
from consign.domain.offline_commands import KeptBytes
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.path_ids import checked
from consign.http.ports import Vault
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.projections.conflicts import CONFLICTS, QuarantinedBytesRow

_DAYS = UUID("01935f00-0000-7000-8000-0000000da150")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Quarantine:
    """Seals and opens what could not be read; its keys go `kept_days` after the day on which it was sent."""

    def __init__(self, vault: Vault, *, kept_days: int, now: Callable[[], datetime] = _utc_now) -> None:
        self._vault = vault
        self._kept_days = kept_days
        self._now = now

    async def kept(self, organization: str, place: str, contents: Sequence[bytes]) -> tuple[KeptBytes, ...]:
        """Return each content sealed, under a name that tells the same bytes from the same place again."""
        today = self._now().date()
        key = str(uuid5(_DAYS, today.isoformat()))
        ends_at = datetime.combine(today + timedelta(days=1 + self._kept_days), time(), UTC)
        sealed = await self._vault.seal_until(organization, key, [zlib.compress(each, 1) for each in contents], ends_at)
        if sealed is None:
            raise Refusal("unavailable", "The key of today's uploads is destroyed.", headers={"Retry-After": "60"})
        return tuple(
            KeptBytes(self._name(organization, place, content), key, data)
            for content, data in zip(contents, sealed, strict=True)
        )

    async def opened(self, organization: str, row: QuarantinedBytesRow) -> bytes | None:
        """Return what was sent; None where its time is over."""
        (content,) = await self._vault.unseal(organization, [(row.key, row.data)])
        return None if content is None else zlib.decompress(content)

    def digest(self, content: bytes) -> bytes:
        """Return a keyed hash, for recognising a repeated body without keeping something to guess it from."""
        return self._vault.digest(content)

    def _name(self, organization: str, place: str, content: bytes) -> QuarantineId:
        digest = self._vault.digest(f"quarantine {organization}\n{place}\n".encode() + content)
        return QuarantineId(str(UUID(bytes=digest[:16])))


class QuarantinedBytes(Struct, frozen=True):
    """What could not be read, as it was sent: `data` in base 64, null once its time is over."""

    position: int
    quarantine: str
    sale: str
    data: str | None


def quarantine_handlers(reading: Reading, quarantine: Quarantine) -> list[HTTPRouteHandler]:
    """Make the handler."""

    async def get_bytes(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        name = checked(request.path_params)["quarantine"]
        await reading.caught_up(request, CONFLICTS)
        found = await reading.models.get(exchange.organization, CONFLICTS, "quarantined_bytes", (name,))
        if not isinstance(found.row, QuarantinedBytesRow) or found.row.sale != request.path_params["sale"]:
            raise missing("unknown_quarantine", "quarantine", name)
        content = await quarantine.opened(exchange.organization, found.row)
        data = None if content is None else b64encode(content).decode()
        return unkept(found.at, QuarantinedBytes(found.at.position, name, found.row.sale, data))

    endpoint = Endpoint(
        rule="get-quarantined-bytes",
        summary="What could not be read, as it was sent, as long as it is kept.",
        tag="offline",
        answer=QuarantinedBytes,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/quarantine/{{quarantine:str}}/bytes"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(get_bytes)]
