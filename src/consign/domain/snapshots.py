"""States as bytes, for snapshots, exact both ways.

A ledger may hold 200,000 items, so both ways are generators that yield between slices of its maps: a state never
changes, and whoever carries the work out may let others in meanwhile. Raise an aggregate's fold version when its state
or `evolve` changes, all of them when the form of a snapshot does.
"""

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from itertools import batched
from typing import Any
from zlib import compress, decompress

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace
from rpds import HashTrieMap

from consign.domain import account, device, membership, organization
from consign.domain import places as sale_places
from consign.domain import sale as sales
from consign.domain.ledger import state as ledgers
from consign.domain.ledger.floor_events import CountId
from consign.domain.ledger.item_events import DraftSaved
from consign.domain.ledger.manual_lines import PaidLine
from consign.domain.ledger.offline_events import ConflictId, QuarantineId
from consign.domain.ledger.offline_state import Conflict, Quarantined, Received
from consign.domain.participation import state as participation
from consign.domain.payments import Payment, PaymentId
from consign.domain.session import state as sessions
from consign.domain.session.drawer_events import TransferId, VoucherSold
from consign.domain.session.report import TillFigures
from consign.domain.settlement import state as settlements
from consign.domain.settlement.events import BatchNumber, Obstacle, PayoutNumber
from consign.domain.settlement.figures import Figures
from consign.domain.shifts import state as rosters
from consign.domain.slots import state as sale_slots
from consign.domain.tills import CarriedBasket, Till
from consign.domain.values import (
    AccountId,
    BasketId,
    DraftId,
    OrganizationSlug,
    ParticipationId,
    ReceiptNumber,
    SaleId,
    Sealed,
    SessionId,
    TagCode,
    VoucherCode,
)
from consign.domain.vouchers import Voucher

FOLD_VERSIONS = {
    "organization": 7,
    "membership": 3,
    "sale": 13,
    "participation": 8,
    "account": 1,
    "ledger": 12,
    "session": 9,
    "settlement": 3,
    "device": 1,
}
"""A snapshot of another version is ignored: the state is folded again from the log."""

SLICE_ENTRIES = 25
"""How many entries of a map are encoded or decoded between two yields."""

_LEVEL = 1

type Encoding = Generator[None, None, bytes]
type Decoding = Generator[None, None, Any]


class _Snapshot(Struct, frozen=True, array_like=True):
    """A state with its persistent maps empty, and what is in them: slices by the map's name, each encoded by itself.

    Compressed they are several times smaller: the driver copies a snapshot in one go, and that would hold the loop.
    """

    rest: memoryview
    slices: list[tuple[str, memoryview]]


# What a state holds beside its persistent maps, for each state that has any.
class _LedgerRest(Struct, frozen=True):
    sale_sequence: int
    sold_count: int
    on_floor_count: int
    counting: CountId | None
    donation_lists: int
    donations_closed: bool


class _OpenSessionRest(Struct, frozen=True, tag="open"):
    session: SessionId
    sale: SaleId
    till: str
    cashier: AccountId
    currency: str
    figures: TillFigures
    receipt_counter: int
    refund_counter: int
    baskets: dict[BasketId, sessions.Basket]
    unsynced: int | None


class _Places(Struct, frozen=True):
    standing: dict[int, sale_places.Standing]
    accounts: dict[AccountId, ParticipationId]
    waiting: dict[int, ParticipationId]
    offered: dict[int, sale_places.Offer]
    invited: dict[str, ParticipationId]
    reserved: dict[int, ParticipationId]
    taken: int
    last_turn: int


class _Roster(Struct, frozen=True):
    shifts: dict[str, rosters.Shift]
    work: dict[int, tuple[rosters.Assignment, ...]]


class _Slots(Struct, frozen=True):
    slots: dict[str, sale_slots.Slot]
    chosen: dict[int, tuple[sale_slots.Choice, ...]]


class _KnownAccountRest(Struct, frozen=True, tag="known"):
    account: AccountId
    profile: Sealed | None


class _PlannedSaleRest(Struct, frozen=True, tag="planned"):
    sale: SaleId
    organization: OrganizationSlug
    number: int
    name: str
    currency: str
    time_zone: str
    phase: sales.Phase
    settings: sales.SaleSettings
    last_consignor: int
    places: _Places
    roster: _Roster
    slots: _Slots


class _SettlementRest(Struct, frozen=True):
    stage: settlements.Stage
    round: int
    accepted: tuple[Obstacle, ...]
    last_consignor: int
    issued: int
    figures: Figures
    seal: str
    statement_counter: int
    cancellation_counter: int
    payout_counter: int
    batch_counter: int
    moved: bool
    progressed_at: datetime | None
    charity_minor: int


def _plain(value: Any) -> Any:
    if isinstance(value, HashTrieMap):
        return dict(value.items())
    raise NotImplementedError(type(value))


type _Maps = Mapping[str, msgspec.msgpack.Decoder[dict[Any, Any]]]

