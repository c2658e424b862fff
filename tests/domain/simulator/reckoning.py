"""What each consignor must be told, reckoned once more: in decimals, from receipts and refunds alone.

It shares no arithmetic with the code: rates are decimals, sums are made of whole receipts, rounding is the library's.
"""

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any, NamedTuple

from msgspec.structs import replace

from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.ledger.events import RefundedLine, SoldLine
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineMatched
from consign.domain.money import RoundingMode
from consign.domain.participation.events import (
    ConsignorRegistered,
    ConsignorTermsChanged,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.sale import SalePlanned, SaleSettingsChanged
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid
from consign.domain.settlement.events import BalanceBroughtForward, ConsignorAdjusted
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import ParticipationId

_ROUNDED = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}


class Sold(NamedTuple):
    participation: ParticipationId
    category: str
    list_number: int
    gross: Decimal


class Reckoning:
    """Folds events; knows the schedule, each consignor's terms, and what is sold at which gross.

    `_fees` is what is still to come off the proceeds: what is charged and was not paid by itself.
    """

    def __init__(self) -> None:
        self._schedule: CommissionSchedule | None = None
        self._terms: dict[ParticipationId, tuple[str | None, CommissionRule | None]] = {}
        self._fees: dict[ParticipationId, int] = {}
        self._points_ppm: dict[ParticipationId, int] = {}
        self._given: dict[ParticipationId, int] = {}
        self._sold: dict[str, Sold] = {}
        self._matched: dict[str, str] = {}

    def watch(self, event: Any) -> None:  # noqa: C901 - a case a topic
        """Take note of the event."""
        match event:
            case SalePlanned() | SaleSettingsChanged():
                self._schedule = event.settings.commission
            case ConsignorRegistered():
                self._terms[event.participation] = event.tier, event.own_rule
                self._fees[event.participation] = event.fee_minor
            case ConsignorTermsChanged():
                self._terms[event.participation] = event.tier, event.own_rule
            case ConsignorTierEarned(participation=participation, tier=tier):
                self._terms[participation] = tier, self._terms[participation][1]
            case ConsignorAdjusted() | BalanceBroughtForward():
                self._given[event.participation] = self._given.get(event.participation, 0) + event.amount_minor
            case BasketPaid() | ReceiptVoided() | RefundPaid():
                self._trade(event)
            case ManualLineMatched(item=found) | ManualLineCredited(credited=found):
                self._find(event.line, found)
            case ItemsLost() | ItemsFound():
                self._make_good(event)
            case (
                FeePaid()
                | FeeRefunded()
                | FeeWaived()
                | ParticipationEnded()
                | ParticipationReopened()
                | ListsCharged()
                | LateDropOffCharged()
            ):
                self._fee(event)
            case ReferralRewarded(participation=participation, points_ppm=points_ppm):
                self._points_ppm[participation] = self._points_ppm.get(participation, 0) + points_ppm
            case _:
                pass

    def _make_good(self, event: ItemsLost | ItemsFound) -> None:
        for item in event.items:
            if isinstance(event, ItemsFound):
                self._sold.pop(item.tag, None)
            elif event.made_good == "less_commission":
                gross = Decimal(item.gross_minor)
                self._sold[item.tag] = Sold(item.participation, item.category, item.list_number, gross)

    def _fee(
        self,
        event: FeePaid
        | FeeRefunded
        | FeeWaived
        | ParticipationEnded
        | ParticipationReopened
        | ListsCharged
        | LateDropOffCharged,
    ) -> None:
        match event:
            case FeePaid(participation=participation, amount_minor=amount_minor):
                self._fees[participation] -= amount_minor
            case FeeRefunded(participation=participation, amount_minor=amount_minor):
                self._fees[participation] += amount_minor - event.uncharged_minor
            case ParticipationEnded(number=None):
                pass  # nothing is charged to who only waited or was invited
            case FeeWaived() | ParticipationEnded():
                self._fees[event.participation] -= event.uncharged_minor
            case ParticipationReopened() | ListsCharged() | LateDropOffCharged():
                self._fees[event.participation] += event.charged_minor

    def _trade(self, event: BasketPaid | ReceiptVoided | RefundPaid) -> None:
        match event:
            case BasketPaid(lines=lines):
                for line in lines:
                    if line.credited_to != "consignor":
                        continue
                    net_of_tax = Decimal(line.price_minor) - (line.tax_minor if line.tax_included else 0)
                    self._sold[line.tag] = Sold(line.participation, line.category, line.list_number, net_of_tax)
            case ReceiptVoided(lines=lines):
                for line in lines:
                    if line.credited_to == "consignor":
                        del self._sold[self._matched.get(line.tag, line.tag)]
            case RefundPaid(lines=refunded):
                for given_back in refunded:
                    if given_back.credited_to == "consignor":
                        self._give_back(given_back)

    def _find(self, manual: str, line: SoldLine) -> None:
        """A line without a tag is somebody's now; a void names it by the id it was typed in under."""
        self._matched[manual] = line.tag
        net_of_tax = Decimal(line.price_minor) - (line.tax_minor if line.tax_included else 0)
        self._sold[line.tag] = Sold(line.participation, line.category, line.list_number, net_of_tax)

    def _give_back(self, line: RefundedLine) -> None:
        if line.returned_to is not None:
            del self._sold[line.tag]
            return
        tax_left = line.tax_left_minor if line.tax_included else 0
        left = Decimal(line.price_minor) - line.refund_minor - tax_left
        self._sold[line.tag] = self._sold[line.tag]._replace(gross=left)

    def net_minor(self, participation: ParticipationId, without: frozenset[str] = frozenset()) -> int:
        """Return what the consignor is owed, before what the organizer bears, as if some things were not sold."""
        assert self._schedule is not None
        theirs = {
            tag: sold for tag, sold in self._sold.items() if sold.participation == participation and tag not in without
        }
        gross = sum((sold.gross for sold in theirs.values()), Decimal(0))
        commission = self._commission(participation, theirs, self._schedule)
        tax = self._round(commission * Decimal(self._schedule.tax_rate_ppm) / 1_000_000, self._schedule.mode)
        return int(gross - commission - tax) - self._fees[participation] + self._given.get(participation, 0)

    def _commission(
        self, participation: ParticipationId, theirs: dict[str, Sold], schedule: CommissionSchedule
    ) -> Decimal:
        tier, own_rule = self._terms[participation]
        together: dict[Any, list[Decimal]] = {}
        for tag, sold in theirs.items():
            rule = own_rule or schedule.by_tier.get(tier or "") or schedule.by_category.get(sold.category)
            rule = rule or schedule.default
            rate_ppm = max(0, rule.rate_ppm - self._points_ppm.get(participation, 0))
            rule = replace(rule, rate_ppm=rate_ppm)
            apart = {RoundingBasis.ITEM: tag, RoundingBasis.LIST: sold.list_number}.get(schedule.basis)
            together.setdefault((rule, apart), []).append(sold.gross)
        return sum((self._of(rule, amounts, schedule.mode) for (rule, _), amounts in together.items()), Decimal(0))

    def _of(self, rule: CommissionRule, amounts: list[Decimal], mode: RoundingMode) -> Decimal:
        part = self._round(sum(amounts, Decimal(0)) * Decimal(rule.rate_ppm) / 1_000_000, mode)
        part += rule.fixed_minor * len(amounts)
        if rule.minimum_minor is not None:
            part = max(part, Decimal(rule.minimum_minor))
        if rule.maximum_minor is not None:
            part = min(part, Decimal(rule.maximum_minor))
        return part

    @staticmethod
    def _round(amount: Decimal, mode: RoundingMode) -> Decimal:
        return amount.quantize(Decimal(1), rounding=_ROUNDED[mode])
