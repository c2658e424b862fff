"""The check before every route: who asks, in which role, and how far that role reaches by the policy's table."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

from litestar.types import ASGIApp, Receive, Scope, Send

from consign.domain.members import PLATFORM
from consign.http.access import ANYBODY, RULES, Grant, Rule, is_done_at_devices
from consign.http.exchange import Exchange, device_differs, device_unproven, exchange_of
from consign.http.identity.cookies import believe_cookie
from consign.http.identity.tokens import Tokens
from consign.http.live_tickets import believe_ticket
from consign.http.problems import Refusal, unknown_organization
from consign.identity.caller import Caller
from consign.identity.live_tickets import LiveTickets

_EVERYTHING = frozenset((b"*/*",))
_SLUG = re.compile(r"[a-z0-9-]{2,40}")
_POSITION = re.compile(rb"\d{1,18}")
_TICKET = b"ticket"
_DEVICE_SECRET = b"x-device-secret"
_PEOPLE = frozenset(("person", "development"))
"""Kinds of callers that may ask for something before they are a member: machines and devices are made by members."""


class Memberships(Protocol):
    """Says which roles an account holds in an organization."""

    def known(self, organization: str, account: str) -> Sequence[str] | None:
        """Return the roles where they were looked up a moment ago; None: ask `roles`."""
        ...

    async def roles(self, organization: str, account: str) -> Sequence[str]:
        """Return the roles as they were known within the last seconds."""
        ...

    async def newest_roles(self, organization: str, account: str, after_position: int) -> Sequence[str]:
        """Return the roles with whatever was committed up to the position, and when somebody last asked for these.

        Raises Refusal where that cannot be said in time.
        """
        ...


class Access:
    """Says who may pass to which handler."""

    def __init__(
        self,
        tokens: Tokens,
        memberships: Memberships,
        rules: Mapping[str, Rule] = RULES,
        live_tickets: LiveTickets | None = None,
    ) -> None:
        self._tokens = tokens
        self._live_tickets = live_tickets
        self._memberships = memberships
        self._rules = rules

    def check(self, scope: Any) -> Awaitable[None] | None:
        """Let the request through or raise Refusal; what is let through has an account and a role on its exchange.

        A caller who was seen before is let through without waiting; else what is returned must be awaited first.
        """
        options = scope["route_handler"].opt
        rule = self._rules.get(options.get("rule"))
        if rule is None:
            return None  # the router's own answer to OPTIONS
        exchange = exchange_of(scope)
        accept = exchange.headers.get(b"accept", b"*/*")
        if accept not in _EVERYTHING:
            check_acceptable(accept.decode("latin-1"), options["endpoint"].answer_types)
        _stay_with_host(exchange, scope["path_params"].get("organization"), options["rule"])
        if rule is ANYBODY:
            return None
        organization = scope["path_params"].get("organization", PLATFORM)
        if b"authorization" not in exchange.headers:
            if options["rule"] == "live" and _TICKET in scope["query_string"] and self._live_tickets is not None:
                return self._admit_by_ticket(exchange, organization, scope["query_string"], self._live_tickets)
            if b"cookie" in exchange.headers:
                believe_cookie(exchange, scope["method"])
        caller = self._tokens.seen(exchange.headers, exchange.peer)
        if caller is not None:
            grant = _granted(rule, self._known(caller, organization) or (), caller, organization)
            if grant is not None and not caller.only and _DEVICE_SECRET not in exchange.headers:
                _let_in(exchange, caller, organization, grant)
                return None
        return self.admit(exchange, organization, rule, options["rule"])

    async def admit(self, exchange: Exchange, organization: str, rule: Rule, name: str) -> None:
        """Find out who asks for the endpoint of this name, and in which role; raises Refusal.

        May be asked again while a connection lasts.
        """
        caller = await self._tokens.caller(exchange.headers, exchange.peer)
        exchange.caller = caller
        held = await self._held(exchange, caller, organization, rule)
        grant = _granted(rule, held, caller, organization)
        if grant is not None:
            if caller.only and name not in caller.only:
                exchange.organization = organization
                raise Refusal("forbidden", f"This key is good for {', '.join(sorted(caller.only))} alone.")
            _let_in(exchange, caller, organization, grant)
            await self._believe_device(exchange, caller, organization)
            return
        if organization != PLATFORM and not any(role != "operator" for role in held):
            raise unknown_organization()
        exchange.organization = organization
        if organization == PLATFORM and not caller.reaches(PLATFORM):
            detail = f"This session is for {caller.organization} alone. Sign in at the service's own address."
            raise Refusal("forbidden", detail)
        if organization == PLATFORM:
            raise Refusal("forbidden", "Only operators of the platform may do this.")
        if caller.signed_in_by_pin and not is_done_at_devices(rule):
            raise Refusal("forbidden", "This is not done at a device. Sign in as yourself, without a PIN.")
        raise Refusal("forbidden", f"This needs one of the roles {', '.join(grant.role for grant in rule)}.")

    async def _believe_device(self, exchange: Exchange, caller: Caller, organization: str) -> None:
        """Find out at which device the caller is, where its own secret comes beside the token; raises Refusal."""
        secret = exchange.headers.get(_DEVICE_SECRET)
        if secret is None:
            return
        try:
            device = await self._tokens.caller({b"authorization": b"Bearer " + secret}, exchange.peer)
        except Refusal as refusal:
            raise device_unproven() if refusal.reason == "unauthenticated" else refusal from None
        if device.kind != "device" or device.organization != organization:
            raise device_unproven()
        if caller.device_id not in (None, device.device_id):
            raise device_differs()
        exchange.proven_device = device.device_id

    async def _admit_by_ticket(self, exchange: Exchange, organization: str, query: bytes, tickets: LiveTickets) -> None:
        (ticket, *_) = parse_qs(query.decode("latin-1")).get(_TICKET.decode(), [""])
        await believe_ticket(tickets, exchange, organization, ticket)
        await self.admit(exchange, organization, self._rules["live"], "live")

    def _known(self, caller: Caller, organization: str) -> Sequence[str] | None:
        """Return what is known of the caller's roles without waiting; None: it has to be looked up."""
        if not caller.reaches(organization) or not _SLUG.fullmatch(organization):
            return ()
        if caller.roles:
            return caller.roles.get(organization, ())
        return self._memberships.known(organization, caller.account_id)

    async def _held(self, exchange: Exchange, caller: Caller, organization: str, rule: Rule) -> Sequence[str]:
        """Return the caller's roles; what does not suffice is looked up again: nobody is refused by what was before."""
        held = self._known(caller, organization)
        if held is None:
            held = await self._memberships.roles(organization, caller.account_id)
        looked_up = not caller.roles and caller.reaches(organization) and _SLUG.fullmatch(organization)
        if looked_up and _granted(rule, held, caller, organization) is None:
            after = exchange.headers.get(b"x-consign-after", b"")
            position = int(after) if _POSITION.fullmatch(after) else 0
            held = await self._memberships.newest_roles(organization, caller.account_id, position)
        return held


