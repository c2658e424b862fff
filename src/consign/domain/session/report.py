"""The figures of a session's X and Z report."""

from typing import Literal

from msgspec import Struct

type MovementKind = Literal["movement", "change", "safe", "deposit", "expense", "float_correction"]
"""Why cash goes in or out: for change, to or from the safe or the bank, for something bought; `movement`: else.

`float_correction` mends a float that was said wrongly.
"""


class TaxFigures(Struct, frozen=True, gc=False):
    """What was sold of one tax rate, tax included, less what was given back; the surcharge is not in it."""

    rate_ppm: int
    included: bool
    gross_minor: int
    tax_minor: int


class MovedFigures(Struct, frozen=True, gc=False):
    kind: MovementKind
    amount_minor: int


class TillFigures(Struct, frozen=True, omit_defaults=True):
    """What a session took and gave.

    `receipts_minor` is what all receipts came to, `voided_minor` and `refunded_minor` what of it was undone or given
    back. `cash_minor`, `card_minor` and `voucher_minor` are what was taken for goods and kept: less change, voids and
    refunds. Discounts are those on receipts that were not voided. Vouchers sold are no turnover; `vouchers_minor` is
    what they are good for, and what was paid for them stands beside it. `vouchers_out_minor` is the cash that was
    paid out for what was left of vouchers. `settled_minor` are differences that were counted at a hand-over.
    `provider_minor` is what cards through providers paid and keep paying for; `taken_cash_minor`, `taken_card_minor`
    and `taken_voucher_minor` came in for baskets that are not paid up yet.
    """

    float_minor: int = 0
    receipts: int = 0
    receipts_minor: int = 0
    voided: int = 0
    voided_minor: int = 0
    refunds: int = 0
    refunded_minor: int = 0
    cash_minor: int = 0
    card_minor: int = 0
    voucher_minor: int = 0
    change_minor: int = 0
    rounding_minor: int = 0
    taxes: tuple[TaxFigures, ...] = ()
    discount_consignor_minor: int = 0
    discount_organizer_minor: int = 0
    surcharge_minor: int = 0
    fees_cash_minor: int = 0
    fees_card_minor: int = 0
    payouts: int = 0
    payouts_minor: int = 0
    vouchers: int = 0
    vouchers_minor: int = 0
    vouchers_cash_minor: int = 0
    vouchers_card_minor: int = 0
    moved: tuple[MovedFigures, ...] = ()
    sent_minor: int = 0
    received_minor: int = 0
    settled_minor: int = 0
    vouchers_out: int = 0
    vouchers_out_minor: int = 0
    provider_minor: int = 0
    taken_cash_minor: int = 0
    taken_card_minor: int = 0
    taken_voucher_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What was sold less what was undone and given back, without cash rounding."""
        return self.receipts_minor - self.voided_minor - self.refunded_minor

    @property
    def moved_minor(self) -> int:
        return sum(each.amount_minor for each in self.moved)

    @property
    def expected_minor(self) -> int:
        """The cash that a count must find."""
        taken_minor = self.cash_minor + self.fees_cash_minor + self.vouchers_cash_minor - self.payouts_minor
        carried_minor = self.received_minor - self.sent_minor
        taken_minor += self.taken_cash_minor - self.vouchers_out_minor
        return self.float_minor + taken_minor + self.moved_minor + carried_minor + self.settled_minor
