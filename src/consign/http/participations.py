"""Who takes part in sales, as staff and they themselves see it: sealed names are opened for the roles that need them.

Answers with names are never cached: a person who is forgotten disappears at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import asdict, replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.pledge import PledgeOf
from consign.domain.turns.referring import referral_code
from consign.domain.values import ConsignorNumber, ParticipationId
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.ownership import own_account, require_own
from consign.http.path_ids import checked
from consign.http.persons import NAMES_FOR, Persons, Profile
from consign.http.reading import AFTER_POSITION, Reading, answer, known_parameters, missing, unkept
from consign.http.resources import PAGING, FilterText, page_content, selection, sort_parameter
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS
from consign.projections.participations import PARTICIPATIONS, ParticipationRow

_FILTERS = {
    "sale": FilterText,
    "account": FilterText,
    "tier": FilterText,
    "number": ConsignorNumber,
    "status": Literal["registered", "waiting", "offered", "invited", "ended"],
    "fee_status": Literal["none", "due", "paid", "waived", "refunded"],
    "referred_by": FilterText,
}
_SORTS = ("number", "turn", "registered_at")
_ITEM_SORTS = ("listed_position",)


class Participation(Struct, frozen=True):
    """`number` is null for who has no place yet, `turn` (the order of the waiting list) for who never waited.

    `fee_minor` was agreed on, `fee_charged_minor` is owed of it, `fee_paid_minor` was paid by itself.
    `late_…` is the same of the fee for bringing things late.
    `pledge_ppm` of the proceeds, of everything or of flagged things, goes to the sale's charity.
    `profile` is there for roles that need names, and for its owner; null together with `forgotten` once the person is
    forgotten. `referral_code` is the consignor's own to tell others.
    """

    participation: str
    sale: str
    number: int | None
    status: Literal["registered", "waiting", "offered", "invited", "ended"]
    fee_minor: int
    fee_charged_minor: int
    fee_paid_minor: int
    fee_status: Literal["none", "due", "paid", "waived", "refunded"]
    fee_due_at: datetime | None
    fee_means: Literal["cash", "card", "bank", "provider"] | None
    fee_moved_at: datetime | None
    tier: str | None
    own_rule: CommissionRule | None
    terms_version: str
    terms_accepted_at: datetime | None
    account: str | None
    profile: Profile | None
    registered_at: datetime
    referred_by: str | None
    rewards: int
    points_off_ppm: int
    turn: int | None
    until: datetime | None
    ended_because: str | None
    ended_at: datetime | None
    extra_items: int
    extra_lists: int
    extra_by_category: dict[str, int]
    bought_lists: int
    lists_charged_minor: int
    late_charged_minor: int
    late_paid_minor: int
    late_status: Literal["none", "due", "paid", "waived", "refunded"]
    late_means: Literal["cash", "card", "bank", "provider"] | None
    pledge_ppm: int
    pledge_of: PledgeOf
    referral_code: str | None
    forgotten: bool


class ParticipationPage(Struct, frozen=True):
    position: int
    items: list[Participation]
    next_cursor: str | None


class ParticipationItemPage(Struct, frozen=True):
    position: int
    items: list[ItemRow]
    next_cursor: str | None


class Participations:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, persons: Persons) -> None:
        self._reading = reading
        self._persons = persons

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page; of consignors their own."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, _FILTERS, _SORTS)
        own = own_account(exchange)
        if own is not None:
            wanted = replace(wanted, where={**wanted.where, "account": own})
        await self._reading.begin(request, PARTICIPATIONS)
        page = await self._reading.models.select(exchange.organization, PARTICIPATIONS, "participations", wanted)
        return unkept(page.at, page_content(page, await self._shown(exchange, page.rows)))

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        found = await self._found(request, exchange)
        return unkept(found.at, (await self._shown(exchange, [found.row]))[0])

    async def items(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page of a participation's items."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, {}, _ITEM_SORTS)
        await self._found(request, exchange)
        unchanged = await self._reading.begin(request, ITEMS)
        if unchanged is not None:
            return unchanged
        page = await self._reading.models.select(exchange.organization, ITEMS, "items", wanted)
        return answer(ITEMS, page.at, page_content(page, page.rows))

    async def _found(self, request: Request[Any, Any, Any], exchange: Exchange) -> Any:
        participation = checked(request.path_params)["participation"]
        await self._reading.begin(request, PARTICIPATIONS)
        found = await self._reading.models.get(
            exchange.organization, PARTICIPATIONS, "participations", (participation,)
        )
        if found.row is None:
            raise missing("unknown_participation", "participation", participation)
        require_own(exchange, found.row.account, "unknown_participation", "participation", participation)
        return found

    async def _shown(self, exchange: Exchange, rows: Sequence[ParticipationRow]) -> Sequence[Participation]:
        own = exchange.acting().account_id
        seen = [row.profile if exchange.role in NAMES_FOR or row.account == own else None for row in rows]
        profiles = await self._persons.opened(exchange.organization, seen)
        return [
            _participation(row, profile, forgotten=sealed is not None and profile is None)
            for row, sealed, profile in zip(rows, seen, profiles, strict=True)
        ]


def participation_handlers(reading: Reading, persons: Persons) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    participations = Participations(reading, persons)
    path = f"{ORGANIZATION_PATH}/participations"
    many = Endpoint(
        rule="list-participations",
        summary="Who takes part in sales, waits for a place or is invited; names for roles that need them.",
        tag="participations",
        answer=ParticipationPage,
        parameters=(
            *(Parameter(name, kind, f"Only rows of this {name}.") for name, kind in _FILTERS.items()),
            *sort_parameter(_SORTS),
            *PAGING,
        ),
        reads=True,
    )
    one = Endpoint(
        rule="get-participation",
        summary="A consignor of a sale; consignors see themselves.",
        tag="participations",
        answer=Participation,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    items = Endpoint(
        rule="list-participation-items",
        summary="What a consignor listed, and where it is; consignors see their own.",
        tag="participations",
        answer=ParticipationItemPage,
        parameters=(*sort_parameter(_ITEM_SORTS), *PAGING),
        reads=True,
    )
    of_one = f"{path}/{{participation:str}}"
    return [
        get(path, name=many.rule, opt=many.opt())(participations.list),
        get(of_one, name=one.rule, opt=one.opt())(participations.get),
        get(f"{of_one}/items", name=items.rule, opt=items.opt())(participations.items),
    ]


def _participation(row: ParticipationRow, profile: Profile | None, *, forgotten: bool) -> Participation:
    told = asdict(row)
    told.update(
        number=row.number or None,
        turn=row.turn or None,
        profile=profile,
        forgotten=forgotten,
        referral_code=referral_code(row.number, ParticipationId(row.participation)) if row.number else None,
    )
    return Participation(**told)
