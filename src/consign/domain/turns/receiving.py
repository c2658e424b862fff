"""Taking in a sale that was made offline: nothing that happened is refused, whatever it contradicts."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from consign.domain import sale as sales
from consign.domain.amounts import paid_minor
from consign.domain.decision import Emitted
from consign.domain.ledger import entries
from consign.domain.ledger.events import ItemsReleasedByVoid, ItemsSold, SoldLine
from consign.domain.ledger.offline_events import (
    Anomaly,
    ConflictFound,
    ConflictId,
    ConflictKind,
    OfflineSaleReceived,
    QuarantineEnded,
    SaleQuarantined,
)
from consign.domain.ledger.state import Ledger
from consign.domain.offline_commands import OfflineSale, UploadedSale
from consign.domain.sale import Phase, Planned
from consign.domain.session import state as sessions
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, Tender
from consign.domain.session.offline_events import ReceiptCounterRaised, SessionSupplemented
from consign.domain.tills import Till, TillCounted, TillOpened, TillUnsyncedReported
from consign.domain.turns.actors import ledger_stream, sale_stream, session_stream
from consign.domain.turns.drawer import receipt_number
from consign.domain.turns.holding import is_unchecked
from consign.domain.turns.lines import manual_line, sold_item
from consign.domain.turns.offline_checks import Unreadable, digest_of, require_sums, said, unverified
from consign.domain.turns.offline_lines import Found, Told, overrides, told, without_effect
from consign.domain.turns.voiding import void_events
from consign.domain.values import ReceiptNumber

SKEW_LIMIT = timedelta(minutes=5)
"""How far a till's clock may be off before its times are flagged; by less they are corrected in silence."""

AGE_LIMIT = timedelta(days=30)
"""A sale older than this did not happen when its till says."""

_CLOSED = (Phase.CLOSED, Phase.CANCELLED)


class Sent(NamedTuple):
    """When an upload was sent by the till's clock, and received by the server's."""

    sent_at: datetime
    received_at: datetime


