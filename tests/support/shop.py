"""A client that speaks to the service as a till or an organizer's screen does, and a sale to speak about."""

import secrets
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from consign.http.identity.development import DevelopmentIdentity

EVERY_ROLE = ("organizer", "cashier", "volunteer", "auditor")

SETTINGS: Mapping[str, Any] = {
    "commission": {"default": {"rate_ppm": 200_000}},
    "categories": [{"code": "toys", "name": "Toys", "price_minimum_minor": 50, "price_maximum_minor": 5000}],
    "price_step_minor": 50,
    "fee_minor": 300,
    "cash_rounding_minor": 5,
}


def new_id() -> str:
    return str(uuid4())


class Client:
    """Sends requests with a token; a command gets a new key unless one is given."""

    def __init__(self, url: str, identity: DevelopmentIdentity) -> None:
        self.identity = identity
        self.http = httpx.AsyncClient(base_url=url, timeout=30)
        self.organization = f"org-{secrets.token_hex(5)}"
        self.token = self.token_of("anna", {self.organization: EVERY_ROLE, "platform": ("operator",)})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def token_of(self, account: str, roles: Mapping[str, tuple[str, ...]]) -> str:
        return self.identity.issue(account, roles)

    def headers(self, *, key: str | None = None, token: str | None = None, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {token or self.token}", "Idempotency-Key": key or new_id(), **named}

    def path(self, path: str) -> str:
        return f"/api/v1/organizations/{self.organization}{path}"

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        return await self.http.post(self.path(path), json=body, headers=self.headers(key=key, token=token, **headers))

    async def send(self, path: str, content: bytes, *, media_type: str = "application/json") -> httpx.Response:
        return await self.http.post(self.path(path), content=content, headers=self.headers(content_type=media_type))

    async def get(self, path: str, *, token: str | None = None, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return await self.http.get(self.path(path), params=parameters, headers=headers)

    async def done(self, path: str, body: Any = None, **how: Any) -> dict[str, Any]:
        """Post a command that must be accepted; return its answer."""
        response = await self.post(path, body, **how)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def found(self, **organization: Any) -> httpx.Response:
        body = {"organization": self.organization, "name": "Spring fair", "currency": "EUR", **organization}
        return await self.http.post("/api/v1/organizations", json=body, headers=self.headers())


def problem(response: httpx.Response, status: int, reason: str) -> dict[str, Any]:
    """Assert that the response is a whole problem document of this kind; return it."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["reason"]) == (status, reason), document
    assert document["type"] == f"/problems/{reason}"
    assert document["status"] == status
    assert all(document[field] for field in ("title", "detail", "instance"))
    assert isinstance(document["retryable"], bool)
    assert isinstance(document["errors"], list)
    return document


class Shop:
    """One live sale with two consignors and their items, and one open till."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sale = new_id()
        self.session = new_id()
        self.till = "K1"
        self.tags: list[str] = []

    @classmethod
    async def planned(cls, client: Client, **organization: Any) -> Self:
        shop = cls(client)
        assert (await client.found(**organization)).status_code == 200
        await client.done(f"/sales/{shop.sale}/plan", {"name": "Spring", "settings": SETTINGS})
        return shop

    @classmethod
    async def opened(cls, client: Client, items: int = 6) -> Self:
        shop = await cls.planned(client)
        await shop.move_to("registration")
        rows = [{"number": number, "profile": {"name": f"Person {number}"}} for number in (17, 18)]
        await client.done(f"/sales/{shop.sale}/import-consignors", {"rows": rows})
        listed = await client.done(
            f"/sales/{shop.sale}/import-items",
            {
                "rows": [
                    {
                        "consignor": 17 + index % 2,
                        "category": "toys",
                        "description": f"Toy {index}",
                        "price_minor": 100 + 50 * index,
                    }
                    for index in range(items)
                ]
            },
        )
        shop.tags = [row["tag"] for row in listed["listed"]]
        await shop.move_to("drop_off")
        await client.done(f"/sales/{shop.sale}/check-in-items", {"tags": shop.tags})
        await shop.move_to("live")
        opened = await client.done(
            f"/sessions/{shop.session}/open", {"sale": shop.sale, "till": shop.till, "float_minor": 10_000}
        )
        for shown in (f"/sales/{shop.sale}", f"/items/{shop.tags[0]}", f"/sessions/{shop.session}"):
            await client.get(shown, after_position=opened["position"])  # so that tests may read without waiting
        return shop

    async def move_to(self, phase: str) -> None:
        await self.client.done(f"/sales/{self.sale}/change-phase", {"phase": phase})

    def basket(self, basket: str, action: str) -> str:
        return f"/sessions/{self.session}/baskets/{basket}/{action}"

    async def sold(self, *tags: str) -> dict[str, Any]:
        """Sell the items in one basket for a 50 note; return the answer of paying."""
        basket = new_id()
        for tag in tags:
            await self.client.done(self.basket(basket, "scan"), {"tag": tag})
        tender = {"tenders": [{"kind": "cash", "amount_minor": 5000}]}
        return await self.client.done(self.basket(basket, "pay"), tender)
