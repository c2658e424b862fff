"""States as bytes, for snapshots, exact both ways.

Raise an aggregate's fold version when its state or `evolve` changes.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct
from rpds import HashTrieMap

from consign.domain import organization, participation
from consign.domain import sale as sales
from consign.domain.ledger import state as ledgers
from consign.domain.session import state as sessions
from consign.domain.values import (
    AccountId,
    BasketId,
    OrganizationSlug,
    ParticipationId,
    ReceiptNumber,
    SaleId,
    SessionId,
    TagCode,
)

FOLD_VERSIONS = {"organization": 1, "sale": 1, "participation": 1, "ledger": 1, "session": 1}
"""A snapshot of another version is ignored: the state is folded again from the log."""


# Persistent maps are stored as plain ones: the twin of each state that has any says what is in them.
class _Ledger(Struct, frozen=True):
    items: dict[TagCode, ledgers.Item]
    consignors: dict[int, ledgers.ConsignorItems]
    baskets: dict[BasketId, ledgers.BasketHolds]
    receipts: dict[ReceiptNumber, ledgers.SoldReceipt]
    sale_sequence: int
    sold_count: int
    on_floor_count: int


class _OpenSession(Struct, frozen=True, tag="open"):
    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    currency: str
    float_minor: int
    cash_minor: int
    receipt_counter: int
    refund_counter: int
    baskets: dict[BasketId, sessions.Basket]
    finished: dict[BasketId, str]
    receipts: dict[ReceiptNumber, sessions.PaidReceipt]


class _PlannedSale(Struct, frozen=True, tag="planned"):
    sale: SaleId
    organization: OrganizationSlug
    number: int
    name: str
    currency: str
    time_zone: str
    phase: sales.Phase
    settings: sales.SaleSettings
    consignors: dict[int, ParticipationId]
    last_consignor: int
    tills: dict[str, sales.Till]


def _plain(value: Any) -> Any:
    if isinstance(value, HashTrieMap):
        return dict(value.items())
    raise NotImplementedError(type(value))


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
_LEDGER = msgspec.msgpack.Decoder(_Ledger)
_SESSION: msgspec.msgpack.Decoder[_OpenSession | sessions.Closed | sessions.Unknown] = msgspec.msgpack.Decoder(
    _OpenSession | sessions.Closed | sessions.Unknown
)
_SALE: msgspec.msgpack.Decoder[_PlannedSale | sales.Unknown] = msgspec.msgpack.Decoder(_PlannedSale | sales.Unknown)
_ORGANIZATION = msgspec.msgpack.Decoder(organization.Organization.__value__)
_PARTICIPATION = msgspec.msgpack.Decoder(participation.Participation.__value__)


def encode_state(state: Any) -> bytes:
    """Encode any aggregate's state."""
    return _ENCODER.encode(state)


def decode_ledger(data: bytes) -> ledgers.Ledger:
    stored = _LEDGER.decode(data)
    return ledgers.Ledger(
        HashTrieMap(stored.items),
        HashTrieMap(stored.consignors),
        HashTrieMap(stored.baskets),
        HashTrieMap(stored.receipts),
        stored.sale_sequence,
        stored.sold_count,
        stored.on_floor_count,
    )


def decode_session(data: bytes) -> sessions.Session:
    stored = _SESSION.decode(data)
    if not isinstance(stored, _OpenSession):
        return stored
    return sessions.Open(
        stored.session,
        stored.sale,
        stored.till,
        stored.cashier,
        stored.currency,
        stored.float_minor,
        stored.cash_minor,
        stored.receipt_counter,
        stored.refund_counter,
        stored.baskets,
        HashTrieMap(stored.finished),
        HashTrieMap(stored.receipts),
    )


def decode_sale(data: bytes) -> sales.Sale:
    stored = _SALE.decode(data)
    if isinstance(stored, sales.Unknown):
        return stored
    return sales.Planned(
        stored.sale,
        stored.organization,
        stored.number,
        stored.name,
        stored.currency,
        stored.time_zone,
        stored.phase,
        stored.settings,
        HashTrieMap(stored.consignors),
        stored.last_consignor,
        HashTrieMap(stored.tills),
    )


DECODERS: dict[str, Callable[[bytes], Any]] = {
    "organization": _ORGANIZATION.decode,
    "sale": decode_sale,
    "participation": _PARTICIPATION.decode,
    "ledger": decode_ledger,
    "session": decode_session,
}
"""How each aggregate's state is read back."""
