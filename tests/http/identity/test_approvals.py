"""An organizer's PIN beside a cashier's command: it lets prices be lowered at a device, and is kept nowhere."""

from typing import Any, NamedTuple

import pytest

from consign.domain.values import AccountId
from consign.http.approvals import GivenApproval, without_pin
from consign.http.command_routes import COMMAND_ROUTES
from consign.http.submit import request_hash
from tests.support.shop import Client, Shop, new_id, problem
from tests.support.tablet import Tablet, enrolled, with_pin

OLIVES, PETRAS, WRONG = "4096173", "5082736", "4096174"


class Till(NamedTuple):
    """A cashier's session at a device, and an item in a basket."""

    shop: Shop
    tablet: Tablet
    token: str
    basket: str
    tag: str

    async def lowered(self, approval: Any, price_minor: int = 100, **how: Any) -> Any:
        body = {"tag": self.tag, "price_minor": price_minor, "reason": "the last one", "approval": approval}
        client = self.shop.client
        return await client.post(self.shop.basket(self.basket, "override-price"), body, **{"token": self.token, **how})


@pytest.fixture
async def till(shop: Shop, client: Client) -> Till:
    await with_pin(client, "olive", OLIVES, "organizer")
    await with_pin(client, "petra", PETRAS, "cashier")
    tablet = await enrolled(client)
    token = await tablet.signed_in("petra", PETRAS)
    shop.session, basket, tag = new_id(), new_id(), shop.tags[4]
    opening = {"sale": shop.sale, "till": "K7", "float_minor": 0}
    await client.done(f"/sessions/{shop.session}/open", opening, token=token)
    await client.done(shop.basket(basket, "scan"), {"tag": tag}, token=token)
    return Till(shop, tablet, token, basket, tag)


async def test_a_cashier_lowers_a_price_by_an_organizers_pin_and_the_receipt_tells_who_let_it(till: Till) -> None:
    client, shop = till.shop.client, till.shop
    problem(await till.lowered(None), 403, "discount_needs_role")
    key = new_id()
    lowered = await till.lowered({"account": "olive", "pin": OLIVES}, key=key)
    assert (lowered.status_code, lowered.json()["total_minor"]) == (200, 100), lowered.text
    again = await till.lowered({"account": "olive", "pin": OLIVES}, key=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    tender = {"tenders": [{"kind": "card", "amount_minor": 100}]}
    paid = await client.done(shop.basket(till.basket, "pay"), tender, token=till.token)
    receipt = await client.get(f"/sales/{shop.sale}/receipts/{paid['receipt']}", after_position=paid["position"])
    (discount,) = receipt.json()["lines"][0]["discounts"]
    assert (discount["authorized_by"], discount["approved_by"], discount["pin_version"]) == ("petra", "olive", 1)


async def test_neither_a_wrong_pin_nor_one_of_no_organizer_approves_and_guesses_are_few(till: Till) -> None:
    problem(await till.lowered({"account": "petra", "pin": PETRAS}), 403, "approval_refused")
    problem(await till.lowered({"account": "nobody", "pin": OLIVES}), 403, "approval_refused")
    for _ in range(5):
        problem(await till.lowered({"account": "olive", "pin": WRONG}), 403, "approval_refused")
    problem(await till.lowered({"account": "olive", "pin": OLIVES}), 429, "too_many_tries")
    problem(await till.tablet.tried("olive", OLIVES), 429, "too_many_tries")


async def test_a_pin_that_was_right_once_approves_no_retry_with_a_wrong_one(till: Till) -> None:
    key = new_id()
    assert (await till.lowered({"account": "olive", "pin": OLIVES}, key=key)).status_code == 200
    problem(await till.lowered({"account": "olive", "pin": WRONG}, key=key), 403, "approval_refused")
    problem(await till.lowered({"account": "olive", "pin": OLIVES}, 50, key=key), 422, "idempotency_key_reused")


async def test_a_pin_approves_at_a_device_alone(till: Till) -> None:
    petra = till.shop.client.token_of("petra", {till.shop.client.organization: ("cashier",)})
    problem(await till.lowered({"account": "olive", "pin": OLIVES}, token=petra), 403, "device_needed")


async def test_an_organizer_acts_without_a_pin(till: Till) -> None:
    assert (await till.lowered(None, token=till.shop.client.token)).status_code == 200


def test_the_hash_that_tells_a_repeated_request_holds_nothing_to_guess_a_pin_from() -> None:
    (route,) = [each for each in COMMAND_ROUTES if each.name == "override-price"]

    def hashed(account: str, pin: str) -> bytes:
        approval = GivenApproval(AccountId(account), pin)
        body = route.body_type()(tag="1", price_minor=100, reason="the last one", approval=approval)
        return request_hash(route.name, ({}, without_pin(body)))

    assert hashed("olive", OLIVES) == hashed("olive", WRONG)
    assert hashed("olive", OLIVES) != hashed("petra", OLIVES)
