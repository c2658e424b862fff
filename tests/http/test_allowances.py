"""How much somebody may list, over the whole service: lists that are bought, and more that an organizer grants."""

from typing import Any

import pytest

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

RULES = {
    **SETTINGS,
    "fee_covers_lists": 1,
    "extra_list_fee_minor": 150,
    "lists_per_consignor": 3,
    "items_per_consignor": 2,
    "categories": [{**SETTINGS["categories"][0], "items_maximum": 3}],
}


class Register:
    """A sale in registration that sells further lists, and what its consignors list."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.client = shop.client
        self.participation = ""

    @property
    def path(self) -> str:
        return f"/participations/{self.participation}"

    async def listed(self, count: int = 1, *, list_number: int = 1) -> dict[str, Any]:
        row = {
            "consignor": 17,
            "category": "toys",
            "description": "Toy",
            "price_minor": 100,
            "list_number": list_number,
        }
        answer = await self.client.post(f"/sales/{self.shop.sale}/import-items", {"rows": [row] * count})
        imported: dict[str, Any] = answer.json()
        return imported

    async def row(self, position: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(self.path, after_position=position)).json()
        return found


@pytest.fixture
async def register(client: Client) -> Register:
    register = Register(await Shop.planned(client))
    await client.done(f"/sales/{register.shop.sale}/change-settings", {"settings": RULES})
    await register.shop.move_to("registration")
    registered = await client.done(
        f"/sales/{register.shop.sale}/import-consignors", {"rows": [{"number": 17, "profile": {"name": "Ada"}}]}
    )
    register.participation = registered["registered"][0]["participation"]
    return register


async def test_further_lists_are_bought_come_off_the_proceeds_and_go_back_while_nothing_stands_on_them(
    register: Register,
) -> None:
    client = register.client
    refused = await register.listed(list_number=2)
    assert [error["reason"] for error in refused["errors"]] == ["quota_exceeded"]

    bought = await client.done(f"{register.path}/buy-lists", {"lists": 2})

    assert (bought["lists"], bought["bought_lists"], bought["charged_minor"]) == (3, 2, 300)
    books = (await client.get("/books", sale=register.shop.sale, after_position=bought["position"])).json()["sales"][0]
    balances = {account["account"]: account["balance_minor"] for account in books["accounts"]}
    assert books["sum_minor"] == 0
    assert balances[f"payable/{register.participation}"] == 300 + RULES["fee_minor"]

    (listed,) = (await register.listed(list_number=3))["listed"]
    refused_back = await client.post(f"{register.path}/buy-lists", {"lists": 1})
    assert "list 3" in problem(refused_back, 409, "lists_in_use")["detail"]
    await client.done(f"/sales/{register.shop.sale}/withdraw-items", {"tags": [listed["tag"]]})
    back = await client.done(f"{register.path}/buy-lists", {"lists": 0})
    assert (back["lists"], back["charged_minor"]) == (1, 0)
    problem(await client.post(f"{register.path}/buy-lists", {"lists": 3}), 422, "limit_exceeded")


async def test_an_organizer_grants_more_items_and_lists_than_the_sale_allows_each(register: Register) -> None:
    client = register.client
    assert len((await register.listed(3))["listed"]) == 2
    more = {"extra_items": 2, "extra_lists": 1, "extra_by_category": {"toys": 1}}
    granted = await client.done(f"{register.path}/grant-allowance", more)
    assert (granted["items"], granted["lists"], granted["categories"]) == (4, 2, {"toys": 4})
    assert [(await register.listed(1, list_number=number))["errors"] for number in (1, 2)] == [[], []]
    assert (await register.listed())["errors"][0]["reason"] == "quota_exceeded"

    again = await client.done(f"{register.path}/grant-allowance", more)
    assert again["position"] >= granted["position"]
    unknown = {"extra_by_category": {"hats": 1}}
    problem(await client.post(f"{register.path}/grant-allowance", unknown), 422, "unknown_category")


async def test_a_consignor_buys_lists_for_nobody_else_and_grants_nothing(register: Register) -> None:
    client = register.client
    consignor = client.token_of("carla", {client.organization: ("consignor",)})
    problem(
        await client.post(f"{register.path}/buy-lists", {"lists": 1}, token=consignor), 404, "unknown_participation"
    )
    more = {"extra_items": 2}
    problem(await client.post(f"{register.path}/grant-allowance", more, token=consignor), 403, "forbidden")
    unknown = await client.post(f"/participations/{new_id()}/buy-lists", {"lists": 1})
    problem(unknown, 404, "unknown_participation")
