"""Devices over HTTP: organizers invite, rename and revoke them; a machine becomes one by the code it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.device import DeviceAnswer, DeviceId, DeviceInvitedAnswer, InviteDevice, RevokeDevice
from consign.domain.values import Name
from consign.http.bodies import Nothing, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.identity.routes_sign_in import IDENTITY_PATH
from consign.http.identity.visits import refusing, said, visit_of
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import Reading, unkept
from consign.http.resources import PAGING, page_content, selection, sort_parameter
from consign.http.submit import REPLAYED, answered, issue, request_hash, submitted
from consign.identity.devices import DEVICES_MAX, Devices, Enrolled, TooManyDevices
from consign.identity.machine_store import DeviceKey
from consign.projections.devices import DEVICES, DeviceRow, DeviceStatus

_TAG = "devices"
_SORTS = ("invited_at",)
_DEVICES = f"{ORGANIZATION_PATH}/devices"


class InviteDeviceBody(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class EnrolDeviceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Case, hyphens and spaces do not count."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


class InvitedDevice(Struct, frozen=True):
    """`code` is to be entered at the machine: it works once, until `expires_at`. Null where one has entered it."""

    position: int
    device: str
    name: str
    expires_at: datetime
    code: str | None


class ListedDevice(Struct, frozen=True):
    """`seen_at` is to some minutes. `unsynced` is how many sales the machine said last that it still holds."""

    device: str
    name: str
    status: DeviceStatus
    invited_at: datetime
    invited_until: datetime | None
    enrolled_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None
    unsynced: int | None
    unsynced_at: datetime | None


class ListedDevicePage(Struct, frozen=True):
    position: int
    items: Sequence[ListedDevice]
    next_cursor: str | None


class DeviceRoutes:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading, devices: Devices) -> None:
        self._gateway = gateway
        self._reading = reading
        self._devices = devices

    async def invite(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Record that the device is invited, and say the code."""
        exchange = exchange_of(request.scope)
        device = DeviceId(checked(request.path_params)["device"])
        body: InviteDeviceBody = decode(exchange, await request.body(), InviteDeviceBody)
        digest = request_hash("invite-device", (device, body))
        with refusing():
            await self._require_room(exchange.organization)
            accepted = await submitted(self._gateway, issue(exchange, InviteDevice(device, body.name), digest))
            kept = msgspec.json.decode(accepted.answer, type=DeviceInvitedAnswer)
            code = await self._devices.offer(DeviceKey(exchange.organization, device), kept.expires_at)
        told = said(InvitedDevice(accepted.position, device, kept.name, kept.expires_at, code))
        told.headers.update(REPLAYED if accepted.repeated else {})
        return told

    async def enrol(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Let whichever machine shows the code be the device."""
        body: EnrolDeviceBody = decode(exchange_of(request.scope), await request.body(), EnrolDeviceBody)
        with refusing():
            return said(await self._devices.enrol(visit_of(request), body.code))

    async def revoke(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Record the end of a device and see to it; repeating it sees to it again."""
        exchange = exchange_of(request.scope)
        device = DeviceId(checked(request.path_params)["device"])
        decode(exchange, await request.body(), Nothing)
        issued = issue(exchange, RevokeDevice(device), request_hash("revoke-device", device))
        accepted = await submitted(self._gateway, issued)
        with refusing():
            await self._devices.revoke(DeviceKey(exchange.organization, device))
        return answered(accepted)

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page of devices, with when they were seen."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, {"status": DeviceStatus}, _SORTS)
        await self._reading.caught_up(request, DEVICES)
        page = await self._reading.models.select(exchange.organization, DEVICES, "devices", wanted)
        with refusing():
            seen = await self._devices.seen(exchange.organization, [row.device for row in page.rows])
        return unkept(page.at, page_content(page, [_listed(row, seen.get(row.device)) for row in page.rows]))

    async def _require_room(self, organization: str) -> None:
        try:
            await self._devices.require_room(organization)
        except TooManyDevices:
            raise Refusal(
                "limit_exceeded", f"An organization has at most {DEVICES_MAX} devices. Revoke some."
            ) from None


def _listed(row: DeviceRow, seen_at: datetime | None) -> ListedDevice:
    return ListedDevice(
        row.device,
        row.name,
        row.status,
        row.invited_at,
        row.invited_until,
        row.enrolled_at,
        row.revoked_at,
        seen_at,
        row.unsynced,
        row.unsynced_at,
    )


def device_handlers(gateway: CommandGateway, reading: Reading, devices: Devices) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    invite = Endpoint(
        "invite-device",
        "Let a machine become a device of the organization by the code that is answered: once, within ten minutes.",
        _TAG,
        body=InviteDeviceBody,
        answer=InvitedDevice,
        example={"name": "Till 1"},
        is_command=True,
    )
    enrol = Endpoint(
        "enrol-device",
        "Become a device by a code. The secret is told once, and is the machine's bearer token.",
        _TAG,
        body=EnrolDeviceBody,
        answer=Enrolled,
        example={"code": "K7XQ2-MZB4T"},
    )
    revoke = Endpoint(
        "revoke-device",
        "End a device: neither its secret nor whoever signed in there counts any more.",
        _TAG,
        body=Nothing,
        answer=DeviceAnswer,
        example={},
        is_command=True,
    )
    many = Endpoint(
        "list-devices",
        "Devices of the organization, when each was seen last, and how many sales it still holds.",
        _TAG,
        answer=ListedDevicePage,
        parameters=(
            Parameter("status", DeviceStatus, "Only rows of this status."),
            *sort_parameter(_SORTS),
            *PAGING,
        ),
        reads=True,
    )
    routes = DeviceRoutes(gateway, reading, devices)
    one = f"{_DEVICES}/{{device:str}}"
    return [
        get(_DEVICES, name=many.rule, opt=many.opt())(routes.list),
        post(f"{one}/invite", name=invite.rule, status_code=200, opt=invite.opt())(routes.invite),
        post(f"{one}/revoke", name=revoke.rule, status_code=200, opt=revoke.opt())(routes.revoke),
        post(f"{IDENTITY_PATH}/enrol-device", name=enrol.rule, status_code=200, opt=enrol.opt())(routes.enrol),
    ]
