"""What a sale that was made offline says of itself: whether it adds up, what tells it from others, who allowed what."""

from hashlib import sha256

import msgspec
from msgspec.structs import replace

from consign.domain.amounts import paid_minor
from consign.domain.ledger.offline_events import Anomaly, Difference
from consign.domain.offline_commands import OfflineSale
from consign.domain.session.events import TenderKind
from consign.domain.turns.offline_lines import overrides
from consign.domain.values import AMOUNT_LIMIT_MINOR

_SAID_LIMIT = 5


class Unreadable(Exception):
    """The sale contradicts itself: it is kept as it was sent until somebody says what it means."""


def digest_of(given: OfflineSale) -> str:
    """Return what tells two sales apart that have one id; whether it was voided since is not part of it."""
    return sha256(msgspec.json.encode(replace(given, voided=None))).hexdigest()


def require_sums(given: OfflineSale) -> None:
    """Raise Unreadable unless lines, total, tenders, rounding and change add up."""
    for index, line in enumerate(given.lines):
        if (line.tag is None) == (line.line is None):
            raise Unreadable(f"Line {index} has to say a tag, or the id of a manual line.")
        if line.discount_minor + (line.tax_minor if line.tax_included else 0) > line.price_minor:
            raise Unreadable(f"Line {index} takes more off its price than there is.")
    total_minor = sum(paid_minor(line) for line in given.lines)
    if total_minor != given.total_minor:
        raise Unreadable(f"The lines come to {total_minor} minor units, the total says {given.total_minor}.")
    tendered_minor = sum(tender.amount_minor for tender in given.tenders)
    owed_minor = given.total_minor + given.rounding_minor + given.change_minor
    if tendered_minor != owed_minor:
        raise Unreadable(f"Tenders of {tendered_minor} minor units do not pay {owed_minor}, change and rounding in it.")
    if any(tender.kind is TenderKind.VOUCHER for tender in given.tenders):
        raise Unreadable("What a voucher is worth is known here alone: no till takes one by itself.")
    if any(tender.kind is TenderKind.PROVIDER for tender in given.tenders):
        raise Unreadable("What a provider took is said by the provider alone: offline, a till takes none of its cards.")
    cash_minor = sum(tender.amount_minor for tender in given.tenders if tender.kind is TenderKind.CASH)
    if given.change_minor > cash_minor:
        raise Unreadable("There is more change than cash.")
    if tendered_minor > AMOUNT_LIMIT_MINOR:
        raise Unreadable(f"No receipt comes to more than {AMOUNT_LIMIT_MINOR} minor units.")


def unverified(given: OfflineSale) -> tuple[Anomaly, ...]:
    """Return the prices that were lowered without anybody's verified PIN."""
    return tuple(
        Anomaly("override_unverified", f"The price of {each.line} was lowered without a verified PIN.")
        for each in overrides(given)
        if not each.verifier or (each.authorized_by is None and each.approved_by is None)
    )


def said(differences: tuple[Difference, ...]) -> str:
    """Say the first differences in a sentence; all of them stand beside it."""
    said = "; ".join(
        f"{each.part.replace('_', ' ')} of line {each.line}: {each.told_minor} by the till, {each.computed_minor} here"
        for each in differences[:_SAID_LIMIT]
    )
    more = len(differences) - _SAID_LIMIT
    return f"In minor units, {said}{f'; and {more} more' if more > 0 else ''}."
