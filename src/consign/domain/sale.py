"""One consignment sale event: its phase, its rules, who has which number, and which till is open."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain import places, tills
from consign.domain.commission import CommissionSchedule
from consign.domain.floor_rules import FloorRules, UnsoldPolicy
from consign.domain.money import PARTS_PER_MILLION
from consign.domain.paper_settings import PaperSettings
from consign.domain.participation.rules import ParticipationRules
from consign.domain.places import (
    AllowanceChanged,
    ConsignorNumberTaken,
    InvitationClosed,
    InvitationOpened,
    PlaceEvent,
    PlaceFreed,
    PlaceOffered,
    Places,
    PlaceTakenAgain,
    TermsAccepted,
    WaitingListJoined,
    WaitingListLeft,
)
from consign.domain.presale import PresaleGroups
from consign.domain.price_rules import NO_SURCHARGE, NO_TAX, DiscountWindow, Surcharge, TaxRule
from consign.domain.settlement.policy import SettlementPolicy
from consign.domain.shifts import state as rosters
from consign.domain.shifts.events import ShiftDropped, ShiftEvent, ShiftGivenUp, ShiftPlanned, ShiftTaken, WorkRecorded
from consign.domain.shifts.rules import ShiftRules
from consign.domain.shifts.state import Roster
from consign.domain.slots import state as slots
from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotDropped, SlotEvent, SlotGivenUp, SlotPlanned
from consign.domain.slots.state import Slots
from consign.domain.till_rules import NO_RULES, TillRules
from consign.domain.tills import (
    BasketCarriedOver,
    CarriedBasket,
    CarriedBasketRecalled,
    Till,
    TillClosed,
    TillCounted,
    TillOpened,
    TillUnsyncedReported,
)
from consign.domain.values import (
    AmountMinor,
    BasketId,
    Code,
    GivenSaleId,
    GivenSlug,
    Name,
    OrganizationSlug,
    ParticipationId,
    PositiveMinor,
    Ppm,
    Role,
    SaleId,
    SaleNumber,
    Text,
)


class Phase(StrEnum):
    """Where a sale stands; each is followed by the next, and `cancelled` ends it."""

    DRAFT = "draft"
    REGISTRATION = "registration"
    DROP_OFF = "drop_off"
    LIVE = "live"
    PICK_UP = "pick_up"
    SETTLEMENT = "settlement"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class LotRule(Struct, frozen=True, gc=False, omit_defaults=True):
    """So many like things may be sold as one item, a lot; `size_and_brand`: a lot must say its one size and brand."""

    pieces_maximum: Annotated[int, Meta(ge=2, le=999)]
    size_and_brand: bool = False


class Category(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a thing is, and what it may cost here; a band or tax left open falls back to the sale's own.

    It counts against each of its `quota_groups`, and a consignor may list `items_maximum` of it. No `lot`: no lots.
    """

    code: Code
    name: Name
    price_minimum_minor: AmountMinor | None = None
    price_maximum_minor: AmountMinor | None = None
    quota_groups: Annotated[tuple[Code, ...], Meta(max_length=10)] = ()
    items_maximum: Annotated[int, Meta(ge=1, le=999)] | None = None
    lot: LotRule | None = None
    tax: TaxRule | None = None


class SaleSettings(Struct, frozen=True):
    """The rules consignors and cashiers are held to. `quotas` say how many items of a group a list may have.

    Consignors enter items by themselves until the end of the phase `consignor_entry_until`; their wishes for an item
    (reduce, donate) they change until it is checked in or sold, by `wishes_until`. Staff is not bound by either.
    `discount_limits_ppm` says how much a role may take off by hand, of a line and of a basket in all; an organizer all
    of it, whoever is not named nothing. Discounted prices go in steps of `discount_step_minor`.
    `presale_groups` shop before the sale is live, each in its time.
    Stored whole, defaults too: a default that changes later must not change the sales of the past.
    """

    commission: CommissionSchedule
    categories: Annotated[tuple[Category, ...], Meta(max_length=500)] = ()
    price_step_minor: PositiveMinor = 1
    price_minimum_minor: AmountMinor = 0
    price_maximum_minor: AmountMinor | None = None
    refused: Annotated[tuple[Name, ...], Meta(max_length=500)] = ()
    quotas: Annotated[dict[Code, int], Meta(max_length=500)] = {}
    items_per_list: Annotated[int, Meta(ge=1, le=999)] | None = None
    items_per_consignor: Annotated[int, Meta(ge=1, le=999)] | None = None
    lists_per_consignor: Annotated[int, Meta(ge=1, le=999)] | None = None
    consignor_entry_until: Literal["registration", "drop_off", "live"] = "live"
    wishes_until: Literal["checked_in", "sold"] = "checked_in"
    fee_minor: AmountMinor = 0
    fee_covers_lists: Annotated[int, Meta(ge=0, le=999)] = 1
    extra_list_fee_minor: AmountMinor = 0
    participation: ParticipationRules = ParticipationRules()
    shifts: ShiftRules = ShiftRules()
    cash_rounding_minor: Annotated[int, Meta(ge=1, le=100_000)] = 1
    tax: TaxRule = NO_TAX
    surcharge: Surcharge = NO_SURCHARGE
    discount_windows: Annotated[tuple[DiscountWindow, ...], Meta(max_length=50)] = ()
    discount_step_minor: Annotated[int, Meta(ge=1, le=100_000)] = 1
    discount_limits_ppm: Annotated[dict[Role, Ppm], Meta(max_length=10)] = {}
    hold_duration_s: Annotated[int, Meta(ge=10, le=86_400)] = 900
    unsold_policy: UnsoldPolicy = "collect"
    floor: FloorRules = FloorRules()
    papers: PaperSettings = PaperSettings()
    settlement: SettlementPolicy = SettlementPolicy()
    till: TillRules = NO_RULES
    terms_version: Text = ""
    place: Text = ""
    begins_on: date | None = None
    ends_on: date | None = None
    presale_groups: PresaleGroups = ()

    def tax_on(self, category: str) -> TaxRule:
        """Return the tax on what is sold of a category: the category's own, else the sale's."""
        for each in self.categories:
            if each.code == category:
                return each.tax or self.tax
        return self.tax

    def discount_limit_ppm(self, role: Role) -> int:
        """Return how much of a price this role may take off by hand."""
        return PARTS_PER_MILLION if role == "organizer" else self.discount_limits_ppm.get(role, 0)


