"""What the desk sees of one consignor at a glance: what they brought, what was refused, what they owe, when they come.

Answers hold a name: they are never cached. Each read model that is asked is of its own moment; the answer says the
earliest.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.actors.queries import QueryRefused, ReadAt
from consign.domain.floor_rules import is_given_away, is_pick_up_over
from consign.domain.sale import Phase
from consign.domain.values import ConsignorNumber
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.path_ids import checked
from consign.http.persons import NAMES_FOR, Persons, Profile
from consign.http.problems import Refusal
from consign.http.reading import (
    AFTER_POSITION,
    Reading,
    invalid_parameter,
    known_parameters,
    missing,
    parameter,
    unkept,
)
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS
from consign.projections.participations import PARTICIPATIONS, ParticipationRow
from consign.projections.projection import Projection
from consign.projections.sales import SALES, SaleRow
from consign.projections.slots import SLOTS, BookingRow

ITEMS_MAX = 5_000
"""A consignor lists at most 999 things; each may have had void tags before."""

CONSIGNOR = Parameter("consignor", ConsignorNumber, "The consignor's number.", required=True, example=17)
_GONE = ("withdrawn", "voided")
_NOT_HERE = ("listed", "not_brought")
_IN_THE_HOUSE = ("on_floor", "refused", "returned", "missing")


class RefusedItem(Struct, frozen=True):
    tag: str
    description: str
    reason: str


class OpenItem(Struct, frozen=True):
    tag: str
    description: str


class DeskSummary(Struct, frozen=True):
    """`listed` are all things with a tag, withdrawn ones apart: `checked_in`, `refused` or `not_brought`.

    Of what was checked in, `to_fetch` is in the house and goes home, `to_give_away` is on the floor and does not, by
    wish or policy. `fee_owed_minor` is not paid of the fee, `late_fee_minor` not of that for being late:
    it comes off the proceeds, as `lists_minor` does.
    `terms_accepted`: the sale's present terms, where it has any.
    """

    position: int
    sale: str
    currency: str
    participation: str
    number: int
    status: str
    profile: Profile | None
    terms_accepted: bool
    fee_status: str
    fee_owed_minor: int
    late_fee_minor: int
    lists_minor: int
    listed: int
    checked_in: int
    sold: int
    refused: Sequence[RefusedItem]
    not_brought: Sequence[OpenItem]
    to_fetch: Sequence[OpenItem]
    to_give_away: Sequence[OpenItem]
    slots: Sequence[BookingRow]


class Desk:
    """The handler, and what it needs."""

    def __init__(self, reading: Reading, persons: Persons) -> None:
        self._reading = reading
        self._persons = persons

    async def summary(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what there is to know of a consignor."""
        known_parameters(request, frozenset((CONSIGNOR.name, AFTER_POSITION.name)))
        told, at = await self.told(request)
        return unkept(at, told)

    async def told(self, request: Request[Any, Any, Any]) -> tuple[DeskSummary, ReadAt]:
        """Return what is asked for, and of which moment it is; raises Refusal."""
        exchange = exchange_of(request.scope)
        sale_id = checked(request.path_params)["sale"]
        number: int | None = parameter(request, CONSIGNOR.name, ConsignorNumber)
        if number is None:
            raise invalid_parameter(CONSIGNOR.name, "must be there")
        sales, sales_at = await self._rows(request, SALES, "sales", {"sale": sale_id})
        if not sales:
            raise missing("unknown_sale", "sale", sale_id)
        of_one = {"sale": sale_id, "number": number}
        people, people_at = await self._rows(request, PARTICIPATIONS, "participations", of_one)
        if not people:
            raise missing("unknown_consignor", "consignor", str(number))
        items, items_at = await self._rows(request, ITEMS, "items", {"sale": sale_id, "consignor": number})
        slots, slots_at = await self._rows(request, SLOTS, "bookings", of_one)
        at = min(sales_at, people_at, items_at, slots_at, key=lambda each: each.position)
        row: ParticipationRow = people[0]
        seen = row.profile if exchange.role in NAMES_FOR else None
        (profile,) = await self._persons.opened(exchange.organization, [seen])
        return _summary(at.position, sales[0], row, profile, items, slots, datetime.now(UTC)), at

    async def _rows(
        self, request: Request[Any, Any, Any], projection: Projection, table: str, where: dict[str, Any]
    ) -> Any:
        await self._reading.caught_up(request, projection)
        organization = exchange_of(request.scope).organization
        try:
            found = await self._reading.models.collect(organization, projection, {table: where}, ITEMS_MAX)
        except QueryRefused as refused:
            raise Refusal("limit_exceeded", f"The consignor has more than {ITEMS_MAX} tags.") from refused
        return found.rows[table], found.at


def _summary(
    position: int,
    sale: SaleRow,
    person: ParticipationRow,
    profile: Profile | None,
    items: Sequence[ItemRow],
    slots: Sequence[BookingRow],
    now: datetime,
) -> DeskSummary:
    listed = sorted((row for row in items if row.status not in _GONE), key=lambda row: row.tag)
    here = [row for row in listed if row.status in _IN_THE_HOUSE]
    away = {row.tag for row in here if _is_given_away(row, sale, now)}
    return DeskSummary(
        position=position,
        sale=sale.sale,
        currency=sale.currency,
        participation=person.participation,
        number=person.number,
        status=person.status,
        profile=profile,
        terms_accepted=sale.settings.terms_version in ("", person.terms_version),
        fee_status=person.fee_status,
        fee_owed_minor=max(person.fee_charged_minor - person.fee_paid_minor, 0),
        late_fee_minor=max(person.late_charged_minor - person.late_paid_minor, 0),
        lists_minor=person.lists_charged_minor,
        listed=len(listed),
        checked_in=sum(row.checked_in for row in listed),
        sold=sum(row.status == "sold" for row in listed),
        refused=[_refused(row) for row in listed if row.status == "refused"],
        not_brought=[OpenItem(row.tag, row.description) for row in listed if row.status in _NOT_HERE],
        to_fetch=[OpenItem(row.tag, row.description) for row in here if row.tag not in away],
        to_give_away=[OpenItem(row.tag, row.description) for row in here if row.tag in away],
        slots=sorted(slots, key=lambda row: row.begins_at),
    )


def _refused(row: ItemRow) -> RefusedItem:
    return RefusedItem(row.tag, row.description, row.refused_because or "")


def _is_given_away(row: ItemRow, sale: SaleRow, now: datetime) -> bool:
    settings = sale.settings
    at_the_end = is_pick_up_over(settings.floor, now, is_settling=sale.phase == Phase.SETTLEMENT)
    return row.status == "on_floor" and is_given_away(settings.unsold_policy, wished=row.donate, at_the_end=at_the_end)


def desk_handlers(desk: Desk) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="desk-summary",
        summary="A consignor at a glance, by number: brought, refused, to bring and to fetch, owed, terms, slots.",
        tag="participations",
        answer=DeskSummary,
        parameters=(CONSIGNOR, AFTER_POSITION),
        reads=True,
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/desk"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(desk.summary)]
