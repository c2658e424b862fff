"""Requests made up from the OpenAPI document, valid and invalid ones: no 500, and no answer beside the document."""

import asyncio
from typing import Any, get_args

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from consign.domain.values import Role
from consign.http.access import RULES
from consign.service.process import Service
from tests.support.shop import Client, Shop, new_id

EXAMPLES_EACH = 4
PARTS = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "live"
ROLES = tuple(role for role in get_args(Role) if role not in ("system", "guest"))

_bounded = settings(
    max_examples=EXAMPLES_EACH,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    deadline=None,
    derandomize=True,
)


class Target:
    """The document of a running service, and real ids to put into its paths."""

    def __init__(self, service: Service) -> None:
        self.url = service.url
        document = httpx.get(f"{service.url}/schema/openapi.json").json()
        loaded = schemathesis.openapi.from_dict(document).get_all_operations()
        found = [each.ok() for each in loaded if isinstance(each, Ok)]
        self.operations = {operation.definition.raw["operationId"]: operation for operation in found}
        self._identity = service.identity
        self.ids, self.token = asyncio.run(self._opened(service))
        self.elsewhere = asyncio.run(self._sale_elsewhere(service))

    async def _sale_elsewhere(self, service: Service) -> str:
        """Open a sale of another organization, of which no answer may tell."""
        async with Client(service.url, service.identity) as client:
            return (await Shop.opened(client)).sale

    async def _opened(self, service: Service) -> tuple[dict[str, str], str]:
        async with Client(service.url, service.identity) as client:
            shop = await Shop.opened(client)
            paid = await shop.sold(shop.tags[0])
            basket = new_id()
            await client.done(shop.basket(basket, "scan"), {"tag": shop.tags[1]})
            participations = (await client.get("/participations", after_position=paid["position"])).json()["items"]
        ids = {
            "organization": client.organization,
            "sale": shop.sale,
            "session": shop.session,
            "basket": basket,
            "receipt": paid["receipt"],
            "tag": shop.tags[1],
            "participation": participations[0]["participation"],
            "account": "fuzz",
            "stream": f"ledger-{shop.sale}",
            "read_model": "items",
            "reason": "already_sold",
        }
        roles = {
            client.organization: ("organizer", "cashier", "volunteer", "auditor", "consignor"),
            "platform": ("operator",),
        }
        return ids, client.token_of("fuzz", roles)

    def send(self, case: Any, role: str | None = None) -> None:
        """Send the request as somebody who may, or in one role; hold the answer against the document."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if role is not None:
            headers = {"Authorization": f"Bearer {self.token_of(role)}", "Idempotency-Key": new_id()}
        answer = case.call(base_url=self.url, headers=headers, timeout=20)
        case.validate_response(answer, checks=CHECKS)
        assert self.elsewhere.encode() not in answer.content

    def token_of(self, role: str) -> str:
        """Return the token of an account that holds this role and no other."""
        where = "platform" if role == "operator" else self.ids["organization"]
        return self._identity.issue(f"fuzz-{role}", {where: (role,)})


@pytest.fixture(scope="session")
def target(service: Service) -> Target:
    return Target(service)


@pytest.mark.slow
@pytest.mark.parametrize("rule", sorted(set(RULES) - {ENDLESS}))
def test_made_up_requests_get_only_answers_that_the_document_tells_of(target: Target, rule: str) -> None:
    operation = target.operations[rule]
    named = {name: value for name, value in target.ids.items() if f"{{{name}}}" in operation.path}

    @_bounded
    @given(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named or None))
    def valid(case: Any) -> None:
        target.send(case)

    @_bounded
    @given(operation.as_strategy(GenerationMode.NEGATIVE))
    def invalid(case: Any) -> None:
        if "organization" in case.path_parameters:
            case.path_parameters["organization"] = target.ids["organization"]
        target.send(case)

    valid()
    if operation.body or operation.query or operation.path_parameters:
        invalid()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_made_up_requests_in_a_single_role_tell_nothing_of_others_and_break_nothing(target: Target, part: int) -> None:
    for rule in sorted(set(RULES) - {ENDLESS})[part::PARTS]:
        operation = target.operations[rule]
        named = {name: value for name, value in target.ids.items() if f"{{{name}}}" in operation.path}

        @settings(_bounded, max_examples=1)
        @given(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named or None))
        def valid(case: Any) -> None:
            for role in ROLES:
                target.send(case, role)

        valid()
