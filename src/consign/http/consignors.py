"""People with an account, apart from any sale: who they are, said once, where they take part, and forgetting them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.account import AccountAnswer, ChangeAccountProfile, ForgetConsignor, ForgetPerson
from consign.domain.values import AccountId, ParticipationId
from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.forgetting import Forgetting
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.persons import NAMES_FOR, PROFILE_EXAMPLE, Persons, Profile, subject_of
from consign.http.ports import CommandGateway
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.http.registering import ChangeProfileBody
from consign.http.resources import PAGING, page_content, selection, sort_parameter
from consign.http.submit import REPLAYED, answered, canonical, issue, request_hash, submitted
from consign.projections.consignors import CONSIGNORS, ConsignorAccountRow
from consign.projections.memberships import MEMBERSHIPS
from consign.projections.participations import PARTICIPATIONS, ParticipationRow

_SORTS = ("known_at",)
PARTICIPATIONS_MAX = 2_000


class Consignor(Struct, frozen=True):
    """`profile` is there for roles that need names, and for its owner; null once the person is forgotten."""

    account: str
    profile: Profile | None
    participations: int
    known_at: datetime
    forgotten_at: datetime | None


class ConsignorPage(Struct, frozen=True):
    position: int
    items: list[Consignor]
    next_cursor: str | None


class Forgotten(Struct, frozen=True):
    position: int
    account: str | None = None
    participation: str | None = None


class Consignors:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading, persons: Persons, forgetting: Forgetting) -> None:
        self._gateway = gateway
        self._reading = reading
        self._persons = persons
        self._forgetting = forgetting

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, {}, _SORTS)
        await self._reading.begin(request, CONSIGNORS)
        page = await self._reading.models.select(exchange.organization, CONSIGNORS, "consignors", wanted)
        return unkept(page.at, page_content(page, await self._shown(exchange, page.rows)))

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        account = checked(request.path_params)["account"]
        require_own(exchange, account, "unknown_account", "account", account)
        await self._reading.begin(request, CONSIGNORS)
        found = await self._reading.models.get(exchange.organization, CONSIGNORS, "consignors", (account,))
        if found.row is None:
            raise missing("unknown_account", "account", account)
        return unkept(found.at, (await self._shown(exchange, [found.row]))[0])

    async def change_profile(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Say who somebody is, in all sales at once."""
        exchange = exchange_of(request.scope)
        account = AccountId(checked(request.path_params)["account"])
        require_own(exchange, account, "unknown_account", "account", account)
        body: ChangeProfileBody = decode(exchange, await request.body(), ChangeProfileBody)
        digest = self._persons.digest(canonical("change-account-profile", (account, body)))
        sealed = await self._persons.sealed(exchange, subject_of("", account), body.profile)
        command = ChangeAccountProfile(account, sealed)
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def forget(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Forget a person by the account."""
        exchange = exchange_of(request.scope)
        account = AccountId(checked(request.path_params)["account"])
        require_own(exchange, account, "unknown_account", "account", account)
        exchange.command_id()
        models, organization = self._reading.models, exchange.organization
        found = await models.get(organization, CONSIGNORS, "consignors", (account,))
        if found.row is None and (await models.get(organization, MEMBERSHIPS, "memberships", (account,))).row is None:
            raise missing("unknown_account", "account", account)
        return await self._forget_account(exchange, account, request_hash("forget-person", account))

    async def forget_consignor(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Forget the person behind a participation, and so wherever else they took part."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        exchange.command_id()
        found = await self._reading.models.get(
            exchange.organization, PARTICIPATIONS, "participations", (participation,)
        )
        row: ParticipationRow | None = found.row
        if row is None:
            raise missing("unknown_participation", "participation", participation)
        digest = request_hash("forget-consignor", participation)
        if row.account is not None:
            return await self._forget_account(exchange, AccountId(row.account), digest)
        # The key goes first: a person of whom history says that they are forgotten must be.
        await self._forgetting.forget(exchange.organization, None, (participation,))
        accepted = await submitted(self._gateway, issue(exchange, ForgetConsignor(participation), digest))
        return _forgotten(Forgotten(accepted.position, participation=participation), repeated=accepted.repeated)

    async def _forget_account(self, exchange: Exchange, account: AccountId, digest: bytes) -> Response[bytes]:
        taken = await self._reading.models.collect(
            exchange.organization, PARTICIPATIONS, {"participations": {"account": account}}, PARTICIPATIONS_MAX
        )
        participations = [ParticipationId(row.participation) for row in taken.rows["participations"]]
        await self._forgetting.forget(exchange.organization, account, participations)
        accepted = await submitted(self._gateway, issue(exchange, ForgetPerson(account), digest))
        return _forgotten(Forgotten(accepted.position, account=account), repeated=accepted.repeated)

    async def _shown(self, exchange: Exchange, rows: Sequence[ConsignorAccountRow]) -> Sequence[Consignor]:
        own = exchange.acting().account_id
        seen = [row.profile if exchange.role in NAMES_FOR or row.account == own else None for row in rows]
        profiles = await self._persons.opened(exchange.organization, seen)
        return [
            Consignor(row.account, profile, row.participations, row.known_at, row.forgotten_at)
            for row, profile in zip(rows, profiles, strict=True)
        ]


def _forgotten(answer: Forgotten, *, repeated: bool) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), media_type=JSON, headers=REPLAYED if repeated else None)


def consignor_handlers(
    gateway: CommandGateway, reading: Reading, persons: Persons, forgetting: Forgetting
) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    consignors = Consignors(gateway, reading, persons, forgetting)
    many = Endpoint(
        rule="list-consignors",
        summary="People with an account who took part, were invited or said who they are.",
        tag="consignors",
        answer=ConsignorPage,
        parameters=(*sort_parameter(_SORTS), *PAGING),
        reads=True,
    )
    one = Endpoint(
        rule="get-consignor",
        summary="A person with an account; consignors see themselves.",
        tag="consignors",
        answer=Consignor,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    change = Endpoint(
        rule="change-account-profile",
        summary="Say name and contact of a person once, for all sales they take part in.",
        tag="consignors",
        body=ChangeProfileBody,
        answer=AccountAnswer,
        example={"profile": PROFILE_EXAMPLE},
        is_command=True,
    )
    forget = Endpoint(
        rule="forget-person",
        summary="Forget a person: name and contact become unreadable everywhere and for good.",
        tag="consignors",
        answer=Forgotten,
        is_command=True,
    )
    forget_one = Endpoint(
        rule="forget-consignor",
        summary="Forget the person behind a participation, in all sales where they have an account.",
        tag="participations",
        answer=Forgotten,
        is_command=True,
    )
    path = f"{ORGANIZATION_PATH}/consignors"
    of_one = f"{path}/{{account:str}}"
    of_participation = f"{ORGANIZATION_PATH}/participations/{{participation:str}}"
    return [
        get(path, name=many.rule, opt=many.opt())(consignors.list),
        get(of_one, name=one.rule, opt=one.opt())(consignors.get),
        post(f"{of_one}/change-profile", name=change.rule, status_code=200, opt=change.opt())(
            consignors.change_profile
        ),
        post(f"{of_one}/forget", name=forget.rule, status_code=200, opt=forget.opt())(consignors.forget),
        post(f"{of_participation}/forget", name=forget_one.rule, status_code=200, opt=forget_one.opt())(
            consignors.forget_consignor
        ),
    ]
