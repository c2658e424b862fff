"""What the books hold: balances, and what is needed to post the next commission."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.commission import NOTHING_SOLD, CommissionRule, CommissionSchedule, Totals
from consign.domain.values import ParticipationId, SaleId


class Posting(Struct, frozen=True, gc=False):
    """One side of an entry. `sale` says which sale's books it belongs to."""

    sale: SaleId
    account: str
    amount_minor: int


class Consignor(Struct, frozen=True, gc=False):
    """What the books know of a participation: its terms, what it sold so far, and how far it is settled.

    `fee_minor` is what is charged for taking part, `fees_paid_minor` what was paid of it apart from the proceeds.
    `adjustments_minor`, `brought_minor` and `borne_minor` are given beside what was sold, `donated_minor` of it went to
    charity. `stated_minor` is the net of
    the statements that stand, `paid_out_minor` what left the consignor's account: paid, carried or given up.
    """

    sale: SaleId
    number: int
    fee_minor: int
    tier: str | None
    own_rule: CommissionRule | None
    totals: Totals = NOTHING_SOLD
    fees_paid_minor: int = 0
    points_off_ppm: int = 0
    adjustments_minor: int = 0
    brought_minor: int = 0
    borne_minor: int = 0
    stated_minor: int = 0
    paid_out_minor: int = 0
    donated_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What the consignor is owed before anything is paid out; below zero, what the consignor owes."""
        kept_minor = self.totals.commission_minor + self.totals.commission_tax_minor + self.fee_minor
        given_minor = self.fees_paid_minor + self.adjustments_minor + self.brought_minor + self.borne_minor
        return self.totals.gross_minor - kept_minor + given_minor - self.donated_minor


class Books(Struct, frozen=True):
    """Balances by (sale, account), and what is needed to post the next commission."""

    balances: HashTrieMap[tuple[SaleId, str], int] = HashTrieMap()
    schedules: HashTrieMap[SaleId, CommissionSchedule] = HashTrieMap()
    consignors: HashTrieMap[ParticipationId, Consignor] = HashTrieMap()

    def balance(self, sale: SaleId, account: str) -> int:
        """Return the account's balance in the sale's books; zero where nothing was posted."""
        return self.balances.get((sale, account), 0)


EMPTY = Books()

type Entries = dict[str, int]
"""What is added to each account; an entry adds up to zero."""

type Posted = tuple[Books, tuple[Posting, ...]]


def enter(books: Books, sale: SaleId, entries: Entries) -> Posted:
    """Return the books with the entry, and its postings."""
    balances = books.balances
    for account, amount_minor in entries.items():
        key = (sale, account)
        balances = balances.insert(key, balances.get(key, 0) + amount_minor)
    postings = tuple(Posting(sale, account, amount) for account, amount in entries.items() if amount)
    return replace(books, balances=balances), postings


def add(entries: Entries, account: str, amount_minor: int) -> None:
    """Add to one account of an entry; nothing is no entry."""
    if amount_minor:
        entries[account] = entries.get(account, 0) + amount_minor
