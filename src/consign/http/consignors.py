"""Consignors: who takes part in a sale. Names and contacts are sealed here, before anything else sees them.

A sealed body differs each time it is sealed, so a repeated request is recognised by a keyed hash of what it said.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.commission import CommissionRule
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ConsignorAnswer,
    ConsignorRow,
    ConsignorRowDone,
    ConsignorsAnswer,
    RegisterConsignor,
    RegisterConsignors,
)
from consign.domain.values import (
    AmountMinor,
    Code,
    ConsignorNumber,
    Currency,
    Done,
    GivenAccountId,
    GivenParticipationId,
    GivenSaleId,
    Name,
    ParticipationId,
    RowError,
    SaleId,
    Sealed,
    Text,
)
from consign.http import examples
from consign.http.bodies import CSV, JSON, decode, media_type
from consign.http.currencies import Currencies, currency_given
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.import_digest import csv_digest, json_digest
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway, Vault
from consign.http.problems import Refusal
from consign.http.submit import REPLAYED, answered, canonical, derived_id, issue, submitted
from consign.http.tables import (
    ROWS_MAX,
    CellInvalid,
    Cells,
    GoodRow,
    Rows,
    amount,
    csv_rows,
    json_rows,
    limited,
    placed,
    whole,
)


class Profile(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who somebody is. Sealed under the person's own key; gone when the person is forgotten."""

    name: Name
    email: Text = ""
    phone: Text = ""
    address: Text = ""


class RegisterConsignorBody(Struct, frozen=True, forbid_unknown_fields=True):
    sale: GivenSaleId
    profile: Profile | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None


class ChangeProfileBody(Struct, frozen=True, forbid_unknown_fields=True):
    profile: Profile


class ConsignorRowBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Without `participation` an id is made; without `number` the next free one is given."""

    profile: Profile | None = None
    row: Annotated[int, Meta(ge=0, le=10**9)] | None = None
    participation: GivenParticipationId | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None


class ImportConsignorsBody(Struct, frozen=True, forbid_unknown_fields=True):
    rows: Annotated[tuple[ConsignorRowBody, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    terms_version: Text = ""


class ConsignorsImported(Struct, frozen=True):
    position: int
    registered: tuple[ConsignorRowDone, ...]
    errors: tuple[RowError, ...]


class _Given(Struct, frozen=True, forbid_unknown_fields=True):
    rows: Annotated[list[msgspec.Raw], Meta(min_length=1)]
    terms_version: Text = ""


_PROFILE_EXAMPLE = {"name": "Ada Example", "email": "ada@example.org"}


class ConsignorCommands:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, vault: Vault, currencies: Currencies) -> None:
        self._gateway = gateway
        self._vault = vault
        self._currencies = currencies

    async def register(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Register one consignor."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: RegisterConsignorBody = decode(exchange, await request.body(), RegisterConsignorBody)
        digest = self._vault.digest(canonical("register-consignor", (participation, body)))
        command = RegisterConsignor(
            body.sale,
            participation,
            await self._sealed(exchange, participation, body.profile),
            body.number,
            body.tier,
            body.own_rule,
            body.fee_minor,
            body.terms_version,
            body.account,
        )
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def change_profile(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Replace who a consignor is."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: ChangeProfileBody = decode(exchange, await request.body(), ChangeProfileBody)
        digest = self._vault.digest(canonical("change-consignor-profile", (participation, body)))
        sealed = await self._sealed(exchange, participation, body.profile)
        assert sealed is not None
        return answered(
            await submitted(self._gateway, issue(exchange, ChangeConsignorProfile(participation, sealed), digest))
        )

    async def import_rows(self, request: Request[Any, Any, Any]) -> Response[ConsignorsImported]:
        """Register many consignors."""
        exchange = exchange_of(request.scope)
        sale = checked(request.path_params)["sale"]
        rows, terms_version, digest = await self._read(request, exchange, sale)
        command_id = exchange.command_id()
        registered: list[ConsignorRowDone] = []
        errors = list(rows.errors)
        position, repeated = 0, True
        for number, chunk in enumerate(rows.chunks()):
            command = RegisterConsignors(SaleId(sale), await self._consignors(exchange, chunk), terms_version)
            issued = issue(exchange, command, digest, command_id=derived_id(command_id, f"chunk {number}"))
            accepted = await submitted(self._gateway, issued)
            answer = msgspec.json.decode(accepted.answer, type=ConsignorsAnswer)
            position, repeated = accepted.position, repeated and accepted.repeated
            registered.extend(answer.registered)
            errors.extend(placed(answer.errors, chunk))
        return Response(
            ConsignorsImported(position, tuple(registered), limited(errors)), headers=REPLAYED if repeated else None
        )

    async def _read(
        self, request: Request[Any, Any, Any], exchange: Exchange, sale: str
    ) -> tuple[Rows[ConsignorRowBody], str, bytes]:
        body = await request.body()
        if media_type(exchange) == CSV:
            currency = ""
            if b"fee" in body.partition(b"\n")[0].lower():
                currency = await currency_given(request, exchange, sale, self._currencies)
            rows = await csv_rows(body, ("name",), lambda cells, line: _from_cells(cells, line, currency))
            digest = await csv_digest("import-consignors", (sale, currency), body)
            return rows, "", self._vault.digest(digest)
        if media_type(exchange) != JSON:
            raise Refusal("unsupported_media_type", f"Send the rows as {JSON} or {CSV}.")
        given: _Given = decode(exchange, body, _Given)
        rows = await json_rows(given.rows, ConsignorRowBody)
        digest = await json_digest("import-consignors", (sale, given.terms_version), given.rows)
        return rows, given.terms_version, self._vault.digest(digest)

    async def _consignors(
        self, exchange: Exchange, chunk: Sequence[GoodRow[ConsignorRowBody]]
    ) -> tuple[ConsignorRow, ...]:
        participations = [
            good.value.participation
            or ParticipationId(str(derived_id(exchange.command_id(), f"participation {good.index}")))
            for good in chunk
        ]
        plain: dict[str, bytes] = {
            participation: msgspec.json.encode(good.value.profile)
            for participation, good in zip(participations, chunk, strict=True)
            if good.value.profile is not None
        }
        sealed = await self._seal(exchange, plain)
        return tuple(
            ConsignorRow(
                good.row,
                participation,
                sealed.get(participation),
                good.value.number,
                good.value.tier,
                good.value.own_rule,
                good.value.fee_minor,
            )
            for participation, good in zip(participations, chunk, strict=True)
        )

    async def _sealed(self, exchange: Exchange, participation: str, profile: Profile | None) -> Sealed | None:
        if profile is None:
            return None
        return (await self._seal(exchange, {participation: msgspec.json.encode(profile)}))[participation]

    async def _seal(self, exchange: Exchange, plain: dict[str, bytes]) -> dict[str, Sealed]:
        if not plain:
            return {}
        sealed: dict[str, Sealed] = {}
        for subject, ciphertext in (await self._vault.seal(exchange.organization, plain)).items():
            if ciphertext is None:
                raise Refusal("person_forgotten", f"The person of participation {subject} was forgotten.")
            sealed[subject] = Sealed(subject, ciphertext)
        return sealed


def consignor_handlers(gateway: CommandGateway, vault: Vault, currencies: Currencies) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    commands = ConsignorCommands(gateway, vault, currencies)
    register = Endpoint(
        rule="register-consignor",
        summary="Register a consignor for a sale. The client makes the participation's id; the profile is sealed.",
        tag="participations",
        body=RegisterConsignorBody,
        answer=ConsignorAnswer,
        example={"sale": examples.SALE, "profile": _PROFILE_EXAMPLE, "number": 17},
        is_command=True,
    )
    change = Endpoint(
        rule="change-consignor-profile",
        summary="Replace name and contact of a consignor.",
        tag="participations",
        body=ChangeProfileBody,
        answer=Done,
        example={"profile": _PROFILE_EXAMPLE},
        is_command=True,
    )
    many = Endpoint(
        rule="import-consignors",
        summary="Register consignors in bulk: every wrong row is named, the good ones are kept.",
        tag="participations",
        body=ImportConsignorsBody,
        answer=ConsignorsImported,
        example={"rows": [{"number": 17, "profile": _PROFILE_EXAMPLE}]},
        parameters=(Parameter("currency", Currency, "Of the fees in a CSV; without it the sale's.", example="EUR"),),
        text_bodies={CSV: "name,number,email,phone,tier,fee\nAda Example,17,ada@example.org,,,3.00\n"},
        is_command=True,
    )
    of_one = f"{ORGANIZATION_PATH}/participations/{{participation:str}}"
    return [
        post(f"{of_one}/register", name=register.rule, status_code=200, opt=register.opt())(commands.register),
        post(f"{of_one}/change-profile", name=change.rule, status_code=200, opt=change.opt())(commands.change_profile),
        post(
            f"{ORGANIZATION_PATH}/sales/{{sale:str}}/import-consignors",
            name=many.rule,
            status_code=200,
            opt=many.opt(),
        )(commands.import_rows),
    ]


def _from_cells(cells: Cells, line: int, currency: str) -> ConsignorRowBody:
    profile = {column: cells[column].strip() for column in Profile.__struct_fields__ if column in cells}
    row: dict[str, Any] = {"row": line, "profile": profile, "number": whole(cells, "number")}
    if cells.get("tier", "").strip():
        row["tier"] = cells["tier"].strip()
    if currency:
        row["fee_minor"] = amount(cells, "fee", currency)
    try:
        return msgspec.convert(row, ConsignorRowBody)
    except msgspec.ValidationError as invalid:
        what, _, place = str(invalid).partition(" - at `$.")
        raise CellInvalid(f"{place.rstrip('`').rpartition('.')[2] or 'name'}: {what}") from invalid
