"""How what is handed over comes to what is due: rounding, change, what is missing, and what may exceed it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.events import TenderKind
from consign.domain.values import AMOUNT_LIMIT_MINOR


class Tendered(Protocol):
    """What is given, whether it is only said or recorded already."""

    @property
    def kind(self) -> TenderKind: ...

    @property
    def amount_minor(self) -> int: ...

    @property
    def reference(self) -> str: ...


class Balance(NamedTuple):
    """Below zero, `change_minor` is what is missing."""

    rounding_minor: int
    change_minor: int


def require_given(tenders: Sequence[Tendered]) -> None:
    """Raise Rejected with `tender_invalid` where a till says what only a provider knows."""
    if any(tender.kind is TenderKind.PROVIDER for tender in tenders):
        raise Rejected(
            Reason.TENDER_INVALID,
            "What a card provider takes is asked of it for a basket, by request-payment. It says itself what it took.",
        )


def settle(total_minor: int, tenders: Sequence[Tendered], increment_minor: int) -> Balance:
    """Return the cash rounding and the change; only what is left for cash is rounded, and change is cash.

    Raises Rejected with `card_exceeds_total`, `voucher_exceeds_total` or `tenders_too_low`.
    """
    balance = reckon(total_minor, tenders, increment_minor)
    if balance.change_minor < 0:
        raise Rejected(Reason.TENDERS_TOO_LOW, f"{-balance.change_minor} minor units are missing.")
    return balance


def reckon(total_minor: int, tenders: Sequence[Tendered], increment_minor: int) -> Balance:
    """Return the cash rounding and the change, or what is missing.

    Raises Rejected with `card_exceeds_total` or `voucher_exceeds_total`.
    """
    by_kind = dict.fromkeys(TenderKind, 0)
    for tender in tenders:
        by_kind[tender.kind] += tender.amount_minor
    cash_minor, card_minor = by_kind[TenderKind.CASH], by_kind[TenderKind.CARD] + by_kind[TenderKind.PROVIDER]
    if card_minor > total_minor:
        raise Rejected(
            Reason.CARD_EXCEEDS_TOTAL,
            f"Cards were charged {card_minor} minor units for a total of {total_minor}: only cash gives change.",
        )
    left_minor = total_minor - card_minor - by_kind[TenderKind.VOUCHER]
    if left_minor < 0:
        raise Rejected(
            Reason.VOUCHER_EXCEEDS_TOTAL,
            f"{-left_minor} minor units less are to be taken from vouchers: what is left of one stays on it.",
        )
    rounding_minor = cash_rounding(left_minor, increment_minor) if cash_minor else 0
    change_minor = cash_minor - left_minor - rounding_minor
    if change_minor > AMOUNT_LIMIT_MINOR:
        raise Rejected(Reason.LIMIT_EXCEEDED, "No drawer gives that much change.")
    return Balance(rounding_minor, change_minor)
