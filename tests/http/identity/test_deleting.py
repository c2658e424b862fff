"""Deleting an account: nobody signs in as it, it is a member of nothing, and nothing that it signed in with is left."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from consign.local.servers import LocalServers
from consign.service.process import Service
from tests.http.conftest import Issuers, ServiceThread
from tests.http.identity.test_signing_in import Person, bearer, facts
from tests.http.identity.test_signing_in_with_issuers import Browser
from tests.support.eventually import eventually
from tests.support.shop import Client, new_id, problem


@pytest.fixture
def ada(client: Client, service: Service) -> Person:
    return Person(client, service.settings.data_directory / "outbox")


async def kept_of(servers: LocalServers, account: str) -> Mapping[str, int]:
    """Return where in the schema of what people sign in with something is kept of the account."""
    connection = await asyncpg.connect(servers.postgres_url)
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'identity' AND column_name = 'account_id'"
    )
    rows = {
        table: await connection.fetchval(f"SELECT count(*) FROM identity.{table} WHERE account_id = $1", account)
        for (table,) in tables
    }
    await connection.close()
    return {table: count for table, count in rows.items() if count}


async def made_member(client: Client, account: str, *roles: str) -> None:
    granted = await client.done(f"/memberships/{account}/grant-roles", {"roles": roles})
    await client.get("/memberships", after_position=granted["position"])


async def membership(client: Client, account: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/memberships/{account}")).json()
    return found


async def test_a_deleted_account_signs_in_nowhere_and_is_a_member_of_nothing(
    ada: Person, client: Client, service_servers: LocalServers
) -> None:
    await client.found()
    tokens = await ada.signed_in()
    account, token = tokens["account"], tokens["access_token"]
    await ada.post("change-password", {"password": "four words in a row"}, token=token)
    await made_member(client, account, "consignor", "cashier")
    other = {"account": new_id()}
    problem(await ada.post("delete-account", other, token=token), 422, "body_invalid")

    deleted = await ada.post("delete-account", {"account": account}, token=token)

    assert deleted.json() == {"account": account, "done": True}, deleted.text
    problem(await ada.sessions(token), 401, "unauthenticated")
    problem(await ada.refreshed(tokens["refresh_token"]), 401, "sign_in_failed")
    problem(
        await ada.post("sign-in", {"address": ada.address, "password": "four words in a row"}), 401, "sign_in_failed"
    )
    assert (await membership(client, account))["status"] == "former"
    assert set(await kept_of(service_servers, account)) == {"sessions"}
    assert [fact["type"] for fact in await facts(service_servers, account)][-2:] == [
        "account-forgotten",
        "sessions-ended",
    ]
    again = await ada.signed_in()
    assert again["account"] != account


async def test_who_leads_alone_hands_over_first_and_an_operator_deletes_like_the_owner(
    ada: Person, client: Client, service_servers: LocalServers
) -> None:
    tokens = await ada.signed_in()
    account = tokens["account"]
    await client.found(organizer=account)

    async def leads() -> bool:
        headers = client.headers(token=tokens["access_token"])
        return (await client.http.get(client.path(f"/memberships/{account}"), headers=headers)).status_code == 200

    await eventually(leads)
    found = client.path("/memberships/anna/grant-roles")
    path = f"/api/v1/accounts/{account}/delete"
    operator = client.token_of("olive", {"platform": ("operator",)})
    problem(await client.http.post(path, json={}, headers=bearer(operator)), 409, "last_organizer")
    problem(await client.http.post(path, json={}, headers=bearer(tokens["access_token"])), 403, "forbidden")
    headers = client.headers(token=tokens["access_token"])
    granted = await client.http.post(found, json={"roles": ["organizer"]}, headers=headers)
    assert granted.status_code == 200, granted.text
    await client.get("/memberships", after_position=granted.json()["position"])
    deleted = await client.http.post(path, json={}, headers=bearer(operator))
    assert deleted.json() == {"account": account, "done": True}, deleted.text
    assert (await membership(client, account))["status"] == "former"


async def test_a_deletion_that_was_killed_is_done_by_whichever_process_comes_next(
    ada: Person, client: Client, service: Service, service_thread: ServiceThread, service_servers: LocalServers
) -> None:
    """Nothing but the intention was written when the process was killed; organizations forget the person too."""
    await client.found()
    account = (await ada.signed_in())["account"]
    await made_member(client, account, "consignor")
    profile = {"profile": {"name": "Ada Example", "email": ada.address}}
    said = await client.done(f"/consignors/{account}/change-profile", profile)
    await client.get(f"/consignors/{account}", after_position=said["position"])
    connection = await asyncpg.connect(service_servers.postgres_url)
    await connection.execute(
        "INSERT INTO identity.deletions VALUES ($1, $2, $1, true, clock_timestamp())", account, new_id()
    )
    await connection.close()

    await service_thread.done(service.retention.sweep())

    assert set(await kept_of(service_servers, account)) == {"sessions"}
    assert (await membership(client, account))["status"] == "former"

    async def is_forgotten() -> bool:
        person = (await client.get(f"/consignors/{account}")).json()
        return person["profile"] is None and person["forgotten_at"] is not None

    await eventually(is_forgotten)


async def test_who_comes_again_with_the_same_issuer_is_somebody_new(client: Client, issuers: Issuers) -> None:
    browser = Browser(client, issuers.house)
    tokens = await browser.signed_in()
    path, own = "/api/v1/identity/delete-account", {"account": tokens["account"]}
    deleted = await client.http.post(path, json=own, headers=bearer(tokens["access_token"]))
    assert deleted.json() == {"account": tokens["account"], "done": True}, deleted.text
    again, once_more = await browser.signed_in(), await browser.signed_in()
    assert again["account"] == once_more["account"] != tokens["account"]
