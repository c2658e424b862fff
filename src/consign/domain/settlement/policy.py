"""How a sale settles: what is paid out, what a payout costs, and what becomes of what nobody fetches."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.accounts import CHARITY, FEES
from consign.domain.iban import bic_fault, iban_fault
from consign.domain.values import AmountMinor, Text

FORFEITED_TO = {"organizer": FEES, "charity": CHARITY}
"""The account of whoever a forfeited payout goes to."""


class PayoutMethod(StrEnum):
    """How a consignor is paid: out of a till, by cheque, by a SEPA file for the bank, or by a list typed in by hand."""

    CASH = "cash"
    CHEQUE = "cheque"
    SEPA = "sepa"
    LIST = "list"


type PainVersion = Literal["pain.001.001.09", "pain.001.001.03"]
"""The message of ISO 20022 that a bank takes transfers in; the older one is for banks that have not changed yet."""


class Debtor(Struct, frozen=True, gc=False):
    """The organizer's own account, which SEPA payouts are taken from; the name as the bank knows it."""

    name: Annotated[str, Meta(min_length=1, max_length=70)]
    iban: Annotated[str, Meta(max_length=34)]
    bic: Annotated[str, Meta(max_length=11)] = ""
    message: PainVersion = "pain.001.001.09"


class SettlementPolicy(Struct, frozen=True):
    """A payout below `minimum_minor` is carried to a later sale or given to charity.

    A balance below zero is borne by the organizer or carried. `fees_minor` is what a payout costs by its method;
    `reissue_fee_minor` comes on top of a payout that must be made again. What nobody fetches may be forfeited
    `forfeit_after_days` after it was due; without a number of days, never. `charity` is the name of whom consignors
    may leave proceeds to; without a name they cannot.
    """

    minimum_minor: AmountMinor = 0
    below_minimum: Literal["carry", "charity"] = "carry"
    negative: Literal["bear", "carry"] = "carry"
    fees_minor: Annotated[dict[PayoutMethod, AmountMinor], Meta(max_length=4)] = {}
    reissue_fee_minor: AmountMinor = 0
    forfeit_after_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    forfeit_to: Literal["organizer", "charity"] = "organizer"
    debtor: Debtor | None = None
    charity: Text = ""


def policy_faults(policy: SettlementPolicy) -> list[tuple[str, str]]:
    """Return what is wrong, each with a JSON pointer into the policy."""
    debtor = policy.debtor
    if debtor is None:
        return []
    wrong = [("/debtor/iban", iban_fault(debtor.iban)), ("/debtor/bic", bic_fault(debtor.bic) if debtor.bic else None)]
    return [
        (pointer, f"{debtor.iban if 'iban' in pointer else debtor.bic} {fault}") for pointer, fault in wrong if fault
    ]
