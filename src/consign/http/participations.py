"""Consignors of a sale as staff see them: sealed names are opened here, for the roles that need them.

These answers are never cached: a person who is forgotten disappears without any event.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.commission import CommissionRule
from consign.domain.values import ConsignorNumber
from consign.http.consignors import Profile
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.path_ids import checked
from consign.http.ports import Vault
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.http.resources import PAGING, FilterText, page_content, selection, sort_parameter
from consign.projections.participations import PARTICIPATIONS, ParticipationRow

NAMES_FOR = frozenset(("organizer", "volunteer"))
_FILTERS = {"sale": FilterText, "tier": FilterText, "number": ConsignorNumber}
_SORTS = ("number",)


class Participation(Struct, frozen=True):
    """`profile` is there for roles that need names; null together with `forgotten` once the person is forgotten."""

    participation: str
    sale: str
    number: int
    fee_minor: int
    tier: str | None
    own_rule: CommissionRule | None
    terms_version: str
    account: str | None
    registered_at: datetime
    profile: Profile | None
    forgotten: bool


class ParticipationPage(Struct, frozen=True):
    position: int
    items: list[Participation]
    next_cursor: str | None


class Forgotten(Struct, frozen=True):
    """`position` is where the read model stood that knew the participation; forgetting itself is no event."""

    position: int
    participation: str


class Participations:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, vault: Vault) -> None:
        self._reading = reading
        self._vault = vault

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, _FILTERS, _SORTS)
        await self._reading.begin(request, PARTICIPATIONS)
        page = await self._reading.models.select(exchange.organization, PARTICIPATIONS, "participations", wanted)
        return unkept(page.at, page_content(page, await self._opened(exchange, page.rows)))

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        participation = checked(request.path_params)["participation"]
        await self._reading.begin(request, PARTICIPATIONS)
        found = await self._reading.models.get(
            exchange.organization, PARTICIPATIONS, "participations", (participation,)
        )
        if found.row is None:
            raise missing("unknown_participation", "participation", participation)
        return unkept(found.at, (await self._opened(exchange, [found.row]))[0])

    async def forget(self, request: Request[Any, Any, Any]) -> Forgotten:
        """Destroy the key of the person behind a participation; repeating it changes nothing."""
        exchange = exchange_of(request.scope)
        participation = checked(request.path_params)["participation"]
        exchange.command_id()
        found = await self._reading.models.get(
            exchange.organization, PARTICIPATIONS, "participations", (participation,)
        )
        if found.row is None:
            raise missing("unknown_participation", "participation", participation)
        await self._vault.forget(exchange.organization, participation)
        return Forgotten(found.at.position, participation)

    async def _opened(self, exchange: Exchange, rows: Sequence[ParticipationRow]) -> Sequence[Participation]:
        if exchange.role not in NAMES_FOR:
            return [_shown(row, None, forgotten=False) for row in rows]
        sealed = [(row.profile.subject, row.profile.ciphertext) for row in rows if row.profile is not None]
        opened = iter(await self._vault.unseal(exchange.organization, sealed)) if sealed else iter(())
        shown: list[Participation] = []
        for row in rows:
            plain = None if row.profile is None else next(opened)
            profile = None if plain is None else msgspec.json.decode(plain, type=Profile)
            shown.append(_shown(row, profile, forgotten=row.profile is not None and plain is None))
        return shown


def participation_handlers(reading: Reading, vault: Vault) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    participations = Participations(reading, vault)
    path = f"{ORGANIZATION_PATH}/participations"
    many = Endpoint(
        rule="list-participations",
        summary="Consignors of sales; names for roles that need them.",
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
        summary="A consignor of a sale.",
        tag="participations",
        answer=Participation,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    forget = Endpoint(
        rule="forget-consignor",
        summary="Forget the person: name and contact become unreadable everywhere and for good.",
        tag="participations",
        answer=Forgotten,
        is_command=True,
    )
    of_one = f"{path}/{{participation:str}}"
    return [
        get(path, name=many.rule, opt=many.opt())(participations.list),
        get(of_one, name=one.rule, opt=one.opt())(participations.get),
        post(f"{of_one}/forget", name=forget.rule, status_code=200, opt=forget.opt())(participations.forget),
    ]


def _shown(row: ParticipationRow, profile: Profile | None, *, forgotten: bool) -> Participation:
    return Participation(
        row.participation,
        row.sale,
        row.number,
        row.fee_minor,
        row.tier,
        row.own_rule,
        row.terms_version,
        row.account,
        row.registered_at,
        profile,
        forgotten,
    )
