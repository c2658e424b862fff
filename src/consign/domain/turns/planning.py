"""Planning a sale: its number, its rules, and where it stands."""

from datetime import datetime

from consign.domain.commission import CommissionRule, CommissionSchedule
from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.state import Ledger
from consign.domain.organization import Founded, Organization, Platform, Registered, SaleNumberTaken
from consign.domain.organization import Unknown as UnknownOrganization
from consign.domain.participation.rules import contradictions
from consign.domain.presale import wrong_groups
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import (
    ChangeSalePhase,
    ChangeSaleSettings,
    Phase,
    Planned,
    PlanSale,
    Sale,
    SaleAnswer,
    SalePhaseChanged,
    SalePlanned,
    SaleSettings,
    SaleSettingsChanged,
    Unknown,
)
from consign.domain.settlement.policy import policy_faults
from consign.domain.shifts import rules as shift_rules
from consign.domain.turns.actors import neighbours, organization_stream, sale_stream
from consign.domain.turns.deadlines import fill_timer
from consign.domain.turns.forfeiting import policy_timers
from consign.domain.turns.leaving_out import phase_timers
from consign.domain.turns.price_settings import timed, wrong_prices, wrong_times
from consign.domain.values import Done

_LAST_SALE_NUMBER = 999


def plan(command: PlanSale, organization: Organization, sale: Sale) -> Decision:
    """Give the sale a number that is free in the organization."""
    match organization:
        case UnknownOrganization() | Registered() | Platform():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {command.organization} here yet.")
        case Founded():
            pass
    match sale:
        case Planned():
            return _planned_before(command, sale)
        case Unknown():
            pass
    check_settings(command.settings)
    time_zone = command.time_zone or organization.time_zone
    settings = timed(command.settings, time_zone)
    number = _free_number(command, organization)
    return Decision(
        (
            Emitted(organization_stream(command.organization), SaleNumberTaken(command.sale, number)),
            Emitted(
                sale_stream(command.sale),
                SalePlanned(
                    command.sale,
                    command.organization,
                    number,
                    command.name,
                    organization.currency,
                    time_zone,
                    settings,
                ),
            ),
        ),
        SaleAnswer(command.sale, number, Phase.DRAFT),
    )


def _planned_before(command: PlanSale, sale: Planned) -> Decision:
    same = command.name == sale.name and timed(command.settings, sale.time_zone) == sale.settings
    if same and command.number in (None, sale.number) and command.time_zone in (None, sale.time_zone):
        return Decision((), SaleAnswer(sale.sale, sale.number, sale.phase))
    raise Rejected(Reason.SALE_EXISTS, f"A sale with this id was planned before as “{sale.name}”.")


def _free_number(command: PlanSale, organization: Founded) -> int:
    taken = organization.sale_numbers
    if command.number is not None:
        if command.number in taken:
            raise Rejected(Reason.SALE_NUMBER_TAKEN, f"Sale number {command.number} is in use. Choose another one.")
        return command.number
    for number in range(1, _LAST_SALE_NUMBER + 1):
        if number not in taken:
            return number
    raise Rejected(Reason.LIMIT_EXCEEDED, f"All {_LAST_SALE_NUMBER} sale numbers of the organization are in use.")


