"""Registering consignors in bulk, from JSON or CSV. The same rows said again, in another request too, change nothing.

A sealed body differs each time it is sealed, so a repeated request is recognised by a keyed hash of what it said.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.commands import (
    ConsignorRow,
    ConsignorRowDone,
    ConsignorsAnswer,
    ReferralCode,
    RegisterConsignors,
)
from consign.domain.values import (
    AmountMinor,
    Code,
    ConsignorNumber,
    Currency,
    GivenAccountId,
    GivenParticipationId,
    ParticipationId,
    RowError,
    RowNumber,
    SaleId,
    Sealed,
    Text,
)
from consign.http.bodies import CSV, JSON, decode, media_type
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.import_digest import csv_digest, json_digest
from consign.http.path_ids import checked
from consign.http.persons import FORGOTTEN, PROFILE_EXAMPLE, Persons, Profile, subject_of
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.sale_facts import Sales, currency_given
from consign.http.submit import REPLAYED, canonical, derived_id, issue, submitted
from consign.http.tables import (
    ROWS_MAX,
    Cells,
    GoodRow,
    Rows,
    amount,
    csv_rows,
    json_rows,
    limited,
    placed,
    row_of,
    whole,
)

_RULE = "import-consignors"
_PEOPLE = UUID("01935f00-0000-7000-8000-0000000c0195")


class ConsignorRowBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Without `number` the next free one is given.

    Without `participation` an id is made of what tells the consignor from others: the account, else the e-mail
    address, else name, phone and number. The same row has the same id in every import of a sale.
    """

    profile: Profile | None = None
    row: RowNumber | None = None
    participation: GivenParticipationId | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None
    referral_code: ReferralCode = ""


class ImportConsignorsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`terms_version` is what all rows accepted that say nothing else."""

    rows: Annotated[tuple[ConsignorRowBody, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    terms_version: Text = ""


class ConsignorsImported(Struct, frozen=True):
    position: int
    registered: tuple[ConsignorRowDone, ...]
    errors: tuple[RowError, ...]


class _Given(Struct, frozen=True, forbid_unknown_fields=True):
    rows: Annotated[list[msgspec.Raw], Meta(min_length=1)]
    terms_version: Text = ""


class ConsignorsImport:
    """The handler, and what it needs."""

    def __init__(self, gateway: CommandGateway, persons: Persons, sales: Sales) -> None:
        self._gateway = gateway
        self._persons = persons
        self._sales = sales

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
            kept, sealed = await self._sealed(exchange, sale, chunk, errors)
            if not kept:
                continue
            consignors = tuple(_row(good, sealed) for good in kept)
            command = RegisterConsignors(SaleId(sale), consignors, terms_version)
            issued = issue(exchange, command, digest, command_id=derived_id(command_id, f"chunk {number}"))
            accepted = await submitted(self._gateway, issued)
            answer = msgspec.json.decode(accepted.answer, type=ConsignorsAnswer)
            position, repeated = accepted.position, repeated and accepted.repeated
            registered.extend(answer.registered)
            errors.extend(placed(answer.errors, kept))
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
                currency = await currency_given(request, exchange, sale, self._sales)
            rows = await csv_rows(body, ("name",), lambda cells, line: _from_cells(cells, line, currency))
            digest = await csv_digest(_RULE, (sale, currency), body)
            return rows, "", self._persons.digest(digest)
        if media_type(exchange) != JSON:
            raise Refusal("unsupported_media_type", f"Send the rows as {JSON} or {CSV}.")
        given: _Given = decode(exchange, body, _Given)
        rows = await json_rows(given.rows, ConsignorRowBody)
        digest = await json_digest(_RULE, (sale, given.terms_version), given.rows)
        return rows, given.terms_version, self._persons.digest(digest)

    async def _sealed(
        self, exchange: Exchange, sale: str, chunk: Sequence[GoodRow[ConsignorRowBody]], errors: list[RowError]
    ) -> tuple[Sequence[GoodRow[ConsignorRowBody]], Mapping[str, Sealed | None]]:
        """Return the rows with their ids, less those of people who were forgotten, and the profiles sealed."""
        named = [GoodRow(good.row, good.index, self._named(exchange, sale, good.value)) for good in chunk]
        profiles: dict[str, Profile] = {}
        for good in named:
            if good.value.profile is not None:
                # Of two rows that say one person the second is refused, and must not be who the first one is.
                profiles.setdefault(_subject(good.value), good.value.profile)
        sealed = await self._persons.all_sealed(exchange, profiles)
        kept = []
        for good in named:
            if good.value.profile is not None and sealed[_subject(good.value)] is None:
                errors.append(RowError(good.row, f"/rows/{good.index}/profile", "person_forgotten", FORGOTTEN))
            else:
                kept.append(good)
        return kept, sealed

    def _named(self, exchange: Exchange, sale: str, row: ConsignorRowBody) -> ConsignorRowBody:
        return row if row.participation is not None else replace(row, participation=self._made_id(exchange, sale, row))

    def _made_id(self, exchange: Exchange, sale: str, row: ConsignorRowBody) -> ParticipationId:
        """Return an id that tells nothing of whom it was made of, for whoever does not hold this installation's key."""
        profile = row.profile or Profile(" ")
        if row.account is not None:
            who: tuple[Any, ...] = ("account", row.account)
        elif profile.email.strip():
            who = ("email", profile.email.strip().casefold())
        else:
            who = ("name", profile.name.strip().casefold(), profile.phone.strip(), row.number)
        made = self._persons.digest(canonical("participation", (exchange.organization, sale, who)))
        return ParticipationId(str(uuid5(_PEOPLE, made.hex())))


