"""Registering for a sale and inviting to one: commands that say who somebody is, which is sealed here."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.commission import CommissionRule
from consign.domain.participation.commands import (
    ChangeConsignorProfile,
    ConsignorAnswer,
    ReferralCode,
    RegisterConsignor,
)
from consign.domain.participation.place_commands import AcceptInvitation, InvitationAnswer, InviteConsignor
from consign.domain.values import (
    AccountId,
    AmountMinor,
    Code,
    ConsignorNumber,
    Done,
    GivenAccountId,
    GivenSaleId,
    ParticipationId,
    SaleId,
    Text,
)
from consign.http import examples
from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.path_ids import checked
from consign.http.persons import PROFILE_EXAMPLE, Persons, Profile, code_digest, subject_of
from consign.http.ports import CommandGateway
from consign.http.submit import REPLAYED, answered, canonical, issue, submitted


class RegisterConsignorBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`account`: the consignor's own, whose profile is said once for all sales."""

    sale: GivenSaleId
    profile: Profile | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None
    referral_code: ReferralCode = ""


class TakePartBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`terms_version`: the terms that are accepted hereby."""

    sale: GivenSaleId
    profile: Profile | None = None
    terms_version: Text = ""
    referral_code: ReferralCode = ""


class ChangeProfileBody(Struct, frozen=True, forbid_unknown_fields=True):
    profile: Profile


class InviteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`address` is who is invited, and where the code is sent."""

    sale: GivenSaleId
    expires_at: Annotated[datetime, Meta(tz=True)]
    address: Profile | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None


class AcceptInvitationBody(Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=40)]
    profile: Profile | None = None
    terms_version: Text = ""


class Invitation(Struct, frozen=True):
    """`code` is to be given to whoever is invited; it works once."""

    position: int
    participation: ParticipationId
    number: int | None
    expires_at: datetime
    code: str


class Registering:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, persons: Persons) -> None:
        self._gateway = gateway
        self._persons = persons

    async def register(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Register a consignor at the desk."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: RegisterConsignorBody = decode(exchange, await request.body(), RegisterConsignorBody)
        digest = self._persons.digest(canonical("register-consignor", (participation, body)))
        command = RegisterConsignor(
            body.sale,
            participation,
            await self._persons.sealed_if_said(exchange, subject_of(participation, body.account), body.profile),
            body.number,
            body.tier,
            body.own_rule,
            body.fee_minor,
            body.terms_version,
            body.account,
            body.referral_code,
        )
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def take_part(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Register the caller."""
        exchange = exchange_of(request.scope)
        account = AccountId(exchange.acting().account_id)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: TakePartBody = decode(exchange, await request.body(), TakePartBody)
        digest = self._persons.digest(canonical("take-part", (participation, body)))
        command = RegisterConsignor(
            body.sale,
            participation,
            await self._persons.sealed_if_said(exchange, subject_of(participation, account), body.profile),
            terms_version=body.terms_version,
            account=account,
            referral_code=body.referral_code,
        )
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def change_profile(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Replace who a consignor without an account is."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: ChangeProfileBody = decode(exchange, await request.body(), ChangeProfileBody)
        digest = self._persons.digest(canonical("change-consignor-profile", (participation, body)))
        sealed = await self._persons.sealed(exchange, participation, body.profile)
        command = ChangeConsignorProfile(participation, sealed)
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))

    async def invite(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Keep a place for somebody and say the code that opens it."""
        exchange = exchange_of(request.scope)
        participation = ParticipationId(checked(request.path_params)["participation"])
        body: InviteBody = decode(exchange, await request.body(), InviteBody)
        digest = self._persons.digest(canonical("invite-consignor", (participation, body)))
        code = self._persons.invitation_code(exchange.organization, participation)
        command = InviteConsignor(
            body.sale,
            participation,
            code_digest(code),
            body.expires_at,
            await self._persons.sealed_if_said(exchange, participation, body.address),
            body.number,
            body.tier,
            body.own_rule,
            body.fee_minor,
        )
        accepted = await submitted(self._gateway, issue(exchange, command, digest))
        answer = msgspec.json.decode(accepted.answer, type=InvitationAnswer)
        said = Invitation(accepted.position, answer.participation, answer.number, answer.expires_at, code)
        headers = {"Cache-Control": "no-store", **(REPLAYED if accepted.repeated else {})}
        return Response(msgspec.json.encode(said), media_type=JSON, headers=headers)

    async def accept(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Register the caller, who shows a code."""
        exchange = exchange_of(request.scope)
        account = AccountId(exchange.acting().account_id)
        sale = SaleId(checked(request.path_params)["sale"])
        body: AcceptInvitationBody = decode(exchange, await request.body(), AcceptInvitationBody)
        digest = self._persons.digest(canonical("accept-invitation", (sale, body)))
        profile = await self._persons.sealed_if_said(exchange, subject_of("", account), body.profile)
        command = AcceptInvitation(sale, code_digest(body.code), account, profile, body.terms_version)
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))


def registering_handlers(gateway: CommandGateway, persons: Persons) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    commands = Registering(gateway, persons)
    register = Endpoint(
        rule="register-consignor",
        summary="Register a consignor for a sale. The client makes the participation's id; the profile is sealed.",
        tag="participations",
        body=RegisterConsignorBody,
        answer=ConsignorAnswer,
        example={"sale": examples.SALE, "profile": PROFILE_EXAMPLE, "number": 17},
        is_command=True,
    )
    take_part = Endpoint(
        rule="take-part",
        summary="Register oneself for a sale; a full sale answers with the status `waiting`.",
        tag="participations",
        body=TakePartBody,
        answer=ConsignorAnswer,
        example={"sale": examples.SALE, "profile": PROFILE_EXAMPLE, "terms_version": "2026-09"},
        is_command=True,
    )
    change = Endpoint(
        rule="change-consignor-profile",
        summary="Replace name and contact of a consignor who has no account.",
        tag="participations",
        body=ChangeProfileBody,
        answer=Done,
        example={"profile": PROFILE_EXAMPLE},
        is_command=True,
    )
    invite = Endpoint(
        rule="invite-consignor",
        summary="Keep a place, and perhaps a number and a tier, for whoever shows the code that is answered.",
        tag="participations",
        body=InviteBody,
        answer=Invitation,
        example={"sale": examples.SALE, "expires_at": "2026-09-01T20:00:00Z", "address": PROFILE_EXAMPLE, "number": 17},
        is_command=True,
    )
    accept = Endpoint(
        rule="accept-invitation",
        summary="Register oneself with the code of an invitation.",
        tag="participations",
        body=AcceptInvitationBody,
        answer=ConsignorAnswer,
        example={"code": "ABCD-EFGH-IJKL-MNOP", "profile": PROFILE_EXAMPLE},
        is_command=True,
    )
    of_one = f"{ORGANIZATION_PATH}/participations/{{participation:str}}"
    of_sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        post(path, name=endpoint.rule, status_code=200, opt=endpoint.opt())(handler)
        for path, endpoint, handler in (
            (f"{of_one}/register", register, commands.register),
            (f"{of_one}/take-part", take_part, commands.take_part),
            (f"{of_one}/change-profile", change, commands.change_profile),
            (f"{of_one}/invite", invite, commands.invite),
            (f"{of_sale}/accept-invitation", accept, commands.accept),
        )
    ]
