"""Tills that go away, sell on by themselves, and come back: in any order, more than once, and not always whole."""

from collections import Counter
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from consign.domain.ledger.offline_events import OfflineSaleReceived, SaleQuarantined
from consign.domain.ledger.state import Ledger
from consign.domain.offline_commands import (
    AcceptConflict,
    DiscardQuarantined,
    OfflineDiscount,
    OfflineLine,
    OfflineSale,
    OfflineVoid,
    ReportUnsynced,
    UploadOfflineSales,
)
from consign.domain.session import state as sessions
from consign.domain.session.commands import CloseSession, GivenTender
from consign.domain.session.events import BasketPaid, TenderKind
from consign.domain.tag import tag_code
from consign.domain.values import BasketId, SessionId, TagCode
from tests.domain.market import CASHIER, SALE
from tests.domain.offline_till import as_sent
from tests.domain.simulator.invariants import Witness
from tests.domain.simulator.world import ACTS, TILLS, Step, World

OFFLINE_ACTS = (
    *("offline-sell",) * 10,
    *("offline-upload",) * 6,
    *("scan",) * 4,
    *("pay",) * 3,
    "offline-close",
    "offline-report",
    "offline-note",
    "offline-note",
    *ACTS,
)
_FLAGS = {"receipt_gap", "receipt_out_of_order", "receipt_reused"}
_ALONE = ("A", "B")
"""Tills that never open a session by the server."""


class OfflineWitness(Witness):
    """Numbers may be missing, late or used twice where tills were away; then they are flagged."""

    def __init__(self, world: "OfflineWorld") -> None:
        super().__init__(world.log)
        self._world = world
        self._numbers: set[str] = set()
        self._odd: set[str] = set()
        self._flagged: set[str] = set()
        self.received = Counter[str]()
        self.quarantined = 0

    def check(self) -> None:
        super().check()
        assert self._odd <= self._flagged, "a number is odd and nobody says so"
        assert all(count == 1 for count in self.received.values()), "a sale is in the log twice"
        ledger: Ledger = self._world.log.state(f"ledger-{SALE}")
        assert set(ledger.received) == set(self.received)
        assert len(list(ledger.quarantine)) == self.quarantined

    def _watch(self, event: Any) -> None:
        super()._watch(event)
        match event:
            case OfflineSaleReceived():
                self.received[event.upload] += 1
                if _FLAGS & {anomaly.kind for anomaly in event.anomalies}:
                    self._flagged.add(event.receipt)
            case SaleQuarantined():
                self.quarantined += 1
            case _:
                pass

    def _numbered(self, event: BasketPaid) -> None:
        assert event.receipt not in self._numbers, "a receipt's number is given twice"
        self._numbers.add(event.receipt)
        if event.counter != self._receipts.get(event.till, 0) + 1 or event.receipt != f"{event.till}-{event.counter}":
            self._odd.add(event.receipt)


class Away:
    """What one till keeps while it is away."""

    def __init__(self, till: str, session: SessionId) -> None:
        self.till = till
        self.session = session
        self.counter = 0
        self.kept: list[OfflineSale | bytes] = []