def consignors_import_handlers(gateway: CommandGateway, persons: Persons, sales: Sales) -> list[HTTPRouteHandler]:
    """Make the handler."""
    many = Endpoint(
        rule=_RULE,
        summary="Register consignors in bulk: every wrong row is named, the good ones are kept.",
        tag="participations",
        body=ImportConsignorsBody,
        answer=ConsignorsImported,
        example={"rows": [{"number": 17, "profile": PROFILE_EXAMPLE}]},
        parameters=(Parameter("currency", Currency, "Of the fees in a CSV; without it the sale's.", example="EUR"),),
        text_bodies={
            CSV: "name,number,email,phone,address,tier,fee,account,terms_version,referral_code\n"
            "Ada Example,17,ada@example.org,,,,3.00,,2026-09,\n"
        },
        is_command=True,
    )
    imports = ConsignorsImport(gateway, persons, sales)
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/{_RULE}"
    return [post(path, name=_RULE, status_code=200, opt=many.opt())(imports.import_rows)]


def _subject(row: ConsignorRowBody) -> str:
    return subject_of(row.participation or "", row.account)


def _row(good: GoodRow[ConsignorRowBody], sealed: Mapping[str, Sealed | None]) -> ConsignorRow:
    row = good.value
    assert row.participation is not None, "every row was given an id"
    return ConsignorRow(
        good.row,
        row.participation,
        None if row.profile is None else sealed[_subject(row)],
        row.number,
        row.tier,
        row.own_rule,
        row.fee_minor,
        row.terms_version,
        row.account,
        row.referral_code,
    )


def _from_cells(cells: Cells, line: int, currency: str) -> ConsignorRowBody:
    profile = {column: cells[column].strip() for column in Profile.__struct_fields__ if column in cells}
    row: dict[str, Any] = {"row": line, "profile": profile, "number": whole(cells, "number")}
    for column in ("tier", "account", "terms_version", "referral_code", "participation"):
        if cells.get(column, "").strip():
            row[column] = cells[column].strip()
    if currency:
        row["fee_minor"] = amount(cells, "fee", currency)
    return row_of(ConsignorRowBody, row)
