"""The figures of a statement, and their sums and differences."""

from msgspec import Struct


class Figures(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a consignor's sale came to, in minor units; in a supplement, the change against what was stated before.

    `fees_minor` were charged, `fees_paid_minor` of them were paid apart from the settlement. `adjustments_minor` were
    given (or taken) by hand, `brought_minor` comes from an earlier sale, `borne_minor` is a balance below zero that the
    organizer bears. `donated_minor` goes to charity instead of to the consignor.
    """

    count: int = 0
    gross_minor: int = 0
    commission_minor: int = 0
    commission_tax_minor: int = 0
    fees_minor: int = 0
    fees_paid_minor: int = 0
    adjustments_minor: int = 0
    brought_minor: int = 0
    borne_minor: int = 0
    donated_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What the consignor is owed; below zero, what the consignor owes."""
        kept_minor = self.commission_minor + self.commission_tax_minor + self.fees_minor
        given_minor = self.fees_paid_minor + self.adjustments_minor + self.brought_minor + self.borne_minor
        return self.gross_minor - kept_minor + given_minor - self.donated_minor


NOTHING = Figures()


def total(one: Figures, other: Figures) -> Figures:
    """Add field by field."""
    return Figures(*(getattr(one, name) + getattr(other, name) for name in Figures.__struct_fields__))


def change(after: Figures, before: Figures) -> Figures:
    """Return what must be added to `before` to come to `after`."""
    return Figures(*(getattr(after, name) - getattr(before, name) for name in Figures.__struct_fields__))
