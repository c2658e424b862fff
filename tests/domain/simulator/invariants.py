"""What must hold after every command, told from the events alone and held against states, books and settlement."""

from typing import Any

from consign.domain import accounts
from consign.domain.accounts import cash_account, payable_account
from consign.domain.amounts import paid_minor
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.ledger.commands import ExpireHolds
from consign.domain.ledger.manual_lines import CreditedTo, ManualLineMatched
from consign.domain.ledger.state import Held, Ledger, OnFloor, Sold
from consign.domain.participation.state import Ended, Registered
from consign.domain.sale import Planned
from consign.domain.session import state as sessions
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid, Tender
from consign.domain.settlement.events import PayoutNumber
from consign.domain.settlement.state import PayoutStatus, Settlement
from consign.domain.settlement.statements import Terms, sold_items, statement
from consign.domain.values import TagCode
from tests.domain.log import MemoryLog
from tests.domain.market import SALE
from tests.domain.simulator import drawer, helping
from tests.domain.simulator.describing import TagWitness
from tests.domain.simulator.floor import FloorWitness
from tests.domain.simulator.paying import PayingWitness, suspended_minor
from tests.domain.simulator.presale import PresaleWitness
from tests.domain.simulator.pricing import STANDING, PriceWitness
from tests.domain.simulator.taking_part import PlaceWitness