def change_settings(command: ChangeSaleSettings, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Change the rules; the commission schedule only while nothing is sold, so that no total has two rules."""
    check_settings(command.settings)
    settings = timed(command.settings, sale.time_zone)
    if settings == sale.settings:
        return Decision((), Done())
    if ledger.sold_count and settings.commission != sale.settings.commission:
        raise Rejected(
            Reason.COMMISSION_IN_USE,
            f"{ledger.sold_count} items are sold under the commission rules as they are: they stay for this sale.",
        )
    _require_promises_kept(settings, sale)
    event = SaleSettingsChanged(sale.sale, settings)
    moved = settings.participation != sale.settings.participation and len(sale.places.waiting) > 0
    moving = (fill_timer(sale.sale, now),) if moved else ()
    timers = (*moving, *policy_timers(sale, settings.settlement, now))
    return Decision((Emitted(sale_stream(sale.sale), event),), Done(), timers)


def _require_promises_kept(settings: SaleSettings, sale: Planned) -> None:
    before, after = sale.settings.shifts, settings.shifts
    if len(sale.roster.work) and (after.tiers, after.broken_tier) != (before.tiers, before.broken_tier):
        raise Rejected(
            Reason.SHIFT_IN_USE,
            f"{len(sale.roster.work)} consignors took shifts for the tiers as they are: they stay for this sale.",
        )


def change_phase(command: ChangeSalePhase, sale: Planned, ledger: Ledger, now: datetime) -> Decision:
    """Go one phase on, one back while nothing contradicts it, or cancel."""
    if command.phase is sale.phase:
        return Decision((), SaleAnswer(sale.sale, sale.number, sale.phase))
    before, after = neighbours(sale.phase)
    if command.phase is Phase.CANCELLED:
        _require_nothing(ledger.sold_count, "items are sold", sale, command.phase)
        _require_nothing(_open_tills(sale), "tills are open", sale, command.phase)
    elif command.phase is before:
        _require_reversible(sale, ledger, command.phase)
    elif command.phase is not after:
        raise Rejected(
            Reason.WRONG_PHASE,
            f"The sale is in {sale.phase.value}; from there it goes one step on or one step back, "
            f"not to {command.phase.value}.",
        )
    # Fees are given back consignor by consignor, and readers know a consignor only by its participation.
    owed = tuple(sale.consignors[number] for number in sorted(sale.consignors))
    participations = owed if command.phase is Phase.CANCELLED else ()
    event = SalePhaseChanged(sale.sale, command.phase, sale.phase, command.reason, participations)
    timers = phase_timers(sale, command.phase, now)
    answer = SaleAnswer(sale.sale, sale.number, command.phase)
    return Decision((Emitted(sale_stream(sale.sale), event),), answer, timers)


def _open_tills(sale: Planned) -> int:
    return sum(till.session is not None for till in sale.tills.values())


def _require_nothing(count: int, what: str, sale: Planned, phase: Phase) -> None:
    if count:
        raise Rejected(
            Reason.WRONG_PHASE, f"{count} {what}: the sale cannot go from {sale.phase.value} to {phase.value}."
        )


def _require_reversible(sale: Planned, ledger: Ledger, phase: Phase) -> None:
    match sale.phase:
        case Phase.REGISTRATION:
            _require_nothing(len(sale.consignors), "consignors are registered", sale, phase)
        case Phase.DROP_OFF:
            _require_nothing(ledger.on_floor_count, "items are on the floor", sale, phase)
            _require_nothing(len(ledger.receipts), "receipts were written", sale, phase)
            _require_nothing(_open_tills(sale), "tills are open", sale, phase)
        case Phase.LIVE:
            _require_nothing(len(ledger.receipts), "receipts were written", sale, phase)
            _require_nothing(_open_tills(sale), "tills are open", sale, phase)
        case Phase.PICK_UP | Phase.SETTLEMENT | Phase.CLOSED | Phase.DRAFT | Phase.CANCELLED:
            pass


def check_settings(settings: SaleSettings) -> None:
    """Raise Rejected with `settings_invalid`, naming every rule that contradicts another one."""
    wrong = [
        *_wrong_categories(settings),
        *_wrong_rules(settings),
        *wrong_prices(settings),
        *wrong_times(settings.floor),
        *wrong_groups(settings.presale_groups),
        *_wrong_participation(settings),
        *_wrong_shifts(settings),
        *((f"/settlement{pointer}", detail) for pointer, detail in policy_faults(settings.settlement)),
    ]
    if wrong:
        errors = tuple(
            {"pointer": f"/settings{pointer}", "reason": Reason.SETTINGS_INVALID.value, "detail": detail}
            for pointer, detail in wrong
        )
        raise Rejected(Reason.SETTINGS_INVALID, f"{'; '.join(detail for _, detail in wrong)}.", errors)


def _wrong_participation(settings: SaleSettings) -> list[tuple[str, str]]:
    wrong = contradictions(settings.participation)
    if settings.participation.terms_required and not settings.terms_version:
        wrong.append(("/terms_required", "there are no terms to accept"))
    return [(f"/participation{pointer}", detail) for pointer, detail in wrong]


def _wrong_shifts(settings: SaleSettings) -> list[tuple[str, str]]:
    wrong = shift_rules.contradictions(settings.shifts, frozenset(settings.commission.by_tier))
    return [(f"/shifts{pointer}", detail) for pointer, detail in wrong]


def _wrong_categories(settings: SaleSettings) -> list[tuple[str, str]]:
    wrong = []
    seen = set()
    for index, category in enumerate(settings.categories):
        pointer = f"/categories/{index}"
        if category.code in seen:
            wrong.append((f"{pointer}/code", f"category {category.code} is there twice"))
        seen.add(category.code)
        low, high = category.price_minimum_minor, category.price_maximum_minor
        if low is not None and high is not None and low > high:
            wrong.append((f"{pointer}/price_minimum_minor", f"category {category.code} allows no price at all"))
        wrong += [
            (f"{pointer}/quota_groups/{place}", f"there is no quota {group}")
            for place, group in enumerate(category.quota_groups)
            if group not in settings.quotas
        ]
    maximum = settings.price_maximum_minor
    if maximum is not None and settings.price_minimum_minor > maximum:
        wrong.append(("/price_minimum_minor", "the price minimum is above the price maximum"))
    if settings.begins_on is not None and settings.ends_on is not None and settings.begins_on > settings.ends_on:
        wrong.append(("/ends_on", "the sale ends before it begins"))
    return wrong


def _wrong_rules(settings: SaleSettings) -> list[tuple[str, str]]:
    schedule = settings.commission
    codes = {category.code for category in settings.categories}
    wrong = [
        (f"/commission/by_category/{code}", f"there is no category {code}")
        for code in schedule.by_category
        if code not in codes
    ]
    return wrong + [
        (f"/commission/{pointer}", "the commission's minimum is above its maximum")
        for pointer, rule in _rules(schedule)
        if rule.minimum_minor is not None and rule.maximum_minor is not None and rule.minimum_minor > rule.maximum_minor
    ]


def _rules(schedule: CommissionSchedule) -> list[tuple[str, CommissionRule]]:
    return [
        ("default", schedule.default),
        *((f"by_category/{code}", rule) for code, rule in schedule.by_category.items()),
        *((f"by_tier/{code}", rule) for code, rule in schedule.by_tier.items()),
    ]
