"""What papers must be: numbers without a gap, tenders that agree with receipts, nothing sold or paid out twice."""

from collections import Counter, defaultdict
from typing import Any

from consign.domain.amounts import paid_minor
from consign.domain.ledger.manual_lines import ManualLineMatched
from consign.domain.session.events import BasketPaid, CashPaidOut, ReceiptVoided, RefundPaid, SessionClosed
from consign.domain.settlement.events import (
    PayoutBatchPrepared,
    PayoutDue,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    StatementIssued,
)
from tests.e2e.stored import Stored, decoded


class Papers:
    """Everything that bears a number, and where each thing was sold that is sold."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.standing: dict[str, str] = {}

    def sold(self, event: BasketPaid) -> None:
        self.numbers[event.sale, event.till].append(event.counter)
        self.numbers[event.sale, "sequence"].append(event.sale_sequence)
        assert event.total_minor == sum(paid_minor(line) for line in event.lines)
        tendered_minor = sum(tender.amount_minor for tender in event.tenders)
        assert tendered_minor == event.total_minor + event.rounding_minor + event.change_minor
        for line in event.lines:
            self._stands(line.tag, event.receipt)

    def voided(self, event: ReceiptVoided) -> None:
        for line in event.lines:
            assert self.standing.pop(line.tag) == event.receipt

    def refunded(self, event: RefundPaid) -> None:
        self.numbers[event.sale, f"{event.till} refunds"].append(event.counter)
        assert event.amount_minor == sum(line.paid_back_minor for line in event.lines)
        for line in event.lines:
            if line.returned_to is not None:
                assert self.standing.pop(line.tag) == event.receipt

    def matched(self, event: ManualLineMatched) -> None:
        del self.standing[event.line]
        self._stands(event.item.tag, event.receipt)

    def _stands(self, tag: str, receipt: str) -> None:
        assert tag not in self.standing, f"{tag} is on {self.standing[tag]} and {receipt}"
        self.standing[tag] = receipt


def check_tills(stored: Stored) -> None:
    """Numbers without a gap, no item on two receipts that stand, tenders and receipts that agree."""
    papers = Papers()
    for _, event in decoded(stored):
        match event:
            case BasketPaid():
                papers.sold(event)
            case ReceiptVoided():
                papers.voided(event)
            case RefundPaid():
                papers.refunded(event)
            case ManualLineMatched():
                papers.matched(event)
            case SessionClosed():
                papers.numbers[event.sale, f"{event.till} Z"].append(event.z_number)
            case _:
                continue
    for numbers in papers.numbers.values():
        # A till that was away may upload later what it sold earlier.
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def check_settlements(stored: Stored) -> None:
    """Statements, payouts and batches are numbered without a gap, and no payout leaves twice without coming back."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    away: Counter[tuple[str, str]] = Counter()
    for _, event in decoded(stored):
        match event:
            case StatementIssued():
                numbers[event.sale, "statements"].append(event.counter)
            case PayoutDue():
                numbers[event.sale, "payouts"].append(event.counter)
            case PayoutReissued():
                numbers[event.sale, "payouts"].append(event.counter)
            case PayoutBatchPrepared():
                numbers[event.sale, "batches"].append(event.counter)
            case _:
                _check_leaving(event, away)
    for counted in numbers.values():
        assert counted == list(range(1, len(counted) + 1))


def _check_leaving(event: Any, away: Counter[tuple[str, str]]) -> None:
    match event:
        case PayoutsPaid():
            away.update((event.sale, each.payout) for each in event.payouts)
        case CashPaidOut():
            away[event.sale, event.payout] += 1
        case PayoutReturned() if event.was_paid:
            away[event.sale, event.payout] -= 1
        case _:
            return
    assert max(away.values()) <= 1, event