class Witness:
    """Watches every event once, in order, and judges the log after each command."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._seen = 0
        self.books: Books = EMPTY
        self._tags = TagWitness()
        self._places = PlaceWitness()
        self._prices = PriceWitness()
        self._floor = FloorWitness()
        self._paying = PayingWitness()
        self._presale = PresaleWitness()
        self.sold: dict[TagCode, str] = {}
        self._receipts: dict[str, int] = {}
        self._refunds: dict[str, int] = {}
        self._sequence = 0
        self._tendered_minor = 0
        self._receipted_minor = 0

    def check(self) -> None:
        """Raise AssertionError for the first rule that does not hold."""
        for emitted in self._log.events[self._seen :]:
            self._watch(emitted.event)
        self._seen = len(self._log.events)
        ledger: Ledger = self._log.state(f"ledger-{SALE}")
        assert self._tendered_minor == self._receipted_minor, "tenders less change are not receipts with rounding"
        assert sum(self.books.balances.values()) == 0, "the books do not sum to zero"
        self._check_items(ledger)
        drawer.check(self.books, SALE, ledger, self._log.states)
        self._paying.check(self.books, SALE, ledger, self._log.states, self._log.timers)
        self._tags.check(ledger)
        self._floor.check(ledger)
        self._places.check(self._log, self._log.state(f"sale-{SALE}"))
        helping.check(self._log.state(f"sale-{SALE}"))
        self._check_holds(ledger)
        self._check_drawers()
        self._check_settlement(ledger)

    def _watch(self, event: Any) -> None:
        self._tags.watch(event)
        self._places.watch(event)
        self._prices.watch(event)
        self._floor.watch(event)
        self._paying.watch(event)
        self._presale.watch(event)
        self.books, postings = post(self.books, event)
        assert sum(posting.amount_minor for posting in postings) == 0, f"postings of {event} do not sum to zero"
        match event:
            case BasketPaid():
                self._paid(event)
            case ReceiptVoided():
                self._money(event.tenders, event.change_minor, event.total_minor + event.rounding_minor, -1)
                for line in event.lines:
                    tag = self._prices.matched.get(line.tag, line.tag)
                    assert self.sold.pop(tag) == event.receipt
            case RefundPaid():
                self._refunded(event)
            case ManualLineMatched():
                assert event.item.tag not in self.sold
                self.sold[event.item.tag] = self.sold.pop(event.line)
            case _:
                pass

    def _paid(self, event: BasketPaid) -> None:
        self._numbered(event)
        assert event.sale_sequence == self._sequence + 1, "the sale's sequence has a gap"
        self._receipts[event.till] = max(event.counter, self._receipts.get(event.till, 0))
        self._sequence = event.sale_sequence
        self._money(event.tenders, event.change_minor, event.total_minor + event.rounding_minor, 1)
        assert event.total_minor == sum(paid_minor(line) for line in event.lines)
        for line in event.lines:
            assert line.tag not in self.sold, f"{line.tag} is on two receipts"
            self.sold[line.tag] = event.receipt

    def _numbered(self, event: BasketPaid) -> None:
        assert event.counter == self._receipts.get(event.till, 0) + 1, "receipt numbers have a gap"
        assert event.receipt == f"{event.till}-{event.counter}"

    def _refunded(self, event: RefundPaid) -> None:
        assert event.counter == self._refunds.get(event.till, 0) + 1, "refund numbers have a gap"
        self._refunds[event.till] = event.counter
        assert event.amount_minor == sum(line.paid_back_minor for line in event.lines)
        for line in event.lines:
            assert self.sold[line.tag] == event.receipt
            if line.returned_to is not None:
                del self.sold[line.tag]

    def _money(self, tenders: tuple[Tender, ...], change_minor: int, receipted_minor: int, sign: int) -> None:
        self._tendered_minor += sign * (sum(tender.amount_minor for tender in tenders) - change_minor)
        self._receipted_minor += sign * receipted_minor

    def _check_items(self, ledger: Ledger) -> None:
        sold = {tag: item.status.receipt for tag, item in ledger.items.items() if isinstance(item.status, Sold)}
        typed = {line: paid.receipt for line, paid in ledger.manual_lines.items() if isinstance(paid.outcome, STANDING)}
        assert sold | typed == self.sold, "the ledger and the receipts disagree about what is sold"
        credited = [paid for paid in ledger.manual_lines.values() if isinstance(paid.outcome, CreditedTo)]
        assert ledger.sold_count == len(sold) + len(credited) + self._floor.like_sales
        assert sum(theirs.sold for theirs in ledger.consignors.values()) == ledger.sold_count
        on_floor = [item.status for item in ledger.items.values() if isinstance(item.status, OnFloor)]
        held = [status for item in ledger.items.values() if isinstance(status := item.status, Held)]
        assert ledger.on_floor_count == len(on_floor) + sum(not status.unchecked for status in held)

    def _check_holds(self, ledger: Ledger) -> None:
        held = {tag: item.status.basket for tag, item in ledger.items.items() if isinstance(item.status, Held)}
        entries = {tag: basket for basket, holds in ledger.baskets.items() for tag in holds.tags}
        assert entries == held, "a hold without its item, or an item without its hold"
        watched = {timer.command.basket for timer in self._log.timers if isinstance(timer.command, ExpireHolds)}
        assert set(ledger.baskets) <= watched, "a hold that no timer will ever end"

    def _check_drawers(self) -> None:
        for stream, state in self._log.states.items():
            match state:
                case sessions.Open():
                    assert self.books.balance(SALE, cash_account(state.session)) == state.cash_minor >= 0
                case sessions.Closed():
                    assert self.books.balance(SALE, cash_account(state.session)) == 0, f"cash is left in {stream}"
                case _:
                    pass

    def _check_settlement(self, ledger: Ledger) -> None:
        sale = self._log.state(f"sale-{SALE}")
        assert isinstance(sale, Planned)
        settlement: Settlement = self._log.state(f"settlement-{SALE}")
        sold = sold_items(ledger)
        commission_minor = tax_minor = 0

        def gone(payout: PayoutNumber) -> bool:
            return settlement.payouts[payout].status in (
                PayoutStatus.PAID,
                PayoutStatus.CARRIED,
                PayoutStatus.FORFEITED,
            )

        for participation, known in self.books.consignors.items():
            standing = settlement.standing(participation)
            stated: Registered | Ended = self._log.state(f"participation-{participation}")
            theirs = stated.was if isinstance(stated, Ended) else stated
            assert theirs is not None
            terms = Terms(
                participation,
                known.number,
                theirs.charged_minor,
                theirs.tier,
                theirs.own_rule,
                theirs.paid_minor,
                theirs.points_off_ppm,
                standing.adjustments_minor,
                standing.brought_minor,
                standing.stated.borne_minor,
                standing.stated.donated_minor,
            )
            settled = statement(sale.settings.commission, terms, sold.get(participation, ()))
            gone_minor = sum(settlement.payouts[payout].amount_minor for payout in standing.payouts if gone(payout))
            assert self.books.balance(SALE, payable_account(participation)) == gone_minor - settled.net_minor
            commission_minor += settled.commission_minor
            tax_minor += settled.commission_tax_minor
        self._prices.check(self.books, SALE, ledger, tax_minor, suspended_minor(ledger, self._log.states))
        assert self.books.balance(SALE, accounts.COMMISSION) == -commission_minor
        assert self.books.balance(SALE, accounts.CHARITY) == -settlement.charity_minor
