"""How consignors want to be paid: checked here, then sealed under the person's key."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.iban import bic_fault, compact, iban_fault
from consign.domain.settlement.commands import ChangePayoutDetails
from consign.domain.values import Done, GivenSaleId, ParticipationId, Sealed
from consign.http import examples
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.persons import FORGOTTEN, subject_of
from consign.http.ports import CommandGateway, Vault
from consign.http.problems import Refusal, error
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.http.submit import answered, canonical, issue, submitted
from consign.projections.participations import PARTICIPATIONS, ParticipationRow
from consign.projections.payouts import PAYOUTS, PayoutDetailsRow

_RULE = "change-payout-details"
_VERSIONS_MAX = 1000

_Typed = Annotated[str, Meta(max_length=50)]
HolderName = Annotated[str, Meta(min_length=1, max_length=70)]


class PayoutDetails(Struct, frozen=True, forbid_unknown_fields=True):
    """`name` is the account holder's, or whom a cheque is made out to. Without an IBAN nothing can be transferred."""

    name: HolderName
    iban: _Typed = ""
    bic: _Typed = ""


class ChangeDetailsBody(Struct, frozen=True, forbid_unknown_fields=True):
    sale: GivenSaleId
    details: PayoutDetails


class KnownDetails(Struct, frozen=True):
    """The newest version; null together with `forgotten` once the person is forgotten."""

    position: int
    participation: str
    version: int
    details: PayoutDetails | None
    forgotten: bool


def checked_details(given: PayoutDetails) -> PayoutDetails:
    """Return the details as banks write them; raises Refusal that points at what is mistyped."""
    iban, bic = compact(given.iban), compact(given.bic)
    for pointer, text, fault in (("iban", iban, iban_fault), ("bic", bic, bic_fault)):
        what = fault(text) if text else None
        if what is not None:
            raise Refusal("body_invalid", f"The {pointer.upper()} {what}.", errors=[_error(pointer, what)])
    if bic and not iban:
        what = "a bank without an account"
        raise Refusal("body_invalid", "Say the IBAN too: a BIC names only its bank.", errors=[_error("iban", what)])
    return PayoutDetails(given.name, iban, bic)


def _error(pointer: str, what: str) -> Any:
    return error(f"/details/{pointer}", "invalid", what)


class Details:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading, vault: Vault) -> None:
        self._gateway = gateway
        self._reading = reading
        self._vault = vault

    async def change(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Keep how a consignor wants to be paid."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        exchange.command_id()
        body: ChangeDetailsBody = decode(exchange, await request.body(), ChangeDetailsBody)
        details = checked_details(body.details)
        row = await self._participation(exchange, participation)
        digest = self._vault.digest(canonical(_RULE, (participation, body.sale, details)))
        sealed = await self._sealed(exchange, subject_of(participation, row.account), details)
        command = ChangePayoutDetails(body.sale, participation, sealed, bool(details.iban))
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the newest version."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        participation = checked(request.path_params)["participation"]
        await self._participation(exchange, participation)
        await self._reading.begin(request, PAYOUTS)
        found = await self._reading.models.collect(
            exchange.organization, PAYOUTS, {"payout_details": {"participation": participation}}, _VERSIONS_MAX
        )
        versions: Sequence[PayoutDetailsRow] = found.rows["payout_details"]
        if not versions:
            raise missing("unknown_participation", "payout details of participation", participation)
        newest = max(versions, key=lambda row: row.version)
        opened = await opened_details(self._vault, exchange.organization, [newest.details])
        details = opened[0]
        known = KnownDetails(found.at.position, participation, newest.version, details, forgotten=details is None)
        return unkept(found.at, known)

    async def _participation(self, exchange: Exchange, participation: str) -> ParticipationRow:
        found = await self._reading.models.get(
            exchange.organization, PARTICIPATIONS, "participations", (participation,)
        )
        row: ParticipationRow | None = found.row
        if row is None:
            raise missing("unknown_participation", "participation", participation)
        require_own(exchange, row.account, "unknown_participation", "participation", participation)
        return row

    async def _sealed(self, exchange: Exchange, subject: str, details: PayoutDetails) -> Sealed:
        sealed = await self._vault.seal(exchange.organization, {subject: msgspec.json.encode(details)})
        ciphertext = sealed[subject]
        if ciphertext is None:
            raise Refusal("person_forgotten", FORGOTTEN)
        return Sealed(subject, ciphertext)


async def opened_details(vault: Vault, organization: str, sealed: Sequence[Sealed]) -> list[PayoutDetails | None]:
    """Return the details in order; None where the person was forgotten."""
    plain = await vault.unseal(organization, [(each.subject, each.ciphertext) for each in sealed])
    return [None if each is None else msgspec.json.decode(each, type=PayoutDetails) for each in plain]


def payout_details_handlers(gateway: CommandGateway, reading: Reading, vault: Vault) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    details = Details(gateway, reading, vault)
    change = Endpoint(
        rule=_RULE,
        summary="Say how a consignor wants to be paid; it is checked and sealed.",
        tag="payouts",
        body=ChangeDetailsBody,
        answer=Done,
        example={
            "sale": examples.SALE,
            "details": {"name": "Ada Example", "iban": "DE89 3704 0044 0532 0130 00"},
        },
        is_command=True,
    )
    known = Endpoint(
        rule="get-payout-details",
        summary="How a consignor wants to be paid.",
        tag="payouts",
        answer=KnownDetails,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    of_one = f"{ORGANIZATION_PATH}/participations/{{participation:str}}"
    return [
        post(f"{of_one}/change-payout-details", name=change.rule, status_code=200, opt=change.opt())(details.change),
        get(f"{of_one}/payout-details", name=known.rule, opt=known.opt())(details.get),
    ]
