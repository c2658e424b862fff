"""Every endpoint of the running application, asked by every role, by nobody, in the own organization and in another.

Requests hold nothing that could be understood, so that what is let in is refused for that, and changes nothing: who is
let in is said before a body is read. What is somebody's own is asked for by them and by others like them.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, get_args

import httpx
import msgspec
import pytest

from consign.domain.values import Role, Scope
from consign.http import examples
from consign.http.access import RULES
from consign.service.process import Service
from tests.http.matrix.endpoints import Endpoint, Endpoints, endpoints_of
from tests.support.settled_shop import ADAS_IBAN
from tests.support.shop import Client, Shop, new_id

ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role not in ("system", "guest"))
ALL_IDS: Mapping[str, str] = {
    **examples.PATH_IDS,
    "stream": f"sale-{examples.SALE}",
    "read_model": "sales",
    "draft": examples.DRAFT,
    "count": new_id(),
    "reason": "forbidden",
}
AT_ONCE = 8
SIGNED = {"clerk-webhook"}
"""What counts by the signature of whoever sends it, in place of a token."""
NOT_UNDERSTOOD = b"!"

OWNERS_REASONS: Mapping[tuple[Scope, str], set[str]] = {
    ("own_session", "POST"): {"not_your_session"},
    ("own_session", "GET"): {"unknown_session"},
    ("own", "POST"): {"unknown_account", "unknown_participation"},
    ("own", "GET"): {"unknown_account", "unknown_participation", "unknown_member"},
}
"""What is said of something that is somebody else's."""


class Answer(NamedTuple):
    status: int
    reason: str

    @property
    def admitted(self) -> bool:
        """Whether the request was let in, whatever became of it then."""
        return self.status not in (401, 403) and self.reason != "unknown_organization"


class Asking:
    """Sends the endpoints' requests, a few at once."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def ask(self, endpoint: Endpoint, ids: Mapping[str, str], token: str, content: bytes) -> Answer:
        """Send one request and read its answer; of one that never ends, how it begins."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = content if endpoint.method == "POST" else b""
        request = self._http.build_request(endpoint.method, endpoint.url(ids), content=body, headers=headers)
        async with self._at_once:
            response = await self._http.send(request, stream=True)
            try:
                problem = response.headers["content-type"] == "application/problem+json"
                reason = msgspec.json.decode(await response.aread())["reason"] if problem else ""
            finally:
                await response.aclose()
        return Answer(response.status_code, reason)

    async def all(self, endpoints: Iterable[Endpoint], organization: str, token: str) -> Mapping[str, Answer]:
        """Ask every endpoint with ids of nothing and a body that says nothing."""
        ids = {**ALL_IDS, "organization": organization}
        asked = list(endpoints)
        answers = await asyncio.gather(*(self.ask(endpoint, ids, token, NOT_UNDERSTOOD) for endpoint in asked))
        return {endpoint.rule: answer for endpoint, answer in zip(asked, answers, strict=True)}


@pytest.fixture(scope="module")
def endpoints(service: Service) -> Endpoints:
    return endpoints_of(service.url)


@pytest.fixture(scope="module")
def of_organizations(endpoints: Endpoints) -> Endpoints:
    return [endpoint for endpoint in endpoints if endpoint.below_organization]


def granted(rule: str, *roles: Role) -> bool:
    """Whether the table lets one of these roles in."""
    return any(grant.role in roles for grant in RULES[rule])


def differing(answers: Mapping[str, Answer], expected: Callable[[str], bool]) -> Mapping[str, Answer]:
    return {rule: answer for rule, answer in answers.items() if answer.admitted != expected(rule)}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_let_in_where_the_table_says_so_and_nowhere_else(
    founded: Client, of_organizations: Endpoints, role: Role
) -> None:
    token = founded.token_of("somebody", {founded.organization: (role,)})
    answers = await Asking(founded.http).all(of_organizations, founded.organization, token)
    holds: tuple[Role, ...] = ("guest",) if role == "operator" else (role, "guest")
    assert differing(answers, lambda rule: granted(rule, *holds)) == {}


async def test_all_roles_together_are_nothing_in_another_organization(
    founded: Client, other: Client, of_organizations: Endpoints
) -> None:
    token = founded.token_of("somebody", {founded.organization: ROLES})
    answers = await Asking(founded.http).all(of_organizations, other.organization, token)
    assert differing(answers, lambda rule: granted(rule, "guest")) == {}
    strangers = {answer for rule, answer in answers.items() if not granted(rule, "guest")}
    assert strangers == {Answer(404, "unknown_organization")}


async def test_operators_are_let_in_on_the_platform_alone(founded: Client, of_organizations: Endpoints) -> None:
    token = founded.token_of("olaf", {"platform": ("operator", "organizer")})
    answers = await Asking(founded.http).all(of_organizations, "platform", token)
    assert differing(answers, lambda rule: granted(rule, "operator", "guest")) == {}


async def test_whoever_is_signed_in_and_no_member_is_a_stranger(founded: Client, of_organizations: Endpoints) -> None:
    token = founded.token_of("stranger", {})
    answers = await Asking(founded.http).all(of_organizations, founded.organization, token)
    assert differing(answers, lambda rule: granted(rule, "guest")) == {}


@pytest.mark.parametrize("shown", ["nothing", "expired"])
async def test_nobody_is_let_in_without_a_token_that_counts(
    founded: Client, endpoints: Endpoints, service: Service, shown: str
) -> None:
    roles = {founded.organization: ROLES}
    token = "" if shown == "nothing" else service.identity.issue("anna", roles, lifetime_s=-3600)
    answers = await Asking(founded.http).all(endpoints, founded.organization, token)
    assert {rule for rule, answer in answers.items() if answer.admitted} == {
        rule for rule, grants in RULES.items() if not grants and rule not in SIGNED
    }
    assert {answer for rule, answer in answers.items() if RULES[rule]} == {Answer(401, "unauthenticated")}