class PlanSale(Struct, frozen=True, tag="plan-sale"):
    """`number` is part of every tag of the sale; without one the next free number is taken."""

    organization: GivenSlug
    sale: GivenSaleId
    name: Name
    settings: SaleSettings
    number: SaleNumber | None = None
    time_zone: Name | None = None


class ChangeSaleSettings(Struct, frozen=True, tag="change-sale-settings"):
    sale: GivenSaleId
    settings: SaleSettings


class ChangeSalePhase(Struct, frozen=True, gc=False, tag="change-sale-phase"):
    """One step on, one step back while nothing contradicts it, or `cancelled`."""

    sale: GivenSaleId
    phase: Phase
    reason: Text = ""


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class SalePlanned(Struct, frozen=True, tag="sale-planned"):
    sale: SaleId
    organization: OrganizationSlug
    number: int
    name: str
    currency: str
    time_zone: str
    settings: SaleSettings


class SaleSettingsChanged(Struct, frozen=True, tag="sale-settings-changed"):
    sale: SaleId
    settings: SaleSettings


class SalePhaseChanged(Struct, frozen=True, gc=False, tag="sale-phase-changed"):
    """`participations`, by their numbers, are those that a cancelled sale owes their fees to; else empty."""

    sale: SaleId
    phase: Phase
    previous: Phase
    reason: str = ""
    participations: tuple[ParticipationId, ...] = ()


class SaleAnswer(Struct, frozen=True, gc=False):
    sale: SaleId
    number: int
    phase: Phase


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Planned(Struct, frozen=True, tag="planned"):
    sale: SaleId
    organization: OrganizationSlug
    number: int
    name: str
    currency: str
    time_zone: str
    phase: Phase
    settings: SaleSettings
    consignors: HashTrieMap[int, ParticipationId] = HashTrieMap()
    last_consignor: int = 0
    tills: HashTrieMap[str, Till] = HashTrieMap()
    places: Places = Places()
    roster: Roster = Roster()
    slots: Slots = Slots()
    carried: HashTrieMap[BasketId, CarriedBasket] = HashTrieMap()


type SaleCommand = PlanSale | ChangeSaleSettings | ChangeSalePhase
type SaleEvent = (
    SalePlanned
    | SaleSettingsChanged
    | SalePhaseChanged
    | TillOpened
    | TillClosed
    | TillCounted
    | TillUnsyncedReported
    | BasketCarriedOver
    | CarriedBasketRecalled
)
type Sale = Planned | Unknown
INITIAL: Sale = Unknown()


def evolve(sale: Sale, event: SaleEvent | PlaceEvent | ShiftEvent | SlotEvent) -> Sale:
    """Return the sale after the event."""
    match sale:
        case Unknown():
            return _planned(event) if isinstance(event, SalePlanned) else sale
        case Planned():
            return _changed(sale, event)


def _planned(event: SalePlanned) -> Planned:
    return Planned(
        event.sale,
        event.organization,
        event.number,
        event.name,
        event.currency,
        event.time_zone,
        Phase.DRAFT,
        event.settings,
    )


def _changed(sale: Planned, event: SaleEvent | PlaceEvent | ShiftEvent | SlotEvent) -> Sale:  # noqa: C901 - a case an event
    match event:
        case TillOpened() | TillClosed() | TillCounted() | TillUnsyncedReported():
            return replace(sale, tills=tills.evolve(sale.tills, event))
        case BasketCarriedOver(basket=basket):
            carried = CarriedBasket(event.session, event.lines, event.discount, event.presale_group)
            return replace(sale, carried=sale.carried.insert(basket, carried))
        case CarriedBasketRecalled(basket=basket):
            return replace(sale, carried=sale.carried.remove(basket))
        case ConsignorNumberTaken(participation=participation, number=number):
            return replace(
                sale,
                consignors=sale.consignors.insert(number, participation),
                last_consignor=max(sale.last_consignor, number),
                places=places.evolve(sale.places, event),
            )
        case (
            PlaceFreed()
            | PlaceTakenAgain()
            | WaitingListJoined()
            | WaitingListLeft()
            | PlaceOffered()
            | InvitationOpened()
            | InvitationClosed()
            | TermsAccepted()
            | AllowanceChanged()
        ):
            return replace(sale, places=places.evolve(sale.places, event))
        case ShiftPlanned() | ShiftDropped() | ShiftTaken() | ShiftGivenUp() | WorkRecorded():
            return replace(sale, roster=rosters.evolve(sale.roster, event))
        case SlotPlanned() | SlotDropped() | SlotChosen() | SlotGivenUp() | ArrivalRecorded():
            return replace(sale, slots=slots.evolve(sale.slots, event))
        case SalePhaseChanged(phase=phase):
            return replace(sale, phase=phase)
        case SaleSettingsChanged(settings=settings):
            return replace(sale, settings=settings)
        case SalePlanned():
            return sale
