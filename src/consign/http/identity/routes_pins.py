"""PINs over HTTP: members set their own, organizers take them away, devices sign members in by them.

A PIN is in no command, no answer and no hash without a key: what goes to the log is that there is a new one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import ReadModelMissing, ReadModels, Selection
from consign.domain.pins import PinAnswer, SetPin, TakePin
from consign.domain.values import AccountId, GivenAccountId, Name
from consign.http import examples
from consign.http.bodies import Nothing, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.identity import cookies
from consign.http.identity.routes_sessions import EndedSessionsAnswer
from consign.http.identity.visits import SignedIn, refusing, said, session_of, told, visit_of
from consign.http.path_ids import checked
from consign.http.persons import Persons, Profile, subject_of
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, unkept
from consign.http.submit import answered, canonical, issue, request_hash, submitted
from consign.identity.machine_store import DeviceKey
from consign.identity.pins import CachedVerifier, Pins, PinUnfit
from consign.identity.sessions import Sessions
from consign.projections.memberships import MEMBERSHIPS, MembershipRow, PinRow

PINS_MAX = 200
"""How many members with a PIN a device is told of."""

_OFFLINE_ROLES = frozenset(("organizer", "cashier"))
"""Whose PINs a device may check while it is offline."""
_TAG = "pins"

_UNFIT = {
    "form": "A PIN has four to eight digits.",
    "known": "This PIN is among the first that are tried. Say another one.",
}

GivenPin = Annotated[str, Meta(min_length=1, max_length=64)]


class SetPinBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Four to eight digits. `name` is what devices of the organization show to choose by."""

    pin: GivenPin
    name: Name | None = None


class DeviceSignInBody(Struct, frozen=True, forbid_unknown_fields=True):
    account: GivenAccountId
    pin: GivenPin


class ListedPin(Struct, frozen=True):
    account: str
    name: str | None
    version: int
    set_at: datetime


class ListedPins(Struct, frozen=True):
    position: int
    items: Sequence[ListedPin]


class CachedVerifiers(Struct, frozen=True):
    """For this device alone, while it is offline. Whoever has the device can try all PINs: see the documentation."""

    position: int
    items: Sequence[CachedVerifier]