class Own(NamedTuple):
    """Somebody whose things they are, somebody else in the same role, and the ids of the things."""

    role: Role
    scope: Scope
    owner: str
    stranger: str
    ids: Mapping[str, str]


BY_PATH = ("{session}", "{participation}", "{account}")
SAID_IN_BODIES = {
    *("list-item", "save-draft", "complete-drafts", "discard-drafts", "copy-items", "change-items", "change-item"),
    *("change-wishes", "arrange-photos", "mark-tags-printed", "mark-consignor-tags-printed", "withdraw-items"),
    *("import-items", "import-item-changes", "import-shopify-products"),
    *("take-shift", "give-up-shift", "choose-slot", "give-up-slot", "upload-offline-sales"),
}
"""Whose it is stands in the body: see `tests/http/test_items.py`, `tests/domain/test_describing.py` and the like."""
BY_NATURE = {
    *("take-part", "accept-invitation", "open-session"),
    *("list-own-sessions", "sign-out", "sign-out-session", "sign-out-everywhere"),
}
"""About nobody but whoever asks: the account is the token's."""
OF_THE_SALE = {
    *("list-participations", "list-sessions", "print-tags", "print-drop-off", "print-statement-previews"),
    *("print-statements", "print-statement", "get-statement", "statement-csv", "get-payout", "mail-receipt"),
}
"""Rows and papers of a sale, of which only the own are shown: their own tests say so."""


@pytest.fixture
async def owned(shop: Shop) -> list[Own]:
    """A cashier's session, a consignor's participation and account, and for each somebody else of the same role."""
    client, session, participation = shop.client, new_id(), new_id()
    casey, carla, dora = (
        client.token_of(account, {client.organization: (role,)})
        for account, role in (("casey", "cashier"), ("carla", "consignor"), ("dora", "consignor"))
    )
    petra = client.token_of("petra", {client.organization: ("cashier",)})
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K5", "float_minor": 1000}, token=casey)
    await client.done(f"/participations/{new_id()}/take-part", {"sale": shop.sale}, token=dora)
    await client.done(f"/participations/{participation}/take-part", {"sale": shop.sale}, token=carla)
    member = await client.done("/memberships/carla/grant-roles", {"roles": ["consignor"]})
    await client.get(f"/participations/{participation}", after_position=member["position"])
    details = {"sale": shop.sale, "details": {"name": "Carla", "iban": ADAS_IBAN}}
    said = await client.done(f"/participations/{participation}/change-payout-details", details)
    carlas = (f"/participations/{participation}/payout-details", "/memberships/carla", "/consignors/carla")
    for shown in (f"/participations/{participation}", f"/sessions/{session}", *carlas):
        assert (await client.get(shown, after_position=said["position"])).status_code == 200
    ids = {**ALL_IDS, "organization": client.organization, "sale": shop.sale, "session": session}
    ids |= {"participation": participation, "account": "carla"}
    return [
        Own("cashier", "own_session", casey, petra, ids),
        Own("consignor", "own", carla, dora, ids),
        Own("cashier", "own", client.token_of("carla", {client.organization: ("cashier",)}), petra, ids),
    ]


def reaching(endpoints: Endpoints, role: Role, scope: Scope) -> Endpoints:
    return [
        endpoint
        for endpoint in endpoints
        if any((grant.role, grant.scope) == (role, scope) for grant in RULES[endpoint.rule])
    ]


ENDING = ("hand-over-session", "close-session", "withdraw-participation", "forget-person", "end-membership")
"""What leaves nothing of one's own behind comes last."""


def says_whose(endpoint: Endpoint) -> bool:
    """Whether the path says whose it is."""
    return any(name in endpoint.path for name in BY_PATH) and endpoint.rule not in BY_NATURE


def sensible(endpoint: Endpoint) -> bytes:
    """Return a body that can be understood: the document's example."""
    return msgspec.json.encode({} if endpoint.body is None else endpoint.body)


def test_of_every_endpoint_for_what_is_ones_own_it_is_known_where_it_says_whose(endpoints: Endpoints) -> None:
    named = {
        endpoint.rule
        for endpoint in endpoints
        if any(name in endpoint.path for name in BY_PATH) or endpoint.rule in SAID_IN_BODIES | BY_NATURE | OF_THE_SALE
    }
    assert {rule for rule, grants in RULES.items() if any(grant.scope != "all" for grant in grants)} - named == set()


async def test_what_is_ones_own_is_reached_and_what_is_anothers_is_not(
    shop: Shop, owned: list[Own], endpoints: Endpoints
) -> None:
    asking = Asking(shop.client.http)
    wrong: dict[str, Any] = {}
    for own in owned:
        named = [each for each in reaching(endpoints, own.role, own.scope) if says_whose(each)]
        for endpoint in named:
            answer = await asking.ask(endpoint, own.ids, own.stranger, sensible(endpoint))
            if answer.reason not in OWNERS_REASONS[own.scope, endpoint.method]:
                wrong[f"{own.role} {endpoint.rule} of somebody else"] = answer
        for endpoint in sorted(named, key=lambda each: each.rule in ENDING):
            answer = await asking.ask(endpoint, own.ids, own.owner, sensible(endpoint))
            if not answer.admitted or answer.reason in OWNERS_REASONS[own.scope, endpoint.method]:
                wrong[f"{own.role} {endpoint.rule} of their own"] = answer
    assert wrong == {}
