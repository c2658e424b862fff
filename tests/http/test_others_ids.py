"""Attacks with what is somebody else's: ids in paths, bodies and filters, cursors, keys, and fields nobody may say."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from consign.service.process import Service
from tests.support.shop import Client, Shop, new_id, problem


class Theirs(NamedTuple):
    """What an attacker knows of another organization."""

    shop: Shop
    participation: str


@pytest.fixture
async def theirs(service: Service) -> AsyncIterator[Theirs]:
    async with Client(service.url, service.identity) as client:
        shop = await Shop.opened(client)
        await shop.sold(shop.tags[0])
        listed = await client.get("/participations", sale=shop.sale)
        yield Theirs(shop, listed.json()["items"][0]["participation"])


async def test_ids_of_another_organization_in_paths_are_ids_of_nothing(shop: Shop, theirs: Theirs) -> None:
    client, other = shop.client, theirs.shop
    for path, reason in (
        (f"/sales/{other.sale}", "unknown_sale"),
        (f"/sessions/{other.session}", "unknown_session"),
        (f"/participations/{theirs.participation}", "unknown_participation"),
        (f"/sales/{other.sale}/receipts/K1-1", "unknown_receipt"),
        (f"/sessions/{other.session}/report.pdf", "unknown_session"),
    ):
        problem(await client.get(path), 404, reason)
    for path, body, reason in (
        (f"/sales/{other.sale}/change-phase", {"phase": "pick_up"}, "unknown_sale"),
        (f"/sessions/{other.session}/baskets/{new_id()}/scan", {"tag": other.tags[1]}, "unknown_session"),
        (f"/sessions/{other.session}/move-cash", {"amount_minor": -100, "reason": "mine"}, "unknown_session"),
        (f"/participations/{theirs.participation}/waive-fee", {"reason": "why not"}, "unknown_participation"),
    ):
        problem(await client.post(path, body), 404, reason)


async def test_ids_of_another_organization_in_bodies_are_ids_of_nothing(shop: Shop, theirs: Theirs) -> None:
    client, other = shop.client, theirs.shop
    at_my_till = f"/sessions/{shop.session}"
    for path, body, reason in (
        (f"/sessions/{new_id()}/open", {"sale": other.sale, "till": "K9"}, "unknown_sale"),
        (f"/participations/{new_id()}/register", {"sale": other.sale}, "unknown_sale"),
        (
            f"{at_my_till}/receive-fee",
            {"participation": theirs.participation, "means": "cash"},
            "unknown_participation",
        ),
        (
            f"{at_my_till}/send-cash",
            {"transfer": new_id(), "to_session": other.session, "amount_minor": 100},
            "unknown_session",
        ),
    ):
        problem(await client.post(path, body), 404, reason)


async def test_ids_of_another_organization_in_filters_find_nothing(shop: Shop, theirs: Theirs) -> None:
    client, sale = shop.client, theirs.shop.sale
    for path in ("/items", "/participations", "/receipts", "/sessions", "/baskets", "/books/postings", "/transfers"):
        found = await client.get(path, sale=sale)
        assert (found.status_code, found.json()["items"]) == (200, []), path


async def test_a_cursor_of_another_organization_shows_rows_of_ones_own_alone(shop: Shop, theirs: Theirs) -> None:
    page = (await theirs.shop.client.get("/items", limit=2)).json()
    assert page["next_cursor"]
    mine = await shop.client.get("/items", limit=200, cursor=page["next_cursor"])
    assert {row["sale"] for row in mine.json()["items"]} <= {shop.sale}


async def test_the_key_of_a_command_elsewhere_is_a_new_key_here(shop: Shop, theirs: Theirs) -> None:
    key, body = new_id(), {"amount_minor": -100, "reason": "to the safe"}
    await theirs.shop.client.done(f"/sessions/{theirs.shop.session}/move-cash", body, key=key)
    answer = await shop.client.post(f"/sessions/{shop.session}/move-cash", body, key=key)
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (200, False)


async def test_who_may_no_longer_do_something_is_not_shown_its_answer_again(shop: Shop) -> None:
    client, key, session = shop.client, new_id(), new_id()
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    opening: dict[str, Any] = {"sale": shop.sale, "till": "K2"}
    await client.done(f"/sessions/{session}/open", opening, key=key, token=cashier)
    volunteer = client.token_of("casey", {client.organization: ("volunteer",)})
    problem(await client.post(f"/sessions/{session}/open", opening, key=key, token=volunteer), 403, "forbidden")
    stranger = client.token_of("casey", {"elsewhere": ("cashier",)})
    repeated = await client.post(f"/sessions/{session}/open", opening, key=key, token=stranger)
    problem(repeated, 404, "unknown_organization")


@pytest.mark.parametrize(
    "said",
    [{"cashier": "olga"}, {"role": "organizer"}, {"scope": "all"}, {"organization": "other"}, {"on_behalf_of": "olga"}],
    ids=lambda said: next(iter(said)),
)
async def test_nobody_says_in_a_body_who_they_are(shop: Shop, said: dict[str, str]) -> None:
    body = {"sale": shop.sale, "till": "K2", **said}
    problem(await shop.client.post(f"/sessions/{new_id()}/open", body), 422, "body_invalid")


async def test_nobody_grants_roles_to_themselves(shop: Shop) -> None:
    client = shop.client
    for role in ("cashier", "volunteer", "consignor", "shopper", "integrator", "auditor"):
        token = client.token_of("casey", {client.organization: (role,)})
        answer = await client.post("/memberships/casey/grant-roles", {"roles": ["organizer"]}, token=token)
        problem(answer, 403, "forbidden")


async def test_an_organizer_at_a_colleagues_till_is_recorded_as_both(shop: Shop) -> None:
    client, session = shop.client, new_id()
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K2"}, token=cashier)
    await client.done(f"/sessions/{session}/move-cash", {"amount_minor": 500, "reason": "change"}, token=cashier)
    await client.done(f"/sessions/{session}/move-cash", {"amount_minor": 700, "reason": "change"})
    told = (await client.get(f"/history/streams/session-{session}/events")).json()["items"]
    assert [(each["account"], each["role"], each["on_behalf_of"]) for each in told] == [
        ("casey", "cashier", None),
        ("casey", "cashier", None),
        ("anna", "organizer", "casey"),
    ]
