"""A till without the server, for tests: what it sells it keeps as JSON until it is uploaded."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw

from consign.domain.amounts import paid_minor
from consign.domain.ledger.offline_events import ConflictFound, QuarantineId
from consign.domain.offline_commands import (
    KeptBytes,
    OfflineLine,
    OfflineSale,
    OfflineVoid,
    UploadAnswer,
    UploadOfflineSales,
)
from consign.domain.session.commands import GivenTender
from consign.domain.session.events import TenderKind
from consign.domain.values import BasketId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import CASHIER, SALE, SESSION, TILL


def sale_id(number: int) -> BasketId:
    return BasketId(f"01900000-0000-7000-8000-0000000007{number:02}")


def line(tag: str | None, price_minor: int, **more: Any) -> OfflineLine:
    return OfflineLine(price_minor, tag, **more)


def made(number: int, *lines: OfflineLine, at: datetime = OPENING, voided: str = "", **more: Any) -> OfflineSale:
    """A sale for exact cash; its receipt bears the same number unless told."""
    total_minor = sum(map(paid_minor, lines))
    tenders = (GivenTender(TenderKind.CASH, total_minor),) if total_minor else ()
    return OfflineSale(
        more.pop("sale_id", sale_id(number)),
        more.pop("counter", number),
        lines,
        more.pop("tenders", tenders),
        more.pop("total_minor", total_minor),
        at,
        voided=OfflineVoid(voided) if voided else None,
        **more,
    )


def raw(*sales: OfflineSale) -> tuple[Raw, ...]:
    return tuple(Raw(msgspec.json.encode(each)) for each in sales)


def upload(*sales: OfflineSale | bytes, **more: Any) -> UploadOfflineSales:
    """The upload of the first till, sent by a clock that is right."""
    data = tuple(Raw(each) if isinstance(each, bytes) else Raw(msgspec.json.encode(each)) for each in sales)
    return UploadOfflineSales(
        more.pop("sale", SALE),
        more.pop("session", SESSION),
        more.pop("till", TILL),
        CASHIER,
        more.pop("sent_at", OPENING),
        data,
        tuple(as_sent(bytes(each)) for each in data),
        **more,
    )


def as_sent(content: bytes) -> KeptBytes:
    """What stands for the sealed bytes where nobody reads them."""
    name = QuarantineId(str(UUID(bytes=sha256(content).digest()[:16])))
    return KeptBytes(name, "01900000-0000-7000-8000-0000000000d1", f"sealed {len(content)}")


def uploaded(log: MemoryLog, *sales: OfflineSale | bytes, **more: Any) -> UploadAnswer:
    answer: UploadAnswer = log.issue(upload(*sales, sent_at=more.pop("sent_at", log.now), **more))
    return answer


def conflicts(log: MemoryLog) -> list[ConflictFound]:
    return log.events_of(ConflictFound)