class OfflineWorld(World):
    """A live sale in which every till may be away, and two know of no server at all."""

    def __init__(self, basis: int = 0) -> None:
        super().__init__(basis)
        self.witness = OfflineWitness(self)
        self._made = 0
        self._born = 0
        self.uploads: list[str] = []
        self._away: dict[str, Away] = {till: Away(till, self._new_session()) for till in _ALONE}

    def come_back(self) -> None:
        """Every till uploads all that it kept."""
        for away in self._away.values():
            while away.kept:
                self.log.issue(self._upload(away, away.kept[:50]))
                away.kept = away.kept[50:]
                self.judge()

    def _act(self, step: Step) -> None:
        match step.act:
            case "offline-sell":
                away = self._till(step)
                away.kept.append(self._sale(away, step))
            case "offline-upload":
                self._back_for_a_while(self._till(step), step.how)
            case "offline-report":
                self._issue(ReportUnsynced(self._till(step).session, step.how % 9))
            case "offline-note":
                self._note(step)
            case "offline-close":
                self._close(self._away[_ALONE[step.who % len(_ALONE)]], step.how)
            case _:
                super()._act(step)

    def _till(self, step: Step) -> Away:
        names = (*_ALONE, *map(str, range(TILLS)))
        name = names[step.who % len(names)]
        if name in _ALONE:
            return self._away[name]
        session = self._session(int(name))
        away = self._away.setdefault(name, Away(name, session))
        if not away.kept:
            state = self.log.state(f"session-{session}")
            if state.till == name:
                away.session = session
            if isinstance(state, sessions.Open):
                away.counter = max(away.counter, state.receipt_counter)
        return away

    def _back_for_a_while(self, away: Away, how: int) -> None:
        """Send some of it, perhaps out of order; where the answer is lost, all of it is sent again later."""
        some = away.kept[: how % 4 + 1]
        if not some:
            return
        sent = some[::-1] if how % 5 == 0 else some
        answer = self.log.issue(self._upload(away, sent))
        assert len(answer.sales) == len(sent)
        self.accepted += 1
        if how % 3:
            away.kept = away.kept[len(some) :]

    def _upload(self, away: Away, sales: list[OfflineSale | bytes]) -> Struct:
        data = [each if isinstance(each, bytes) else msgspec.json.encode(each) for each in sales]
        raw, kept = tuple(Raw(each) for each in data), tuple(as_sent(each) for each in data)
        return UploadOfflineSales(SALE, away.session, away.till, CASHIER, self.log.now, raw, kept, float_minor=500)

    def _close(self, away: Away, how: int) -> None:
        close = CloseSession(away.session, how % 5000, "counted")
        knows = replace(close, unsynced_count=len(away.kept), role="organizer", authorized_by=CASHIER)
        self._issue(knows if how % 3 else close)
        if how % 2 and not away.kept:
            away.session = self._new_session()

    def _note(self, step: Step) -> None:
        """Take note of a conflict that holds no money, or say that what could not be read sold nothing."""
        ledger: Ledger = self.log.state(f"ledger-{SALE}")
        conflicts, unread = sorted(ledger.conflicts), sorted(ledger.quarantine)
        if step.how % 3 and conflicts:
            conflict = conflicts[step.what % len(conflicts)]
            self._issue(AcceptConflict(SALE, conflict, CASHIER, "both were paid"))
        elif unread:
            self._issue(DiscardQuarantined(SALE, unread[step.what % len(unread)], CASHIER, "a test of the till"))

    def _sale(self, away: Away, step: Step) -> OfflineSale | bytes:
        if step.how % 17 == 0:
            return b'{"sale_id":%d}' % step.how
        self._made += 1
        away.counter += 2 if step.how % 23 == 0 else 1
        sale_id = BasketId(f"01900000-0000-7000-8000-7{self._made:011}")
        self.uploads.append(sale_id)
        lines = tuple(self._line(step.what + index * 7, step.how + index) for index in range(step.how % 3 + 1))
        total_minor = sum(line.price_minor - line.discount_minor for line in lines)
        kind = TenderKind.CARD if step.how % 4 == 0 else TenderKind.CASH
        return OfflineSale(
            sale_id,
            away.counter,
            lines,
            (GivenTender(kind, total_minor),) if total_minor else (),
            total_minor,
            self.log.now,
            voided=OfflineVoid("wrong customer") if step.how % 11 == 0 else None,
        )

    def _line(self, what: int, how: int) -> OfflineLine:
        if how % 13 == 0:
            line = TagCode(f"01900000-0000-7000-8000-8{self._made:05}{how % 1000:06}")
            return OfflineLine(how % 900, line=line, category="toy", description="thing")
        tag = tag_code(8, 1, 1) if how % 19 == 0 else self._tag(what)
        item = self.log.state(f"ledger-{SALE}").items.get(tag)
        price_minor = 450 if item is None else item.listed.price_minor
        if how % 7 == 0:
            price_minor = max(price_minor + how % 200 - 100, 0)
        discount_minor = price_minor // 10 if how % 5 == 0 else 0
        cut = OfflineDiscount("line", discount_minor, "organizer", reason="a stain", authorized_by=CASHIER)
        return OfflineLine(
            price_minor,
            tag,
            discount_minor=discount_minor,
            discounts=(cut,) if discount_minor else (),
        )

    def _new_session(self) -> SessionId:
        self._born += 1
        return SessionId(f"01900000-0000-7000-8000-9{self._born:011}")