class PinHolders:
    """Who has a PIN by the read model of memberships."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models

    async def version(self, organization: str, account: str) -> int | None:
        """Return the version of the PIN; None: there is none."""
        try:
            found = await self._models.get(organization, MEMBERSHIPS, "pins", (account,))
        except ReadModelMissing:
            return None
        row: PinRow | None = found.row
        return None if row is None else row.version


class PinRoutes:
    """The handlers, and what they need."""

    def __init__(
        self, gateway: CommandGateway, reading: Reading, persons: Persons, pins: Pins, sessions: Sessions
    ) -> None:
        self._gateway = gateway
        self._reading = reading
        self._persons = persons
        self._pins = pins
        self._sessions = sessions

    async def set(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Say one's own new PIN."""
        exchange = exchange_of(request.scope)
        account = AccountId(checked(request.path_params)["account"])
        body: SetPinBody = decode(exchange, await request.body(), SetPinBody)
        caller = exchange.acting()
        if caller.account_id != account:
            raise missing("unknown_account", "account", account)
        if caller.device_id is not None:
            raise Refusal("forbidden", "A PIN signs nobody in to change it. Sign in as yourself, not at a device.")
        digest = self._persons.digest(canonical("set-pin", (account, body)))
        with refusing():
            verifier = await self._verifier(body.pin)
            profile = None if body.name is None else Profile(body.name)
            name = await self._persons.sealed_if_said(exchange, subject_of("", account), profile)
            accepted = await submitted(self._gateway, issue(exchange, SetPin(account, name), digest))
            kept = msgspec.json.decode(accepted.answer, type=PinAnswer)
            await self._pins.keep(exchange.organization, account, kept.version, verifier)
        return answered(accepted)

    async def take(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Take a member's PIN away; repeating it sees to it again."""
        exchange = exchange_of(request.scope)
        account = AccountId(checked(request.path_params)["account"])
        decode(exchange, await request.body(), Nothing)
        accepted = await submitted(self._gateway, issue(exchange, TakePin(account), request_hash("take-pin", account)))
        kept = msgspec.json.decode(accepted.answer, type=PinAnswer)
        with refusing():
            await self._pins.keep(exchange.organization, account, kept.version, None)
        return answered(accepted)

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Tell who has a PIN."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        await self._reading.caught_up(request, MEMBERSHIPS)
        page = await self._reading.models.select(
            exchange.organization, MEMBERSHIPS, "pins", Selection({}, limit=PINS_MAX)
        )
        rows: Sequence[PinRow] = page.rows
        names = await self._persons.opened(exchange.organization, [row.name for row in rows])
        shown = [
            ListedPin(row.account, None if name is None else name.name, row.version, row.set_at)
            for row, name in zip(rows, names, strict=True)
        ]
        return unkept(page.at, ListedPins(page.at.position, shown))

    async def sign_in(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Sign a member in at the device that asks."""
        exchange = exchange_of(request.scope)
        body: DeviceSignInBody = decode(exchange, await request.body(), DeviceSignInBody)
        key = _device(exchange, request)
        with refusing():
            return told(request, await self._pins.sign_in(visit_of(request), key, body.account, body.pin))

    async def sign_out(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """End the session that asks."""
        exchange = exchange_of(request.scope)
        _device(exchange, request)
        session: UUID = session_of(request)
        with refusing():
            await self._sessions.end(visit_of(request), exchange.acting().account_id, session)
        answer = said(EndedSessionsAnswer(1))
        cookies.take(answer)
        return answer

    async def verifiers(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Tell a device by what to check PINs while it is offline."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        _device(exchange, request)
        await self._reading.caught_up(request, MEMBERSHIPS)
        models, organization = self._reading.models, exchange.organization
        page = await models.select(organization, MEMBERSHIPS, "pins", Selection({}, limit=PINS_MAX))
        accounts = [row.account for row in page.rows if await self._works_offline(organization, row.account)]
        _, _, secret = exchange.header(b"authorization").partition(" ")
        with refusing():
            cached = await self._pins.cached(organization, accounts, secret)
        versions = {row.account: row.version for row in page.rows}
        current = [each for each in cached.values() if each.version == versions[each.account]]
        return unkept(page.at, CachedVerifiers(page.at.position, current))

    async def _verifier(self, pin: str) -> bytes:
        try:
            return await self._pins.verifier(pin)
        except PinUnfit as unfit:
            raise Refusal("pin_unfit", _UNFIT[unfit.because]) from None

    async def _works_offline(self, organization: str, account: str) -> bool:
        found = await self._reading.models.get(organization, MEMBERSHIPS, "memberships", (account,))
        row: MembershipRow | None = found.row
        return row is not None and not _OFFLINE_ROLES.isdisjoint(row.roles)


def _device(exchange: Exchange, request: Request[Any, Any, Any]) -> DeviceKey:
    """Return the device of the path, which is the caller's own; raises Refusal."""
    device = checked(request.path_params)["device"]
    if exchange.acting().device_id != device:
        raise missing("unknown_device", "device", device)
    return DeviceKey(exchange.organization, device)


def pin_handlers(
    gateway: CommandGateway, reading: Reading, persons: Persons, pins: Pins, sessions: Sessions
) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    set_ = Endpoint(
        "set-pin",
        "Say one's own PIN for devices of the organization, four to eight digits. Not at a device.",
        _TAG,
        body=SetPinBody,
        answer=PinAnswer,
        example={"pin": "4096173", "name": "Ada"},
        is_command=True,
    )
    take = Endpoint(
        "take-pin",
        "Take a member's PIN away; the member may set another one.",
        _TAG,
        body=Nothing,
        answer=PinAnswer,
        example={},
        is_command=True,
    )
    many = Endpoint(
        "list-pins",
        f"Who has a PIN, by name, for devices to choose by; {PINS_MAX} at most.",
        _TAG,
        answer=ListedPins,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    sign_in = Endpoint(
        "sign-in-at-device",
        "Sign a member in by PIN. What is answered reaches this organization alone, from this device.",
        _TAG,
        body=DeviceSignInBody,
        answer=SignedIn,
        example={"account": examples.ACCOUNT, "pin": "4096173"},
    )
    sign_out = Endpoint(
        "sign-out-at-device", "End the session that asks, at its device.", _TAG, answer=EndedSessionsAnswer
    )
    verifiers = Endpoint(
        "list-pin-verifiers",
        "By what this device checks PINs of organizers and cashiers while it is offline.",
        _TAG,
        answer=CachedVerifiers,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    routes = PinRoutes(gateway, reading, persons, pins, sessions)
    member, device = f"{ORGANIZATION_PATH}/memberships/{{account:str}}", f"{ORGANIZATION_PATH}/devices/{{device:str}}"

    def posted(path: str, endpoint: Endpoint, handler: Any) -> HTTPRouteHandler:
        return post(path, name=endpoint.rule, status_code=200, opt=endpoint.opt())(handler)

    return [
        posted(f"{member}/set-pin", set_, routes.set),
        posted(f"{member}/take-pin", take, routes.take),
        get(f"{ORGANIZATION_PATH}/pins", name=many.rule, opt=many.opt())(routes.list),
        posted(f"{device}/sign-in", sign_in, routes.sign_in),
        posted(f"{device}/sign-out", sign_out, routes.sign_out),
        get(f"{device}/verifiers", name=verifiers.rule, opt=verifiers.opt())(routes.verifiers),
    ]