def before(check: Callable[[Any], Awaitable[None] | None]) -> Callable[[ASGIApp], ASGIApp]:
    """Make the middleware that asks before every route's handler: Litestar's guards copy the handler each time."""

    def asking_first(app: ASGIApp) -> ASGIApp:
        async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
            asking = check(scope)
            if asking is not None:
                await asking
            await app(scope, receive, send)

        return admitted

    return asking_first


def _granted(rule: Rule, held: Sequence[str], caller: Caller, organization: str) -> Grant | None:
    """Return the first grant of the rule that the caller may act by.

    Operators lead the platform, and there is no other role there; in any organization they have nothing.
    """
    on_platform = organization == PLATFORM
    if caller.signed_in_by_pin and not is_done_at_devices(rule):
        return None
    for grant in rule:
        if grant.role in held and (grant.role == "operator") == on_platform:
            return grant
        if grant.role == "guest" and caller.kind in _PEOPLE and (grant.scope == "own" or caller.reaches(organization)):
            return grant
    return None


def _stay_with_host(exchange: Exchange, named: str | None, rule: str) -> None:
    """Raise Refusal where the path names another organization than the Host, or one is to be founded under its name.

    Asked after the router has read the path, however that was written.
    """
    under = exchange.under
    if under is not None and (named not in (None, under.organization) or rule == "found-organization"):
        raise unknown_organization()


def _let_in(exchange: Exchange, caller: Caller, organization: str, grant: Grant) -> None:
    exchange.caller = caller
    exchange.organization = organization
    exchange.role, exchange.scope = grant


def check_acceptable(accept: str, answer_types: Sequence[str]) -> None:
    """Refuse a client that wants none of what can be sent; how much it would like each is left aside."""
    sent = {"*/*", *answer_types, *(f"{each.partition('/')[0]}/*" for each in answer_types)}
    for wanted in accept.split(","):
        name, *parameters = (part.strip().lower() for part in wanted.split(";"))
        if name in sent and "q=0" not in parameters:
            return
    raise Refusal("not_acceptable", f"The answer is {' or '.join(answer_types)}.")
