"""The policy's table says what its short statement says, endpoint by endpoint and role by role."""

from pathlib import Path
from typing import get_args

import pytest

from consign.domain.values import Role
from consign.http.access import RULES
from consign.http.policy_document import policy_document
from consign.service.process import Service
from tests.http.matrix.endpoints import Endpoints, endpoints_of
from tests.http.matrix.statement import stated

ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "system")
PUBLIC = {
    *("documentation", "openapi", "problem", "problems", "health", "ready", "metrics"),
    *("jwks", "openid-configuration", "clerk-webhook"),
    *("ask-for-link", "redeem-link", "redeem-code", "sign-in-by-password", "refresh-session"),
    *("outbox", "sign-in-page", "begin-with-issuer", "finish-with-issuer", "enrol-device"),
    *("shared-receipt", "shared-receipt-pdf"),
}
OF_PERSONS = {
    *("change-password", "list-own-sessions", "sign-out", "sign-out-session", "sign-out-everywhere"),
    *("list-ways", "ask-to-add-address", "add-address", "begin-adding-issuer", "add-issuer", "remove-way"),
    "delete-account",
}
"""What whoever is signed in does with their own account, whatever organizations they belong to."""

OF_OPERATORS = {"found-organization", "delete-account-of"}


@pytest.fixture(scope="module")
def endpoints(service: Service) -> Endpoints:
    return endpoints_of(service.url)


def test_every_endpoint_of_the_running_application_has_its_rule(endpoints: Endpoints) -> None:
    assert {endpoint.rule for endpoint in endpoints} == set(RULES)


def test_only_what_is_no_organizations_is_open_to_anybody(endpoints: Endpoints) -> None:
    assert {endpoint.rule for endpoint in endpoints if not endpoint.below_organization} == {
        *PUBLIC,
        *OF_PERSONS,
        *OF_OPERATORS,
    }
    assert {rule for rule in OF_PERSONS if {grant.role for grant in RULES[rule]} != {"guest"}} == set()
    assert {rule for rule, grants in RULES.items() if not grants} == PUBLIC


@pytest.mark.parametrize("role", ROLES)
def test_the_table_says_what_the_statement_says(endpoints: Endpoints, role: Role) -> None:
    table, statement = {}, {}
    for endpoint in endpoints:
        if endpoint.below_organization:
            table[endpoint.rule] = next((grant.scope for grant in RULES[endpoint.rule] if grant.role == role), None)
            statement[endpoint.rule] = stated(role, endpoint.method, endpoint.below_organization)
    assert table == statement


def test_the_page_about_the_policy_is_what_the_table_says() -> None:
    page = Path(__file__).parents[3] / "docs" / "policy.md"
    assert page.read_text() == policy_document(), "run docs/generate_policy.py"
