"""The postings of taking part: fees charged and given back, and the terms by which commission is posted."""

from msgspec.structs import replace

from consign.domain.accounts import COMMISSION, FEES, TAX, payable_account
from consign.domain.books.state import Books, Consignor, Entries, Posted, add, enter
from consign.domain.participation.events import ConsignorRegistered, ConsignorTermsChanged, ReferralRewarded
from consign.domain.sale import Phase, SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import SaleId


def consignor(
    books: Books, event: ConsignorRegistered | ConsignorTermsChanged | ConsignorTierEarned | ReferralRewarded
) -> Posted:
    """Charge the fee of a new consignor, or take note of other terms."""
    match event:
        case ConsignorRegistered(participation, sale, number, fee_minor):
            known = Consignor(sale, number, fee_minor, event.tier, event.own_rule)
            with_them = replace(books, consignors=books.consignors.insert(participation, known))
            return enter(with_them, sale, {payable_account(participation): fee_minor, FEES: -fee_minor})
        case ConsignorTermsChanged(participation, _, tier, own_rule):
            known = replace(books.consignors[participation], tier=tier, own_rule=own_rule)
            return replace(books, consignors=books.consignors.insert(participation, known)), ()
        case ConsignorTierEarned():
            return _tier_earned(books, event)
        case ReferralRewarded(participation, points_ppm=points_ppm):
            known = books.consignors[participation]
            known = replace(known, points_off_ppm=known.points_off_ppm + points_ppm)
            return replace(books, consignors=books.consignors.insert(participation, known)), ()


def _tier_earned(books: Books, event: ConsignorTierEarned) -> Posted:
    """Post what the commission on all that is sold so far is more or less by another tier."""
    known = books.consignors[event.participation]
    commission_minor = event.totals.commission_minor - known.totals.commission_minor
    tax_minor = event.totals.commission_tax_minor - known.totals.commission_tax_minor
    entries: Entries = {}
    add(entries, payable_account(event.participation), commission_minor + tax_minor)
    add(entries, COMMISSION, -commission_minor)
    add(entries, TAX, -tax_minor)
    moved = replace(known, tier=event.tier, totals=event.totals)
    return enter(replace(books, consignors=books.consignors.insert(event.participation, moved)), event.sale, entries)


def sale_changed(books: Books, event: SalePlanned | SaleSettingsChanged | SalePhaseChanged) -> Posted:
    """Take note of the commission schedule, or give the fees of a cancelled sale back."""
    match event:
        case SalePlanned(sale=sale, settings=settings) | SaleSettingsChanged(sale=sale, settings=settings):
            return replace(books, schedules=books.schedules.insert(sale, settings.commission)), ()
        case SalePhaseChanged(sale=sale, phase=Phase.CANCELLED):
            return _fees_given_back(books, sale)
        case SalePhaseChanged():
            return books, ()


def _fees_given_back(books: Books, sale: SaleId) -> Posted:
    entries = {}
    consignors = books.consignors
    for participation, known in books.consignors.items():
        if known.sale == sale and known.fee_minor:
            entries[payable_account(participation)] = -known.fee_minor
            entries[FEES] = entries.get(FEES, 0) + known.fee_minor
            consignors = consignors.insert(participation, replace(known, fee_minor=0))
    return enter(replace(books, consignors=consignors), sale, entries)
