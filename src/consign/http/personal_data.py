"""Everything that an organization keeps about a person, in one answer: what the law lets everybody ask for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, structs

from consign.actors.queries import ReadAt
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.payout_details import PayoutDetails, opened_details
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
from consign.projections.settlements import SETTLEMENTS
from consign.projections.shifts import SHIFTS
from consign.projections.slots import SLOTS

PARTICIPATIONS_MAX = 50
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


class PersonalDataOf:
    """The handler, and what it needs."""

    def __init__(self, reading: Reading, persons: Persons, vault: Vault) -> None:
        self._reading = reading
        self._persons = persons
        self._vault = vault

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return everything."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name, _SALE.name)))
        account = checked(request.path_params)["account"]
        require_own(exchange, account, "unknown_account", "account", account)
        for projection in {projection.name: projection for projection, _ in _KEPT}.values():
            await self._reading.begin(request, projection)
        at, known = await self._row(exchange, CONSIGNORS, "consignors", account)
        if not isinstance(known, ConsignorAccountRow):
            raise missing("unknown_account", "account", account)
        _, member = await self._row(exchange, MEMBERSHIPS, "memberships", account)
        rows = await self._participations(exchange, account, request.query_params.get(_SALE.name))
        taken = [await self._taken_part(exchange, row) for row in rows]
        profile = await self._profile(exchange, known)
        answer = PersonalData(at.position, account, profile, known.known_at, known.forgotten_at, member, taken)
        name = f'attachment; filename="personal-data-{account}.json"'
        response = unkept(at, answer)
        response.headers["Content-Disposition"] = name
        return response

    async def _row(self, exchange: Exchange, projection: Projection, table: str, account: str) -> tuple[ReadAt, Any]:
        found = await self._reading.models.get(exchange.organization, projection, table, (account,))
        return found.at, found.row

    async def _profile(self, exchange: Exchange, known: ConsignorAccountRow) -> Profile | None:
        if exchange.role not in NAMES_FOR and known.account != exchange.acting().account_id:
            return None
        (profile,) = await self._persons.opened(exchange.organization, [known.profile])
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


def personal_data_handlers(reading: Reading, persons: Persons, vault: Vault) -> list[HTTPRouteHandler]:
    """Make the handler."""
    personal = PersonalDataOf(reading, persons, vault)
    everything = Endpoint(
        rule="get-personal-data",
        summary="Everything that is kept about a person with an account; consignors ask for their own.",
        tag="consignors",
        answer=PersonalData,
        parameters=(_SALE, AFTER_POSITION),
        reads=True,
    )
    path = f"{ORGANIZATION_PATH}/consignors/{{account:str}}/personal-data"
    return [get(path, name=everything.rule, opt=everything.opt())(personal.get)]
