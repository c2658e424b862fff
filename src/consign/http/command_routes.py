"""The commands that go to the domain as they are: a handler for each route of the tables in `http/commands`."""

import re

from litestar.handlers import HTTPRouteHandler

from consign.actors.ports import Accepted
from consign.http.approvals import Approvals, without_pin
from consign.http.bodies import UNREADABLE, decode
from consign.http.commands import (
    auditing,
    charity,
    devices,
    drawer,
    entry,
    floor,
    items,
    manual_lines,
    memberships,
    offline,
    organizations,
    participations,
    paying,
    prices,
    sales,
    settling,
    shifts,
    slots,
    till,
    web,
)
from consign.http.commands.route import CommandRoute
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.posting import posted
from consign.http.problems import Refusal
from consign.http.quarantine import Quarantine
from consign.http.submit import canonical, issue, request_hash, submitted

COMMAND_ROUTES: tuple[CommandRoute, ...] = (
    *memberships.ROUTES,
    *devices.ROUTES,
    *sales.ROUTES,
    *participations.ROUTES,
    *items.ROUTES,
    *entry.ROUTES,
    *floor.ROUTES,
    *till.ROUTES,
    *paying.ROUTES,
    *offline.ROUTES,
    *drawer.ROUTES,
    *prices.ROUTES,
    *manual_lines.ROUTES,
    *settling.ROUTES,
    *charity.ROUTES,
    *shifts.ROUTES,
    *slots.ROUTES,
    *auditing.ROUTES,
    *web.ROUTES,
    *organizations.ROUTES,
)


def command_handlers(gateway: CommandGateway, quarantine: Quarantine, approvals: Approvals) -> list[HTTPRouteHandler]:
    """Make a handler for each route of the table."""
    return [_handler(route, gateway, quarantine, approvals) for route in COMMAND_ROUTES]


def _handler(
    route: CommandRoute, gateway: CommandGateway, quarantine: Quarantine, approvals: Approvals
) -> HTTPRouteHandler:
    body_type = route.body_type()
    names = tuple(body_type.__struct_fields__)
    command_type, given, sealed = route.command, tuple(route.given.items()), tuple(route.sealed.items())

    async def carry(exchange: Exchange, ids: dict[str, str]) -> Accepted:
        try:
            body = decode(exchange, exchange.body, body_type)
        except Refusal as refusal:
            if route.keep is None or refusal.reason not in UNREADABLE:
                raise
            kept = await route.keep(quarantine, exchange, checked(ids), refusal)
            return await submitted(gateway, issue(exchange, kept, quarantine.digest(exchange.body)))
        path = checked(ids)
        fields = {name: getattr(body, name) for name in names}
        for name, give in given:
            fields[name] = give(exchange)
        if route.approvable:
            fields["approval"] = await approvals.checked(exchange, body.approval)
            digest = request_hash(route.name, (path, without_pin(body)))
        elif not sealed:
            digest = request_hash(route.name, (path, body))
        else:
            digest = quarantine.digest(canonical(route.name, (path, body)))
            for name, seal in sealed:
                fields[name] = await seal(quarantine, exchange, body)
        return await submitted(gateway, issue(exchange, command_type(**path, **fields), digest))

    endpoint = Endpoint(
        rule=route.name,
        summary=route.summary,
        tag=route.tag,
        body=body_type,
        answer=route.answer,
        example=route.example,
        is_command=True,
    )
    path = re.sub(r"{(\w+)}", r"{\1:str}", route.path)
    return posted(f"{ORGANIZATION_PATH}{path}", endpoint, carry)