_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
_SNAPSHOT = msgspec.msgpack.Decoder(_Snapshot)
_LEDGER = msgspec.msgpack.Decoder(_LedgerRest)
_LEDGER_MAPS: _Maps = {
    "items": msgspec.msgpack.Decoder(dict[TagCode, ledgers.Item]),
    "consignors": msgspec.msgpack.Decoder(dict[int, ledgers.ConsignorItems]),
    "baskets": msgspec.msgpack.Decoder(dict[BasketId, ledgers.BasketHolds]),
    "receipts": msgspec.msgpack.Decoder(dict[ReceiptNumber, ledgers.SoldReceipt]),
    "seen": msgspec.msgpack.Decoder(dict[TagCode, CountId]),
    "printed": msgspec.msgpack.Decoder(dict[TagCode, int]),
    "drafts": msgspec.msgpack.Decoder(dict[DraftId, DraftSaved]),
    "listed_drafts": msgspec.msgpack.Decoder(dict[DraftId, TagCode]),
    "manual_lines": msgspec.msgpack.Decoder(dict[TagCode, PaidLine]),
    "received": msgspec.msgpack.Decoder(dict[BasketId, Received]),
    "conflicts": msgspec.msgpack.Decoder(dict[ConflictId, Conflict]),
    "quarantine": msgspec.msgpack.Decoder(dict[QuarantineId, Quarantined]),
    "vouchers": msgspec.msgpack.Decoder(dict[VoucherCode, Voucher]),
    "payments": msgspec.msgpack.Decoder(dict[PaymentId, Payment]),
    "payments_of": msgspec.msgpack.Decoder(dict[BasketId, tuple[PaymentId, ...]]),
    "payment_references": msgspec.msgpack.Decoder(dict[str, PaymentId]),
}
_SESSION: msgspec.msgpack.Decoder[_OpenSessionRest | sessions.Closed | sessions.Unknown] = msgspec.msgpack.Decoder(
    _OpenSessionRest | sessions.Closed | sessions.Unknown
)
_SESSION_MAPS: _Maps = {
    "finished": msgspec.msgpack.Decoder(dict[BasketId, str]),
    "receipts": msgspec.msgpack.Decoder(dict[ReceiptNumber, sessions.PaidReceipt]),
    "vouchers": msgspec.msgpack.Decoder(dict[VoucherCode, VoucherSold]),
    "transfers": msgspec.msgpack.Decoder(dict[TransferId, sessions.Transfer]),
}
_SALE: msgspec.msgpack.Decoder[_PlannedSaleRest | sales.Unknown] = msgspec.msgpack.Decoder(
    _PlannedSaleRest | sales.Unknown
)
_SALE_MAPS: _Maps = {
    "consignors": msgspec.msgpack.Decoder(dict[int, ParticipationId]),
    "tills": msgspec.msgpack.Decoder(dict[str, Till]),
    "carried": msgspec.msgpack.Decoder(dict[BasketId, CarriedBasket]),
}
_SETTLEMENT = msgspec.msgpack.Decoder(_SettlementRest)
_SETTLEMENT_MAPS: _Maps = {
    "standings": msgspec.msgpack.Decoder(dict[ParticipationId, settlements.Standing]),
    "payouts": msgspec.msgpack.Decoder(dict[PayoutNumber, settlements.Payout]),
    "batches": msgspec.msgpack.Decoder(dict[BatchNumber, settlements.Batch]),
}
_ORGANIZATION: msgspec.msgpack.Decoder[organization.Organization] = msgspec.msgpack.Decoder(
    organization.Organization.__value__
)
_MEMBERSHIP: msgspec.msgpack.Decoder[membership.Membership] = msgspec.msgpack.Decoder(membership.Membership.__value__)
_DEVICE: msgspec.msgpack.Decoder[device.Device] = msgspec.msgpack.Decoder(device.Device.__value__)
_ACCOUNT: msgspec.msgpack.Decoder[_KnownAccountRest | account.Forgotten | account.Unknown] = msgspec.msgpack.Decoder(
    _KnownAccountRest | account.Forgotten | account.Unknown
)
_ACCOUNT_MAPS: _Maps = {"participations": msgspec.msgpack.Decoder(dict[ParticipationId, SaleId])}
_PARTICIPATION: msgspec.msgpack.Decoder[participation.Participation] = msgspec.msgpack.Decoder(
    participation.Participation.__value__
)


def encode_state(state: Struct) -> Encoding:
    """Encode any aggregate's state."""
    slices: list[tuple[str, memoryview]] = []
    emptied: dict[str, HashTrieMap[Any, Any]] = {}
    for name in state.__struct_fields__:
        value = getattr(state, name)
        if isinstance(value, HashTrieMap):
            emptied[name] = HashTrieMap()
            for entries in batched(value.items(), SLICE_ENTRIES, strict=False):
                slices.append((name, memoryview(compress(_ENCODER.encode(dict(entries)), _LEVEL))))
                yield
    rest = _ENCODER.encode(replace(state, **emptied))
    return _ENCODER.encode(_Snapshot(memoryview(rest), slices))


