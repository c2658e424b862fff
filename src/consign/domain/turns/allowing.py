"""How much a consignor may list beyond the sale's rule: granted by an organizer, or bought list by list."""

from datetime import datetime

from msgspec.structs import replace

from consign.domain.decision import Decision
from consign.domain.ledger.state import Ledger, Refused, Voided, Withdrawn
from consign.domain.participation.allowance_commands import (
    AllowanceAnswer,
    AllowanceCommand,
    BuyLists,
    GrantAllowance,
)
from consign.domain.participation.state import Registered
from consign.domain.places import Allowance
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import (
    LISTING,
    States,
    ledger_of,
    participation_of,
    planned,
    require_phase,
)
from consign.domain.turns.brought import items_of
from consign.domain.turns.entry_quotas import lists_covered, lists_maximum
from consign.domain.turns.lists import lists_changed
from consign.domain.turns.ownership import require_own
from consign.domain.turns.registration import registered
from consign.domain.turns.taking_part import with_ledger


def needs(command: AllowanceCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    return with_ledger(command.participation, states)


def decide(command: AllowanceCommand, states: States, _: datetime) -> Decision:
    known = participation_of(states, command.participation)
    match command:
        case GrantAllowance():
            theirs = registered(known)
            return _grant(command, theirs, planned(states, theirs.sale))
        case BuyLists():
            require_own(command.actor, known)
            theirs = registered(known)
            return _buy(command, theirs, planned(states, theirs.sale), ledger_of(states, theirs.sale))


def _grant(command: GrantAllowance, theirs: Registered, sale: Planned) -> Decision:
    require_phase(sale, LISTING, "Granting more items and lists")
    before = sale.places.standing[theirs.number].allowance
    known = {category.code for category in sale.settings.categories}
    unknown = next((code for code in command.extra_by_category if code not in known), None)
    if unknown is not None:
        raise Rejected(Reason.UNKNOWN_CATEGORY, f"This sale has no category “{unknown}”.")
    after = replace(
        before,
        extra_items=command.extra_items,
        extra_lists=command.extra_lists,
        extra_by_category={code: extra for code, extra in sorted(command.extra_by_category.items()) if extra},
    )
    return _decided(theirs, sale, before, after, 0)


def _buy(command: BuyLists, theirs: Registered, sale: Planned, ledger: Ledger) -> Decision:
    """Charge further lists at what one costs now; given back, each is worth its share of what was charged."""
    require_phase(sale, LISTING, "Buying lists")
    before, settings = sale.places.standing[theirs.number].allowance, sale.settings
    bought, wanted = before.bought_lists, command.lists
    if wanted > bought:
        if not settings.extra_list_fee_minor:
            raise Rejected(Reason.LISTS_NOT_SOLD, "This sale sells no further lists: its fee covers all there are.")
        lists, most = settings.fee_covers_lists + wanted, lists_maximum(settings, before)
        if most is not None and lists > most:
            raise Rejected(Reason.LIMIT_EXCEEDED, f"A consignor has at most {most} lists here.")
        charged_minor = (wanted - bought) * settings.extra_list_fee_minor
    else:
        _require_unused(theirs, settings.fee_covers_lists + wanted + before.extra_lists, ledger)
        kept_minor = theirs.lists_charged_minor * wanted // bought if bought else 0
        charged_minor = kept_minor - theirs.lists_charged_minor
    return _decided(theirs, sale, before, replace(before, bought_lists=wanted), charged_minor)


def _require_unused(theirs: Registered, covered: int, ledger: Ledger) -> None:
    used = (
        item.listed.list_number
        for item in items_of(ledger, theirs.number)
        if not isinstance(item.status, Withdrawn | Refused | Voided)
    )
    last = max(used, default=0)
    if last > covered:
        raise Rejected(Reason.LISTS_IN_USE, f"Something stands on list {last}. Withdraw it first.")


def _decided(theirs: Registered, sale: Planned, before: Allowance, after: Allowance, charged_minor: int) -> Decision:
    settings = sale.settings
    most, covered = lists_maximum(settings, after), lists_covered(settings, after)
    answer = AllowanceAnswer(
        theirs.participation,
        theirs.number,
        min((limit for limit in (most, covered) if limit is not None), default=None),
        most,
        None if settings.items_per_consignor is None else settings.items_per_consignor + after.extra_items,
        {
            category.code: category.items_maximum + after.extra_by_category.get(category.code, 0)
            for category in settings.categories
            if category.items_maximum is not None
        },
        after.bought_lists,
        theirs.lists_charged_minor + charged_minor,
        sale.currency,
    )
    events = () if after == before else lists_changed(theirs, sale, after, charged_minor)
    return Decision(events, answer)
