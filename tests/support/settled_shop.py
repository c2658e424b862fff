"""A shop whose sale was sold out and is ready to be settled."""

from typing import Any

from tests.support.shop import SETTINGS, Client, Shop

DEBTOR = {"name": "ALPE e.V.", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
ADAS_IBAN, BENS_IBAN = "FR14 2004 1010 0505 0001 3M02 606", "DE75 5121 0800 1245 1261 99"


class Settled:
    """A shop whose sale is to be settled: consignors 17 and 18 sold everything."""

    def __init__(self, shop: Shop, participations: dict[int, str]) -> None:
        self.shop = shop
        self.client = shop.client
        self.participations = participations

    def path(self, path: str) -> str:
        return f"/sales/{self.shop.sale}{path}"

    async def answer(self, path: str, position: int, **parameters: Any) -> Any:
        response = await self.client.get(path, after_position=position, **parameters)
        assert response.status_code == 200, response.text
        return response.json()

    async def freeze(self) -> dict[str, Any]:
        return await self.client.done(self.path("/settlement/freeze"), {})

    async def with_details(self) -> None:
        for number, iban in ((17, ADAS_IBAN), (18, BENS_IBAN)):
            await self.client.done(
                f"/participations/{self.participations[number]}/change-payout-details",
                {"sale": self.shop.sale, "details": {"name": f"Person {number}", "iban": iban}},
            )

    async def prepare(self) -> dict[str, Any]:
        body = {"method": "sepa", "execute_on": "2026-11-30"}
        return await self.client.done(self.path("/payouts/prepare"), body)


async def sold_out(client: Client) -> Settled:
    """Sell everything, close the till and bring the sale to its settlement."""
    shop = await Shop.opened(client)
    await shop.sold(*shop.tags)
    return await to_be_settled(shop)


async def to_be_settled(shop: Shop) -> Settled:
    """Close the till and bring the sale to its settlement."""
    client = shop.client
    settings = {**SETTINGS, "settlement": {"debtor": DEBTOR, "fees_minor": {"sepa": 10}}}
    position = (await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings}))["position"]
    rows = (await client.get("/participations", sale=shop.sale, after_position=position)).json()["items"]
    session = await client.get(f"/sessions/{shop.session}", after_position=position)
    expected = session.json()["expected_minor"]
    await client.done(f"/sessions/{shop.session}/close", {"counted_minor": expected, "reason": "as counted"})
    for phase in ("pick_up", "settlement"):
        await shop.move_to(phase)
    return Settled(shop, {row["number"]: row["participation"] for row in rows})
