"""Everything that an organization keeps about a person, in one answer: what the law lets everybody ask for."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, structs

from consign.actors.queries import ReadAt
from consign.domain.values import Sealed
from consign.http.bodies import JSON
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.payout_details import PayoutDetails, opened_details
from consign.http.personal_tables import zipped
from consign.http.persons import NAMES_FOR, Persons, Profile
from consign.http.ports import Vault
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.projections.consignors import CONSIGNORS, ConsignorAccountRow
from consign.projections.items import ITEMS
from consign.projections.memberships import MEMBERSHIPS, MembershipRow
from consign.projections.participations import PARTICIPATIONS, ParticipationRow
from consign.projections.payouts import PAYOUTS, PayoutDetailsRow
from consign.projections.projection import Projection
from consign.projections.sales import SALES
from consign.projections.settlements import SETTLEMENTS
from consign.projections.shifts import SHIFTS
from consign.projections.slots import SLOTS

PARTICIPATIONS_MAX = 50
ZIP = "application/zip"
ROWS_MAX = 2_000
"""Of one kind, in one participation."""

_SALE = Parameter("sale", str, "Only what belongs to this sale.")

_KEPT: Sequence[tuple[Projection, str]] = (
    (ITEMS, "items"),
    (ITEMS, "drafts"),
    (SHIFTS, "work"),
    (SLOTS, "bookings"),
    (SETTLEMENTS, "statements"),
    (SETTLEMENTS, "adjustments"),
    (PAYOUTS, "payouts"),
)


class TakenPart(Struct, frozen=True):
    """One participation. The lists hold rows as the read models of these names have them."""

    participation: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]
    drafts: Sequence[Mapping[str, Any]]
    work: Sequence[Mapping[str, Any]]
    bookings: Sequence[Mapping[str, Any]]
    statements: Sequence[Mapping[str, Any]]
    adjustments: Sequence[Mapping[str, Any]]
    payouts: Sequence[Mapping[str, Any]]
    payout_details: Sequence[PayoutDetails]


class PersonalData(Struct, frozen=True):
    """`position` is where the log stood at least. Nothing sealed is in it: what can still be read is, in the open."""

    position: int
    account: str
    profile: Profile | None
    known_at: datetime
    forgotten_at: datetime | None
    membership: MembershipRow | None
    participations: Sequence[TakenPart]


class PersonalDataOfOne(Struct, frozen=True):
    """The same of one participation, of which there need be no account."""

    position: int
    participation: str
    profile: Profile | None
    participations: Sequence[TakenPart]


class PersonalDataOf:
    """The handler, and what it needs."""

    def __init__(self, reading: Reading, persons: Persons, vault: Vault) -> None:
        self._reading = reading
        self._persons = persons
        self._vault = vault

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return everything."""
        at, told = await self._of_account(request)
        return _attached(unkept(at, told), f"personal-data-{told.account}.json")

    async def get_zip(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return everything as tables."""
        at, told = await self._of_account(request)
        return _attached(await self._tables(request, at, told), f"personal-data-{told.account}.zip")

    async def get_taken_part(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what is kept of one participation."""
        at, told = await self._of_participation(request)
        return _attached(unkept(at, told), f"personal-data-{told.participation}.json")

    async def get_taken_part_zip(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the same as tables."""
        at, told = await self._of_participation(request)
        return _attached(await self._tables(request, at, told), f"personal-data-{told.participation}.zip")

    async def _of_account(self, request: Request[Any, Any, Any]) -> tuple[ReadAt, PersonalData]:
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name, _SALE.name)))
        account = checked(request.path_params)["account"]
        require_own(exchange, account, "unknown_account", "account", account)
        await self._caught_up(request)
        at, known = await self._row(exchange, CONSIGNORS, "consignors", account)
        if not isinstance(known, ConsignorAccountRow):
            raise missing("unknown_account", "account", account)
        _, member = await self._row(exchange, MEMBERSHIPS, "memberships", account)
        rows = await self._participations(exchange, account, request.query_params.get(_SALE.name))
        taken = [await self._taken_part(exchange, row) for row in rows]
        profile = await self._profile(exchange, known.profile, account)
        return at, PersonalData(at.position, account, profile, known.known_at, known.forgotten_at, member, taken)

    async def _of_participation(self, request: Request[Any, Any, Any]) -> tuple[ReadAt, PersonalDataOfOne]:
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        participation = checked(request.path_params)["participation"]
        await self._caught_up(request)
        at, row = await self._row(exchange, PARTICIPATIONS, "participations", participation)
        if not isinstance(row, ParticipationRow):
            raise missing("unknown_participation", "participation", participation)
        require_own(exchange, row.account, "unknown_participation", "participation", participation)
        profile = await self._profile(exchange, row.profile, row.account)
        taken = [await self._taken_part(exchange, row)]
        return at, PersonalDataOfOne(at.position, participation, profile, taken)

    async def _tables(
        self, request: Request[Any, Any, Any], at: ReadAt, told: PersonalData | PersonalDataOfOne
    ) -> Response[bytes]:
        organization = exchange_of(request.scope).organization
        sales = {each.participation["sale"] for each in told.participations}
        rows = [await self._reading.models.get(organization, SALES, "sales", (sale,)) for sale in sales]
        currencies = {found.row.sale: found.row.currency for found in rows if found.row is not None}
        content = await asyncio.to_thread(zipped, msgspec.to_builtins(told), currencies)
        headers = {"X-Consign-Position": str(at.position), "Cache-Control": "no-store"}
        return Response(content, media_type=ZIP, headers=headers)

    async def _caught_up(self, request: Request[Any, Any, Any]) -> None:
        for projection in {projection.name: projection for projection, _ in _KEPT}.values():
            await self._reading.caught_up(request, projection)

    async def _row(self, exchange: Exchange, projection: Projection, table: str, account: str) -> tuple[ReadAt, Any]:
        found = await self._reading.models.get(exchange.organization, projection, table, (account,))
        return found.at, found.row

    async def _profile(self, exchange: Exchange, sealed: Sealed | None, account: str | None) -> Profile | None:
        if exchange.role not in NAMES_FOR and account != exchange.acting().account_id:
            return None
        (profile,) = await self._persons.opened(exchange.organization, [sealed])
        return profile

    async def _participations(self, exchange: Exchange, account: str, sale: str | None) -> Sequence[ParticipationRow]:
        where = {"account": account, **({} if sale is None else {"sale": sale})}
        found = await self._reading.models.collect(
            exchange.organization, PARTICIPATIONS, {"participations": where}, ROWS_MAX
        )
        rows: Sequence[ParticipationRow] = found.rows["participations"]
        if len(rows) > PARTICIPATIONS_MAX:
            raise Refusal("parameter_invalid", f"Ask by sale: there are {len(rows)} participations.")
        return rows

    async def _taken_part(self, exchange: Exchange, row: ParticipationRow) -> TakenPart:
        of_this = {"participation": row.participation}
        kept: dict[str, Any] = {}
        for projection, table in _KEPT:
            wanted = {"sale": row.sale, **of_this} if table == "adjustments" else of_this
            found = await self._reading.models.collect(exchange.organization, projection, {table: wanted}, ROWS_MAX)
            kept[table] = [structs.asdict(each) for each in found.rows[table]]
        details = await self._reading.models.collect(
            exchange.organization, PAYOUTS, {"payout_details": of_this}, ROWS_MAX
        )
        versions: Sequence[PayoutDetailsRow] = details.rows["payout_details"]
        opened = await opened_details(self._vault, exchange.organization, [each.details for each in versions])
        said = structs.asdict(row)
        del said["profile"]
        return TakenPart(said, **kept, payout_details=[each for each in opened if each is not None])


def _attached(response: Response[bytes], name: str) -> Response[bytes]:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def personal_data_handlers(reading: Reading, persons: Persons, vault: Vault) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    personal = PersonalDataOf(reading, persons, vault)
    of_account = f"{ORGANIZATION_PATH}/consignors/{{account:str}}/personal-data"
    of_one = f"{ORGANIZATION_PATH}/participations/{{participation:str}}/personal-data"

    def endpoint(rule: str, summary: str, answer: Any, answer_type: str, *parameters: Parameter) -> Endpoint:
        tag = "consignors" if _SALE in parameters else "participations"
        return Endpoint(
            rule,
            summary,
            tag,
            answer=answer,
            answer_type=answer_type,
            parameters=(*parameters, AFTER_POSITION),
            reads=True,
        )

    everything = endpoint(
        "get-personal-data",
        "Everything that is kept about a person with an account; consignors ask for their own.",
        PersonalData,
        JSON,
        _SALE,
    )
    tables = endpoint("get-personal-data-zip", "The same as a table of each kind, in one ZIP file.", None, ZIP, _SALE)
    one = endpoint(
        "get-personal-data-of",
        "Everything that is kept about whoever takes part, with an account or without one, in this sale.",
        PersonalDataOfOne,
        JSON,
    )
    one_tables = endpoint("get-personal-data-of-zip", "The same as a table of each kind, in one ZIP file.", None, ZIP)
    return [
        get(of_account, name=everything.rule, opt=everything.opt())(personal.get),
        get(f"{of_account}.zip", name=tables.rule, opt=tables.opt())(personal.get_zip),
        get(of_one, name=one.rule, opt=one.opt())(personal.get_taken_part),
        get(f"{of_one}.zip", name=one_tables.rule, opt=one_tables.opt())(personal.get_taken_part_zip),
    ]
