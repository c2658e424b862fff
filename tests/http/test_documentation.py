"""The service describes itself: OpenAPI, a page, problems; it can be watched."""

import re

from consign.http.access import RULES
from consign.http.problems import REASONS
from tests.support.eventually import eventually
from tests.support.shop import Client, problem


async def test_every_endpoint_with_a_rule_is_in_the_document_with_examples_and_problems(client: Client) -> None:
    document = (await client.http.get("/schema/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == set(RULES)
    for operation in operations:
        assert {"400", "404", "500"} <= operation["responses"].keys(), operation["operationId"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, operation["operationId"]
    assert set(document["components"]["schemas"]["Problem"]["properties"]["reason"]["enum"]) == set(REASONS)


async def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    page = (await client.http.get("/docs", headers={"Accept": "text/html"})).text
    assert "/api/v1/organizations/{organization}/sales/{sale}/plan" in page
    assert not re.search(r"(src|href)=\"(?!#|/)", page)
    assert "<script" not in page


async def test_each_problem_explains_itself(client: Client) -> None:
    listed = (await client.http.get("/problems")).json()["reasons"]
    assert {kind["reason"] for kind in listed} == set(REASONS)
    one = (await client.http.get("/problems/held_elsewhere")).json()
    assert (one["status"], one["retryable"]) == (409, False)
    problem(await client.http.get("/problems/bad_weather"), 404, "not_found")


async def test_health_readiness_and_figures_are_told(client: Client) -> None:
    assert (await client.http.get("/health")).json() == {"status": "ok"}
    ready = (await client.http.get("/ready")).json()
    assert ready["parts"] == dict.fromkeys(("process", "issuers", "nats", "ownership", "read_models", "database"), "ok")
    await client.found()
    figures = (await client.http.get("/metrics")).text
    assert 'route="/api/v1/organizations",status="200"' in figures
    assert re.search(r"^consign_journal_events_total [1-9]", figures, re.MULTILINE)
    for name in ("journal_batches_total", "mailboxes_waiting", "projection_lag_events", "relay_sent_total"):
        assert f"\nconsign_{name} " in figures

    async def caught_up() -> bool:
        return "\nconsign_projection_lag_events 0.0" in (await client.http.get("/metrics")).text

    await eventually(caught_up)