class Receiving:
    """Sales of one session of one till, one after the other; each is decided on what the ones before have changed."""

    def __init__(
        self,
        session: sessions.Open | sessions.Closed,
        sale: Planned,
        ledger: Ledger,
        others: tuple[sessions.Open, ...],
        sent: Sent,
        now: datetime,
    ) -> None:
        self.session: sessions.Open | sessions.Closed = session
        self.sale = sale
        self.ledger = ledger
        self.events: list[Emitted] = []
        self._others = others
        self._sent = sent
        self._now = now
        self.counter = _last_counter(session, sale, others)
        self._late: list[BasketPaid] = []
        self._flags: tuple[Anomaly, ...] = ()

    def record(self, *events: Any) -> None:
        """Take note of events, each in the stream that it belongs to."""
        for event in events:
            match event:
                case TillOpened() | TillCounted() | TillUnsyncedReported():
                    stream = sale_stream(self.sale.sale)
                    after = sales.evolve(self.sale, event)
                    assert isinstance(after, Planned)
                    self.sale = after
                case (
                    ItemsSold()
                    | ItemsReleasedByVoid()
                    | OfflineSaleReceived()
                    | ConflictFound()
                    | SaleQuarantined()
                    | QuarantineEnded()
                ):
                    stream = ledger_stream(self.sale.sale)
                    self.ledger = entries.evolve(self.ledger, event)
                case _:
                    stream = session_stream(event.session)
                    if event.session == self.session.session:
                        session = sessions.evolve(self.session, event)
                        assert not isinstance(session, sessions.Unknown)
                        self.session = session
            self.events.append(Emitted(stream, event))

    def flag(self, anomaly: Anomaly) -> None:
        """Say of the next sale that something should not be."""
        self._flags = (*self._flags, anomaly)

    def receive(self, given: OfflineSale) -> UploadedSale:
        """Take one sale in; raises Unreadable."""
        digest = digest_of(given)
        known = self.ledger.received.get(given.sale_id)
        if known is not None:
            if known.digest != digest:
                raise Unreadable(f"A sale with this id is received as {known.receipt}, and it says something else.")
            self._void_later(given, known.receipt)
            return UploadedSale("known", given.sale_id, known.receipt, known.conflicts)
        require_sums(given)
        sold_at, clock = self._sold_at(given)
        receipt, anomalies = self._numbered(given.counter)
        what = Told(without_effect(given)) if given.voided else told(given, self.sale, self.ledger, sold_at)
        paid = self._paid(given, receipt, sold_at, what)
        conflicts = () if given.voided else self._conflicts(given, paid, what)
        self._sell(paid, given)
        flagged = (*self._flags, *anomalies, *clock, *unverified(given))
        self._flags = ()
        self.record(
            OfflineSaleReceived(
                self.sale.sale,
                given.sale_id,
                self.session.session,
                self.session.till,
                receipt,
                receipt_number(self.session.till, given.counter),
                given.counter,
                given.occurred_at,
                self._sent.sent_at,
                self._sent.received_at,
                sold_at,
                digest,
                flagged,
                overrides(given),
                tuple(conflict.conflict for conflict in conflicts),
            ),
            *conflicts,
        )
        self.counter = max(self.counter, given.counter)
        if not given.voided:
            self._late.append(paid)
        named = tuple(conflict.conflict for conflict in conflicts)
        return UploadedSale("received", given.sale_id, receipt, named, tuple(each.kind for each in flagged))

    def finish(self) -> None:
        """Say what follows of all of them: the till's next number, and a supplement to a Z report that is out."""
        for other in self._others:
            if other.receipt_counter < self.counter:
                self.record(ReceiptCounterRaised(other.sale, other.session, other.till, self.counter))
        till = self.sale.tills.get(self.session.till) or Till(None)
        is_closed = isinstance(self.session, sessions.Closed)
        late_minor = sum(paid.total_minor for paid in self._late) if is_closed else 0
        if late_minor or (till.receipt_counter < self.counter and (is_closed or self._others)):
            self.record(TillCounted(self.sale.sale, self.session.till, self.counter, late_minor))
        if isinstance(self.session, sessions.Closed) and self._late:
            grand_total_minor = till.grand_total_minor + late_minor
            self.record(_supplement(self.session, self._late, grand_total_minor))

    def _void_later(self, given: OfflineSale, receipt: ReceiptNumber) -> None:
        """Void a receipt whose till undid it before it knew that the sale had arrived."""
        if given.voided is None or self.ledger.receipts[receipt].voided:
            return
        here = self.session.receipts.get(receipt) if isinstance(self.session, sessions.Open) else None
        if here is None or self.ledger.receipts[receipt].refunded:
            raise Unreadable(f"The till voided {receipt} after it had arrived. Refund what is left of it.")
        emitted = void_events(given.voided.reason, here.paid, self.ledger, here.paid.cashier)
        self.record(*(each.event for each in emitted))

    def _paid(self, given: OfflineSale, receipt: ReceiptNumber, sold_at: datetime, what: Told) -> BasketPaid:
        return BasketPaid(
            self.sale.sale,
            self.session.session,
            self.session.till,
            given.sale_id,
            receipt,
            given.counter,
            self.ledger.sale_sequence + 1,
            what.lines,
            tuple(Tender(tender.kind, tender.amount_minor, tender.reference) for tender in given.tenders),
            given.total_minor,
            given.rounding_minor,
            given.change_minor,
            sold_at,
            given.cashier or self.session.cashier,
            given.presale_group,
        )

    def _sell(self, paid: BasketPaid, given: OfflineSale) -> None:
        items = tuple(self._item(line) for line in paid.lines if not line.manual)
        manual = tuple(manual_line(line) for line in paid.lines if line.manual)
        kinds = tuple(dict.fromkeys(tender.kind.value for tender in paid.tenders))
        self.record(
            paid,
            ItemsSold(
                paid.sale,
                paid.receipt,
                paid.sale_sequence,
                paid.session,
                paid.till,
                paid.basket,
                items,
                kinds,
                paid.paid_at,
                manual,
            ),
        )
        if given.voided:
            voided = ReceiptVoided(
                paid.sale,
                paid.session,
                paid.till,
                paid.receipt,
                paid.lines,
                paid.tenders,
                paid.total_minor,
                paid.rounding_minor,
                paid.change_minor,
                given.voided.reason,
            )
            undone = tuple(line.line for line in manual)
            self.record(voided, ItemsReleasedByVoid(paid.sale, paid.receipt, paid.session, (), undone))

    def _item(self, line: BasketLine) -> SoldLine:
        item = self.ledger.items[line.tag]
        return sold_item(item.listed, line, unchecked=is_unchecked(item))

    def _conflicts(self, given: OfflineSale, paid: BasketPaid, what: Told) -> tuple[ConflictFound, ...]:
        of_lines = (self._of_line(paid, each) for each in what.conflicts)
        of_receipt = [self._of_receipt(given, paid, kind, detail) for kind, detail in self._too_late()]
        if what.differences:
            computed = self._of_receipt(given, paid, "price_differs", said(what.differences))
            of_receipt.append(replace(computed, differences=what.differences))
        return (*of_lines, *of_receipt)

    def _too_late(self) -> list[tuple[ConflictKind, str]]:
        late: list[tuple[ConflictKind, str]] = []
        if isinstance(self.session, sessions.Closed):
            late.append(("session_closed", f"This session of till {self.session.till} was closed by count before."))
        if self.sale.phase in _CLOSED:
            late.append(("sale_closed", f"The sale was {self.sale.phase} before."))
        return late

    def _of_receipt(self, given: OfflineSale, paid: BasketPaid, kind: ConflictKind, detail: str) -> ConflictFound:
        conflict = ConflictId(str(uuid5(UUID(given.sale_id), kind)))
        return ConflictFound(paid.sale, conflict, kind, paid.receipt, paid.session, paid.till, self._now, detail)

    def _of_line(self, paid: BasketPaid, found: Found) -> ConflictFound:
        other = None if found.other is None else self.ledger.receipts[found.other]
        return ConflictFound(
            paid.sale,
            found.conflict,
            found.kind,
            paid.receipt,
            paid.session,
            paid.till,
            self._now,
            found.detail,
            found.scanned,
            None if found.line is None else found.line.tag,
            0 if found.line is None else paid_minor(found.line),
            found.other,
            None if other is None else other.till,
        )

    def _numbered(self, counter: int) -> tuple[ReceiptNumber, tuple[Anomaly, ...]]:
        """Return the number the receipt is known by, and what is odd about it. A number is never given twice."""
        printed = receipt_number(self.session.till, counter)
        if printed in self.ledger.receipts:
            again = 2
            while (receipt := ReceiptNumber(f"{printed}-{again}")) in self.ledger.receipts:
                again += 1
            return receipt, (Anomaly("receipt_reused", f"{printed} was used before: this one is {receipt} here."),)
        if counter > self.counter + 1:
            first = receipt_number(self.session.till, self.counter + 1)
            return printed, (Anomaly("receipt_gap", f"{first} to {counter - 1} did not arrive before."),)
        if counter <= self.counter:
            return printed, (Anomaly("receipt_out_of_order", f"Numbers up to {self.counter} arrived before."),)
        return printed, ()

    def _sold_at(self, given: OfflineSale) -> tuple[datetime, tuple[Anomaly, ...]]:
        """Return when it happened by the server's clock, as far as that can be told."""
        sent_at = self._sent.sent_at
        skew = self._sent.received_at - sent_at
        if given.occurred_at > sent_at or sent_at - given.occurred_at > AGE_LIMIT:
            detail = f"The till says {given.occurred_at.isoformat()}, sent at {sent_at.isoformat()} by its clock."
            return self._now, (Anomaly("clock_out_of_bounds", detail),)
        flagged = Anomaly("clock_skewed", f"The till's clock is {round(skew.total_seconds())} seconds behind.")
        return (given.occurred_at + skew).astimezone(UTC), (flagged,) if abs(skew) > SKEW_LIMIT else ()


def _last_counter(session: sessions.Open | sessions.Closed, sale: Planned, others: tuple[sessions.Open, ...]) -> int:
    till = sale.tills.get(session.till)
    own = session.receipt_counter if isinstance(session, sessions.Open) else 0
    return max(own, 0 if till is None else till.receipt_counter, *(other.receipt_counter for other in others), 0)


def _supplement(session: sessions.Closed, late: list[BasketPaid], grand_total_minor: int) -> SessionSupplemented:
    cash_minor = sum(sessions.cash_of(paid.tenders) - paid.change_minor for paid in late)
    tendered_minor = sum(tender.amount_minor for paid in late for tender in paid.tenders)
    change_minor = sum(paid.change_minor for paid in late)
    return SessionSupplemented(
        session.sale,
        session.session,
        session.till,
        session.supplements + 1,
        tuple(paid.receipt for paid in late),
        sum(paid.total_minor for paid in late),
        cash_minor,
        tendered_minor - change_minor - cash_minor,
        grand_total_minor,
    )
