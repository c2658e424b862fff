"""The HTTP application: every endpoint, the check before them, the edge around them."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp
from msgspec import Struct

from consign.actors.deeds import DeedLog
from consign.actors.queries import ReadModels
from consign.actors.runner_changes import ChangeFeed
from consign.domain.turns.reaching import names_whose_it_is
from consign.http import drawer_resources, sale_resources, settlement_resources, till_resources
from consign.http.access import RULES, SIGN_UP_RULES, EndpointWithoutRuleError, Rule, SignUp
from consign.http.addresses import Addresses
from consign.http.admission import Access, before
from consign.http.approvals import Approvals
from consign.http.audit import audit_handlers
from consign.http.audit_reads import leaving_traces
from consign.http.audit_records import AccessRecords
from consign.http.audit_refusals import Refusals
from consign.http.catalogue import catalogue_handlers
from consign.http.command_routes import COMMAND_ROUTES, command_handlers
from consign.http.consignors import consignor_handlers
from consign.http.consignors_import import consignors_import_handlers
from consign.http.cross_origin import CrossOrigin
from consign.http.desk import Desk, desk_handlers
from consign.http.documentation import documentation_handlers
from consign.http.domains import domain_handlers
from consign.http.edge import Edge, EdgeLimits
from consign.http.folding import Folding, HistoryLog
from consign.http.forgetting import Forgetting
from consign.http.history_events import history_event_handlers
from consign.http.history_routes import history_handlers
from consign.http.hosts import Hosts
from consign.http.identity.routes_api_keys import api_key_handlers
from consign.http.identity.routes_clerk import ClerkInstance, clerk_handlers
from consign.http.identity.routes_deletion import deletion_handlers
from consign.http.identity.routes_devices import device_handlers
from consign.http.identity.routes_federated import federated_handlers
from consign.http.identity.routes_outbox import Outbox, outbox_handlers
from consign.http.identity.routes_page import page_handlers
from consign.http.identity.routes_passwords import password_handlers
from consign.http.identity.routes_pins import pin_handlers
from consign.http.identity.routes_published import published_handlers
from consign.http.identity.routes_sessions import session_handlers
from consign.http.identity.routes_sign_in import sign_in_handlers
from consign.http.identity.routes_ways import way_handlers
from consign.http.identity.tokens import Tokens
from consign.http.item_tables import ITEM_TABLES
from consign.http.items_import import items_import_handlers
from consign.http.known_origins import KnownOrigins
from consign.http.late import late_handlers
from consign.http.limiting import Limiting
from consign.http.live import live_handlers
from consign.http.live_tickets import live_ticket_handlers
from consign.http.log_lines import RequestLines
from consign.http.membership_roles import MembershipRoles
from consign.http.memberships import membership_handlers
from consign.http.metrics import Metrics
from consign.http.moments import Moments
from consign.http.money import money_handlers
from consign.http.nats_credentials import NatsAccess, nats_credential_handlers
from consign.http.no_op import NO_OP, no_op_handlers
from consign.http.operations import operations_handlers
from consign.http.organizations import organization_handlers
from consign.http.papers.handlers import paper_handlers
from consign.http.papers.printing import Printing
from consign.http.participation_tables import participation_table_handlers
from consign.http.participations import participation_handlers
from consign.http.payout_details import payout_details_handlers
from consign.http.payout_files import payout_file_handlers
from consign.http.people_tables import PEOPLE_TABLES
from consign.http.personal_data import personal_data_handlers
from consign.http.persons import Persons
from consign.http.ports import CommandGateway, Registry, Standing, Vault
from consign.http.posting import ShortWay
from consign.http.public_event_routes import public_event_handlers
from consign.http.quarantine import Quarantine, quarantine_handlers
from consign.http.rate_limits import RateLimits
from consign.http.reading import Reading
from consign.http.receipt_links import Codes, ReceiptLinks
from consign.http.registering import registering_handlers
from consign.http.reports.routes import report_handlers
from consign.http.resources import resource_handlers
from consign.http.sale_facts import Sales
from consign.http.settling import settling_handlers
from consign.http.shopify_import import shopify_import_handlers
from consign.http.table_imports import table_import_handlers
from consign.identity.access_tokens import AccessTokens
from consign.identity.api_keys import ApiKeys
from consign.identity.deletions import Deletions
from consign.identity.devices import Devices
from consign.identity.domains import Domains, Proof
from consign.identity.federated import Federated
from consign.identity.live_tickets import LiveTickets
from consign.identity.magic_links import MagicLinks
from consign.identity.passwords import Passwords
from consign.identity.pins import Pins
from consign.identity.receipt_mails import ReceiptMails
from consign.identity.sessions import Sessions
from consign.identity.ways import Ways
from consign.projections.history import Fold
from consign.projections.projection import Projection

_RESOURCES = (sale_resources, till_resources, drawer_resources, settlement_resources)
_LISTS = tuple(route for resources in _RESOURCES for route in resources.LISTS)
_ITEMS = tuple(route for resources in _RESOURCES for route in resources.ITEM_ROUTES)


class SignIn(Struct, frozen=True):
    """The ways in that this service has itself, the sessions that begin there, and what its mails serve beside them."""

    links: MagicLinks
    passwords: Passwords
    federated: Federated
    sessions: Sessions
    deletions: Deletions
    ways: Ways
    devices: Devices
    pins: Pins
    api_keys: ApiKeys
    receipt_mails: ReceiptMails
    outbox: Outbox | None


class Services(Struct, frozen=True, kw_only=True):
    """What the application is given by the composition root."""

    gateway: CommandGateway
    registry: Registry
    vault: Vault
    forgetting: Forgetting
    sales: Sales
    standing: Standing
    tokens: Tokens
    access_tokens: AccessTokens
    clerk: Sequence[ClerkInstance]
    sign_in: SignIn
    domains: Domains
    receipt_codes: Codes
    live_tickets: LiveTickets
    nats_access: NatsAccess
    domain_proof: Proof
    models: ReadModels
    changes: ChangeFeed
    history: HistoryLog
    deeds: DeedLog
    fold: Fold
    projections: Sequence[Projection]
    quarantine_kept_days: int = 90


def create_app(
    services: Services,
    *,
    lines: RequestLines,
    bench: bool = False,
    sign_up: SignUp = "operators",
    limits: EdgeLimits | None = None,
    addresses: Addresses | None = None,
    public_url: str = "",
    rate_limits: RateLimits | None = None,
    base_domain: str = "",
) -> ASGIApp:
    """Put the application together; raises EndpointWithoutRuleError where nobody decided who may use an endpoint."""
    records = AccessRecords(services.gateway)
    refusals = Refusals(records)
    metrics = Metrics(lambda: {**services.standing.counters(), **refusals.counters()})
    rules = RULES if sign_up == "operators" else {**RULES, **SIGN_UP_RULES}
    access = Access(services.tokens, MembershipRoles(services.models, services.changes), rules, services.live_tickets)
    limiting = Limiting(rate_limits or RateLimits())
    check = limiting.counting(access.check)
    hosts = Hosts(public_url=public_url, base_domain=base_domain, organization_of=services.domains.organization_of)
    links = ReceiptLinks(services.receipt_codes, services.domains, public_url)
    handlers = _handlers(services, metrics, access, hosts, links, bench=bench)
    _check_rules(handlers, bench=bench)
    _check_reach(rules)
    router = Litestar(
        route_handlers=handlers,
        middleware=[before(check), leaving_traces(records)],
        exception_handlers={Exception: _leave_to_the_edge},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    app = ShortWay(router, handlers, check)
    return Edge(
        app,
        metrics,
        lines=lines,
        limiting=limiting,
        refusals=refusals,
        limits=limits,
        addresses=addresses,
        public_url=public_url,
        hosts=hosts,
        cross_origin=CrossOrigin(KnownOrigins(services.models)),
    )


def _handlers(
    services: Services, metrics: Metrics, access: Access, hosts: Hosts, links: ReceiptLinks, *, bench: bool
) -> list[HTTPRouteHandler]:
    reading = Reading(services.models, services.changes)
    folding = Folding(services.history, services.fold)
    moments = Moments(services.models)
    printing = Printing()
    persons = Persons(services.vault)
    desk = Desk(reading, persons)
    quarantine = Quarantine(services.vault, kept_days=services.quarantine_kept_days)
    handlers = [
        *operations_handlers(services.standing, metrics),
        *published_handlers(services.access_tokens),
        *clerk_handlers(
            services.gateway, services.registry, services.clerk, services.sign_in.deletions, services.sign_in.sessions
        ),
        *sign_in_handlers(services.sign_in.links),
        *password_handlers(services.sign_in.passwords),
        *federated_handlers(services.sign_in.federated),
        *page_handlers(services.sign_in.federated, hosts, services.access_tokens.issuer),
        *outbox_handlers(services.sign_in.outbox),
        *session_handlers(services.sign_in.sessions),
        *deletion_handlers(services.sign_in.deletions),
        *way_handlers(services.sign_in.ways),
        *organization_handlers(services.gateway, services.registry),
        *command_handlers(services.gateway, quarantine, Approvals(services.sign_in.pins)),
        *quarantine_handlers(reading, quarantine),
        *items_import_handlers(services.gateway, services.sales),
        *shopify_import_handlers(services.gateway, services.sales),
        *table_import_handlers((*PEOPLE_TABLES, *ITEM_TABLES), services.gateway, services.sales),
        *registering_handlers(services.gateway, persons),
        *consignors_import_handlers(services.gateway, persons, services.sales),
        *membership_handlers(services.gateway, reading, persons),
        *device_handlers(services.gateway, reading, services.sign_in.devices),
        *domain_handlers(services.gateway, reading, services.domains, services.domain_proof, hosts),
        *api_key_handlers(services.gateway, reading, services.sign_in.api_keys),
        *pin_handlers(services.gateway, reading, persons, services.sign_in.pins, services.sign_in.sessions),
        *consignor_handlers(services.gateway, reading, persons, services.forgetting),
        *personal_data_handlers(reading, persons, services.vault),
        *resource_handlers(reading, _LISTS, _ITEMS),
        *catalogue_handlers(reading),
        *participation_handlers(reading, persons),
        *participation_table_handlers(reading),
        *late_handlers(reading),
        *desk_handlers(desk),
        *money_handlers(reading, folding, moments),
        *report_handlers(reading, moments, printing),
        *settling_handlers(services.gateway, reading),
        *payout_details_handlers(services.gateway, reading, services.vault),
        *payout_file_handlers(reading, services.vault),
        *paper_handlers(reading, services.vault, printing, desk, services.sign_in.receipt_mails, links),
        *history_event_handlers(folding, reading),
        *history_handlers(folding, moments, services.projections),
        *audit_handlers(services.deeds, moments),
        *public_event_handlers(reading),
        *nats_credential_handlers(services.gateway, reading, services.nats_access),
        *live_ticket_handlers(services.live_tickets),
        *live_handlers(reading, access, services.projections, lambda: services.standing.stopping),
        *(no_op_handlers() if bench else ()),
    ]
    return [*handlers, *documentation_handlers(handlers)]


def _check_rules(handlers: Sequence[HTTPRouteHandler], *, bench: bool) -> None:
    ruled = set(RULES) if bench else set(RULES) - {NO_OP}
    named = {str(handler.opt.get("rule")) for handler in handlers}
    if ruled != named:
        raise EndpointWithoutRuleError(ruled ^ named)


def _check_reach(rules: Mapping[str, Rule]) -> None:
    """Raise where a grant is for what is somebody's own, and the command does not say whose it is about."""
    unsaid = {
        route.name
        for route in COMMAND_ROUTES
        for grant in rules[route.name]
        if not names_whose_it_is(route.command, grant.scope)
    }
    if unsaid:
        raise EndpointWithoutRuleError(unsaid)


def _leave_to_the_edge(_: Request[Any, Any, Any], error: Exception) -> Response[NoReturn]:
    """Every error becomes a problem document in one place, outside of the router."""
    raise error
