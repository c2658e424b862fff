"""Whether a consignor may list and bring things: takes part still, and accepted the sale's present terms."""

from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned


def why_not_listing(sale: Planned, number: int) -> Rejected | None:
    """Return why a registered consignor may not list items; None: they may."""
    standing, settings = sale.places.standing[number], sale.settings
    if standing.ended:
        return Rejected(Reason.PARTICIPATION_ENDED, f"The participation of consignor {number} ended.")
    if settings.participation.terms_required and standing.terms_version != settings.terms_version:
        return Rejected(
            Reason.TERMS_NOT_ACCEPTED,
            f"Consignor {number} has to accept the terms first, version “{settings.terms_version}”.",
        )
    return None


def require_taking_part(sale: Planned, number: int) -> None:
    """Raise Rejected with `participation_ended`: what such a consignor brings is not taken in."""
    if sale.places.standing[number].ended:
        raise Rejected(
            Reason.PARTICIPATION_ENDED,
            f"The participation of consignor {number} ended, and nothing of theirs is taken in. "
            "An organizer may reopen it.",
        )
