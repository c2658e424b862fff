"""The rules of a sale that change what a shopper pays: tax, the buyer's surcharge."""

from msgspec import Struct

from consign.domain.values import AmountMinor, Ppm


class Surcharge(Struct, frozen=True, gc=False, omit_defaults=True):
    """What shoppers pay the organizer on top of each receipt: a rate of the goods, plus a fixed amount.

    It touches no commission. `refundable` says whether a refund gives it back.
    """

    rate_ppm: Ppm = 0
    fixed_minor: AmountMinor = 0
    refundable: bool = True


NO_SURCHARGE = Surcharge()


class TaxRule(Struct, frozen=True, gc=False, omit_defaults=True):
    """How much tax is in a price (`included`) or comes on top of it. A sales tax of 8.875 % is 88750."""

    rate_ppm: Ppm = 0
    included: bool = True


NO_TAX = TaxRule()
