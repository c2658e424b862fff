"""A live sale over HTTP with a stock of items and open tills, and the plans that the tills carry out.

The first items, one a till, are only ever scanned and taken out again; the others are there to be sold.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx
from uuid_utils import uuid7

from bench.load import Call, Plan
from bench.processes import Served, access_token, token

ORGANIZATION = "bench"
BASKET_ITEMS = 5
CHUNK_ROWS = 500
SETTLE_LIMIT_S = 120.0
ITEMS_PER_CONSIGNOR = 500
_MEMBER = "bench-organizer"
_SETTINGS: dict[str, Any] = {
    "commission": {"default": {"rate_ppm": 200_000}},
    "categories": [{"code": "toys", "name": "Toys", "price_minimum_minor": 50, "price_maximum_minor": 5000}],
    "price_step_minor": 50,
}


class Shop:
    """Everything is set up through the interface that is measured."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._token = token(ORGANIZATION)
        self._http = httpx.AsyncClient(
            base_url=f"http://{served.host}:{served.port}/api/v1",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=60,
            trust_env=False,
        )
        self.sale = _new_id()
        self.sessions: list[str] = []
        self.tags: list[str] = []
        self._stock: list[str] = []
        self._baskets: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def open(self, *, items: int, tills: int) -> None:
        """Found the organization, bring a sale to life, list and check in its items, open its tills."""
        await self._post("/organizations", {"organization": ORGANIZATION, "name": "Bench", "currency": "EUR"})
        await self.command(f"/sales/{self.sale}/plan", {"name": "Bench", "settings": _SETTINGS})
        await self._phase("registration")
        consignors = items // ITEMS_PER_CONSIGNOR + 1
        people = [{"number": number + 1, "profile": {"name": f"Person {number}"}} for number in range(consignors)]
        await self.command(f"/sales/{self.sale}/import-consignors", {"rows": people})
        for first in range(0, items, CHUNK_ROWS):
            rows = [_item(number) for number in range(first, min(items, first + CHUNK_ROWS))]
            listed = await self.command(f"/sales/{self.sale}/import-items", {"rows": rows})
            self.tags.extend(row["tag"] for row in listed["listed"])
        assert len(self.tags) == items
        self._stock = self.tags[tills:]
        await self._phase("drop_off")
        for first in range(0, items, CHUNK_ROWS):
            tags = self.tags[first : first + CHUNK_ROWS]
            await self.command(f"/sales/{self.sale}/check-in-items", {"tags": tags})
        await self._phase("live")
        for number in range(tills):
            session = _new_id()
            await self.command(f"/sessions/{session}/open", {"sale": self.sale, "till": f"K{number}"})
            self.sessions.append(session)
            self._baskets.append(_new_id())

    async def command(self, path: str, body: dict[str, Any]) -> Any:
        """Post a command under the organization and return its answer."""
        return await self._post(f"/organizations/{ORGANIZATION}{path}", body)

    async def take_in_organizer(self) -> str:
        """Make another account organizer by membership; return its token."""
        await self.command(f"/memberships/{_MEMBER}/grant-roles", {"roles": ["organizer"]})
        await self.settle()
        return access_token(_MEMBER)

    async def settle(self) -> None:
        """Return once the read models have caught up: their backlog must not run into the next contestant's turn."""
        drawer = f"/sessions/{self.sessions[0]}/move-cash"
        moved = await self.command(drawer, {"amount_minor": 1, "reason": "bench"})
        headers = {"X-Consign-After": str(moved["position"])}
        async with asyncio.timeout(SETTLE_LIMIT_S):
            while True:
                path = f"/organizations/{ORGANIZATION}/items/{self.tags[0]}"
                response = await self._http.get(path, headers=headers)
                if response.status_code == 200:  # noqa: PLR2004
                    return

    def no_ops(self, connections: int, duration_s: float) -> Plan:
        """Every connection sends the same no-op."""
        call = Call("no-op", _path("/no-op"), _tag_body(self.tags[0]))
        return self._plan([[call]] * connections, duration_s)

    def scans_and_removals(self, connections: int, duration_s: float) -> Plan:
        """Every connection scans an item of its own and takes it out again: two durable commands, each two events."""
        calls = []
        for session, identity, tag in zip(self.sessions[:connections], self._baskets, self.tags, strict=False):
            basket = _path(f"/sessions/{session}/baskets/{identity}")
            body = _tag_body(tag)
            calls.append([Call("scan", f"{basket}/scan", body), Call("remove", f"{basket}/remove-line", body)])
        return self._plan(calls, duration_s)

    def sales(self, tills: int, baskets: int) -> Plan:
        """Every till sells so many baskets of five items as fast as it is answered; what it sold is gone."""
        pay = '{"tenders":[{"kind":"cash","amount_minor":50000}]}'
        calls: list[list[Call]] = []
        for session in self.sessions[:tills]:
            sold: list[Call] = []
            for _ in range(baskets):
                basket = _path(f"/sessions/{session}/baskets/{_new_id()}")
                sold += [Call("scan", f"{basket}/scan", _tag_body(self._stock.pop())) for _ in range(BASKET_ITEMS)]
                sold.append(Call("pay", f"{basket}/pay", pay))
            calls.append(sold)
        return self._plan(calls, None)

    def scans_until_visible(self, tills: int, duration_s: float, pace_s: float) -> Plan:
        """Every till scans an item, asks for it until the read model knows, and takes it out again."""
        plan = self.scans_and_removals(tills, duration_s)
        calls = [
            [scan, Call("visible", _path(f"/items/{tag}")), remove]
            for (scan, remove), tag in zip(plan.connections, self.tags, strict=False)
        ]
        return self._plan(calls, duration_s, pace_s)

    def _plan(self, calls: Sequence[Sequence[Call]], duration_s: float | None, pace_s: float = 0.0) -> Plan:
        connections = tuple(tuple(connection) for connection in calls)
        return Plan(self._served.host, self._served.port, self._token, connections, duration_s, pace_s)

    async def _phase(self, phase: str) -> None:
        await self.command(f"/sales/{self.sale}/change-phase", {"phase": phase})

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        response = await self._http.post(path, json=body, headers={"Idempotency-Key": _new_id()})
        assert response.status_code == 200, response.text  # noqa: PLR2004
        return response.json()


def _item(number: int) -> dict[str, Any]:
    return {
        "consignor": number // ITEMS_PER_CONSIGNOR + 1,
        "category": "toys",
        "description": f"Toy {number}",
        "price_minor": 100 + 50 * (number % 20),
    }


def _path(path: str) -> str:
    return f"/api/v1/organizations/{ORGANIZATION}{path}"


def _tag_body(tag: str) -> str:
    return f'{{"tag":"{tag}"}}'


def _new_id() -> str:
    return str(uuid7())