def _filled(snapshot: _Snapshot, maps: _Maps) -> "Generator[None, None, Mapping[str, HashTrieMap[Any, Any]]]":
    filled: dict[str, HashTrieMap[Any, Any]] = {name: HashTrieMap() for name in maps}
    for name, entries in snapshot.slices:
        filled[name] = filled[name].update(maps[name].decode(decompress(entries)))
        yield
    return filled


def decode_ledger(data: bytes) -> Decoding:
    snapshot = _SNAPSHOT.decode(data)
    rest = _LEDGER.decode(snapshot.rest)
    maps = yield from _filled(snapshot, _LEDGER_MAPS)
    return ledgers.Ledger(
        maps["items"],
        maps["consignors"],
        maps["baskets"],
        maps["receipts"],
        rest.sale_sequence,
        rest.sold_count,
        rest.on_floor_count,
        rest.counting,
        maps["seen"],
        maps["printed"],
        maps["drafts"],
        maps["listed_drafts"],
        manual_lines=maps["manual_lines"],
        received=maps["received"],
        conflicts=maps["conflicts"],
        quarantine=maps["quarantine"],
        vouchers=maps["vouchers"],
        donation_lists=rest.donation_lists,
        donations_closed=rest.donations_closed,
        payments=maps["payments"],
        payments_of=maps["payments_of"],
        payment_references=maps["payment_references"],
    )


def decode_session(data: bytes) -> Decoding:
    snapshot = _SNAPSHOT.decode(data)
    rest = _SESSION.decode(snapshot.rest)
    if not isinstance(rest, _OpenSessionRest):
        return rest
    maps = yield from _filled(snapshot, _SESSION_MAPS)
    return sessions.Open(
        rest.session,
        rest.sale,
        rest.till,
        rest.cashier,
        rest.currency,
        rest.figures,
        rest.receipt_counter,
        rest.refund_counter,
        rest.baskets,
        maps["finished"],
        maps["receipts"],
        rest.unsynced,
        maps["vouchers"],
        maps["transfers"],
    )


def decode_sale(data: bytes) -> Decoding:
    snapshot = _SNAPSHOT.decode(data)
    rest = _SALE.decode(snapshot.rest)
    if isinstance(rest, sales.Unknown):
        return rest
    maps = yield from _filled(snapshot, _SALE_MAPS)
    return sales.Planned(
        rest.sale,
        rest.organization,
        rest.number,
        rest.name,
        rest.currency,
        rest.time_zone,
        rest.phase,
        rest.settings,
        maps["consignors"],
        rest.last_consignor,
        maps["tills"],
        _places(rest.places),
        rosters.Roster(HashTrieMap(rest.roster.shifts), HashTrieMap(rest.roster.work)),
        sale_slots.Slots(HashTrieMap(rest.slots.slots), HashTrieMap(rest.slots.chosen)),
        maps["carried"],
    )


def _places(stored: _Places) -> sale_places.Places:
    return sale_places.Places(
        HashTrieMap(stored.standing),
        HashTrieMap(stored.accounts),
        HashTrieMap(stored.waiting),
        HashTrieMap(stored.offered),
        HashTrieMap(stored.invited),
        HashTrieMap(stored.reserved),
        stored.taken,
        stored.last_turn,
    )


def decode_account(data: bytes) -> Decoding:
    snapshot = _SNAPSHOT.decode(data)
    rest = _ACCOUNT.decode(snapshot.rest)
    if not isinstance(rest, _KnownAccountRest):
        return rest
    maps = yield from _filled(snapshot, _ACCOUNT_MAPS)
    return account.Known(rest.account, rest.profile, maps["participations"])


def decode_settlement(data: bytes) -> Decoding:
    snapshot = _SNAPSHOT.decode(data)
    rest = _SETTLEMENT.decode(snapshot.rest)
    maps = yield from _filled(snapshot, _SETTLEMENT_MAPS)
    return replace(
        settlements.Settlement(**asdict(rest)),
        standings=maps["standings"],
        payouts=maps["payouts"],
        batches=maps["batches"],
    )


def _small(decoder: msgspec.msgpack.Decoder[Any]) -> Callable[[bytes], Decoding]:
    def decode(data: bytes) -> Decoding:
        yield
        return decoder.decode(_SNAPSHOT.decode(data).rest)

    return decode


DECODERS: dict[str, Callable[[bytes], Decoding]] = {
    "organization": _small(_ORGANIZATION),
    "membership": _small(_MEMBERSHIP),
    "sale": decode_sale,
    "participation": _small(_PARTICIPATION),
    "account": decode_account,
    "ledger": decode_ledger,
    "session": decode_session,
    "settlement": decode_settlement,
    "device": _small(_DEVICE),
}
"""How each aggregate's state is read back."""
