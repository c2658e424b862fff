"""The published form of what was settled with consignors and paid to them. Names and bank accounts stay here."""

from datetime import datetime

from msgspec import Struct


class ConsignorAdjusted(Struct, frozen=True):
    """The organizer credited a consignor (above zero) or debited them by hand."""

    sale: str
    participation: str
    amount_minor: int
    currency: str


class StatementIssued(Struct, frozen=True):
    """A statement, or a supplement with the change since the statements before it; amounts are that change then.

    `given_minor` is what was adjusted, brought forward and borne, less `donated_minor`, which is left to charity.
    """

    sale: str
    statement: str
    kind: str
    participation: str
    consignor: int
    items_sold: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    donated_minor: int
    net_minor: int
    currency: str
    seal: str
    issued_at: datetime


class StatementsCancelled(Struct, frozen=True):
    """All statements of one consignor were cancelled under a numbered cancellation."""

    sale: str
    cancellation: str
    participation: str
    statements: tuple[str, ...]
    net_minor: int
    currency: str


class SettlementFrozen(Struct, frozen=True):
    """Every consignor of the sale has a statement."""

    sale: str
    round: int
    statements: int
    net_minor: int
    currency: str
    seal: str


class SettlementReopened(Struct, frozen=True):
    """No statement of the sale stands any more."""

    sale: str
    round: int
    cancellation: str


class PayoutDue(Struct, frozen=True):
    """A consignor is to be paid; `replaces` names the payout that this one is made again for."""

    sale: str
    payout: str
    participation: str
    amount_minor: int
    fee_minor: int
    currency: str
    replaces: str | None


class PayoutPaid(Struct, frozen=True):
    """The consignor got `amount_minor - fee_minor`, in cash rounded to coins."""

    sale: str
    payout: str
    participation: str
    amount_minor: int
    fee_minor: int
    currency: str


class PayoutEnded(Struct, frozen=True):
    """The payout was not made: `returned`, `uncollected`, `withdrawn`, `carried` or `forfeited`."""

    sale: str
    payout: str
    participation: str
    amount_minor: int
    currency: str
    status: str


class CharityPaid(Struct, frozen=True):
    """The sale's charity was paid, of what consignors left to it and of payouts that were given up for it."""

    sale: str
    amount_minor: int
    currency: str
    paid_at: datetime


type SettlementData = (
    ConsignorAdjusted
    | StatementIssued
    | StatementsCancelled
    | SettlementFrozen
    | SettlementReopened
    | PayoutDue
    | PayoutPaid
    | PayoutEnded
    | CharityPaid
)
