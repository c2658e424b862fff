"""A whole large sale over one service with everything on: registered, listed, checked in, sold, settled, paid out."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil
from uuid_utils import uuid7

from bench import place
from bench.effort import Effort
from bench.load import Call, Outcome, Plan
from bench.measure import Row, Skipped, quantile, row
from bench.processes import Load, Served, load, service, token
from consign.local.servers import LocalServers

ORGANIZATION = "large"
CHUNK_ROWS = 500
BASKET_ITEMS = 5
AT_THE_DESK = 8
_SHARE_SOLD = 3
"""One thing in so many is sold, as at real bourses."""
_MEGABYTE = 1024 * 1024
_SAMPLE_S = 0.1
_PATIENCE_S = 300.0
_SETTINGS: dict[str, Any] = {
    "commission": {"default": {"rate_ppm": 200_000}, "by_tier": {"helper": {"rate_ppm": 125_000}}},
    "categories": [{"code": "toys", "name": "Toys"}, {"code": "books", "name": "Books"}],
    "price_step_minor": 50,
    "fee_minor": 500,
}


async def sale_rows(servers: LocalServers, effort: Effort, directory: Path) -> list[Row | Skipped]:
    """Hold the sale once; every row is one stretch of it, from the first request to the last answer."""
    settings = {
        "database_url": await place.empty_database(servers.postgres_url),
        "nats_url": servers.nats_url,
        "nats_public_url": servers.nats_public_url,
        "role_passwords": ",".join(place.PASSWORDS),
    }
    async with load() as sender, service(directory / "sale", **settings) as served, LargeSale(served) as sale:
        memory = Memory(served.pid)
        async with memory.watched():
            return [*await _held(sale, sender, effort), *memory.rows(effort)]


class Memory:
    """How large the service's process was before anything happened, and at most."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._before_bytes = self._most_bytes = self._process.memory_info().rss

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look at the process again and again for as long as the context is open."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def rows(self, effort: Effort) -> list[Row | Skipped]:
        """Return the rows of what was seen until now."""
        size = _size(effort)
        return [
            row(f"{size}: memory before", "MB", [self._before_bytes / _MEGABYTE]),
            row(f"{size}: memory at most", "MB", [self._most_bytes / _MEGABYTE]),
        ]

    async def _watch(self) -> None:
        while True:
            self._most_bytes = max(self._most_bytes, self._process.memory_info().rss)
            await asyncio.sleep(_SAMPLE_S)


class LargeSale:
    """The organizer's own client, which does one thing after another as a person with a browser does."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._token = token(ORGANIZATION)
        self._http = httpx.AsyncClient(
            base_url=f"http://{served.host}:{served.port}/api/v1",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=_PATIENCE_S,
            trust_env=False,
        )
        self.sale = _new_id()
        self.sessions: list[str] = []
        self.tags: list[str] = []
        self._position = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def plan(self) -> None:
        await self._post("/organizations", {"organization": ORGANIZATION, "name": "Large", "currency": "EUR"})
        await self.of_sale("/plan", {"name": "Large", "settings": _SETTINGS})
        await self.enter("registration")

    async def enter(self, *phases: str) -> None:
        for phase in phases:
            await self.of_sale("/change-phase", {"phase": phase})

    async def register(self, consignors: int) -> None:
        for chunk in _chunks(range(1, consignors + 1)):
            rows = [_person(number) for number in chunk]
            answer = await self.of_sale("/import-consignors", {"rows": rows})
            assert not answer["errors"], answer["errors"][:3]

    async def list_items(self, items: int, consignors: int) -> None:
        for chunk in _chunks(range(items)):
            answer = await self.of_sale("/import-items", {"rows": [_item(number, consignors) for number in chunk]})
            assert not answer["errors"], answer["errors"][:3]
            self.tags.extend(listed["tag"] for listed in answer["listed"])

    async def check_in(self) -> None:
        for chunk in _chunks(self.tags):
            await self.of_sale("/check-in-items", {"tags": chunk})

    async def open_tills(self, tills: int) -> None:
        for number in range(tills):
            session = _new_id()
            body = {"sale": self.sale, "till": f"K{number}", "float_minor": 10_000}
            await self.command(f"/sessions/{session}/open", body)
            self.sessions.append(session)

    def day(self) -> Plan:
        """Every till sells its share of a third of everything, in baskets, as fast as it is answered."""
        baskets = len(self.tags) // _SHARE_SOLD // BASKET_ITEMS // len(self.sessions)
        stock = iter(self.tags[::_SHARE_SOLD])
        pay = '{"tenders":[{"kind":"cash","amount_minor":100000}]}'
        connections: list[tuple[Call, ...]] = []
        for session in self.sessions:
            calls: list[Call] = []
            for _ in range(baskets):
                basket = f"/api/v1/organizations/{ORGANIZATION}/sessions/{session}/baskets/{_new_id()}"
                calls += [Call("scan", f"{basket}/scan", f'{{"tag":"{next(stock)}"}}') for _ in range(BASKET_ITEMS)]
                calls.append(Call("pay", f"{basket}/pay", pay))
            connections.append(tuple(calls))
        return Plan(self._served.host, self._served.port, self._token, tuple(connections))

    async def close_tills(self) -> None:
        for session in self.sessions:
            moved = await self.command(f"/sessions/{session}/move-cash", {"amount_minor": 1, "reason": "the last coin"})
            await self.command(f"/sessions/{session}/close", {"counted_minor": moved["expected_minor"]})

    async def say_names(self, consignors: int) -> None:
        """Say whom the cheques are for, several at a time: the only thing that every consignor does by themselves."""
        people = [each async for each in self.rows("/participations")]
        assert len(people) == consignors
        at_the_desk = asyncio.Semaphore(AT_THE_DESK)

        async def say(person: dict[str, Any]) -> None:
            async with at_the_desk:
                body = {"sale": self.sale, "details": {"name": f"Person {person['number']}"}}
                await self.command(f"/participations/{person['participation']}/change-payout-details", body)

        async with asyncio.TaskGroup() as desk:
            for person in people:
                desk.create_task(say(person))

    async def pay_out(self) -> None:
        """Write all cheques, post them, and book them."""
        prepared = await self.of_sale("/payouts/prepare", {"method": "cheque", "first_cheque": 1})
        for batch in prepared["batches"]:
            await self.of_sale(f"/payout-batches/{batch['batch']}/send", {})
            await self.of_sale(f"/payout-batches/{batch['batch']}/confirm", {})

    async def caught_up(self) -> None:
        """Return once every list that was used here tells of the newest command."""
        async with asyncio.timeout(_PATIENCE_S):
            for path in ("/items", "/receipts", "/statements", "/payouts", "/books"):
                await self.ask(path, sale=self.sale)

    async def check(self) -> None:
        """What was sold, stated and paid out must agree; a figure of a sale that is wrong would be worth nothing."""
        (books,) = (await self.ask("/books", sale=self.sale))["sales"]
        preview = await self.ask(f"/sales/{self.sale}/settlement-preview")
        settled = await self.ask(f"/sales/{self.sale}/settlement")
        paid_minor = sum([each["amount_minor"] async for each in self.rows("/payouts") if each["status"] == "paid"])
        carried_minor = sum(
            [each["amount_minor"] async for each in self.rows("/payouts") if each["status"] == "carried"]
        )
        payable_minor = sum(
            each["balance_minor"] for each in books["accounts"] if each["account"].startswith("payable/")
        )
        assert books["sum_minor"] == payable_minor == 0
        assert preview["net_minor"] == settled["net_minor"] == paid_minor + carried_minor
        await self.enter("closed")

    async def of_sale(self, path: str, body: dict[str, Any]) -> Any:
        return await self.command(f"/sales/{self.sale}{path}", body)

    async def command(self, path: str, body: dict[str, Any]) -> Any:
        """Post a command under the organization and return its answer."""
        return await self._post(f"/organizations/{ORGANIZATION}{path}", body)

    async def ask(self, path: str, **parameters: Any) -> Any:
        """Ask until the read model knows of everything that was said."""
        headers = {"X-Consign-After": str(self._position)}
        while True:
            url = f"/organizations/{ORGANIZATION}{path}"
            response = await self._http.get(url, params=parameters, headers=headers)
            if response.status_code == httpx.codes.OK:
                return response.json()
            assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text

    async def rows(self, path: str) -> AsyncIterator[dict[str, Any]]:
        parameters: dict[str, Any] = {"sale": self.sale, "limit": 200}
        while True:
            page = await self.ask(path, **parameters)
            for each in page["items"]:
                yield each
            if page["next_cursor"] is None:
                return
            parameters["cursor"] = page["next_cursor"]

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        """Post a command, again as long as the service says that it is not ready yet."""
        headers = {"Idempotency-Key": _new_id()}
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                response = await self._http.post(path, json=body, headers=headers)
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    break
        assert response.status_code == httpx.codes.OK, response.text
        answer = response.json()
        self._position = max(self._position, answer["position"])
        return answer


async def _held(sale: LargeSale, sender: Load, effort: Effort) -> list[Row | Skipped]:
    consignors, items = effort.sale_consignors, effort.sale_items
    rows: list[Row | Skipped] = []

    async def stretch(name: str, work: Callable[[], Awaitable[None]]) -> None:
        began_s = time.perf_counter()
        await work()
        rows.append(row(f"{_size(effort)}: {name}", "s", [time.perf_counter() - began_s]))

    await sale.plan()
    await stretch("registered", lambda: sale.register(consignors))
    await stretch("listed", lambda: sale.list_items(items, consignors))
    await sale.enter("drop_off")
    await stretch("checked in", sale.check_in)
    await sale.enter("live")
    await sale.open_tills(effort.sale_tills)
    outcome = await sender.run(sale.day())
    await stretch("read models caught up after a third was sold flat out", sale.caught_up)
    await sale.close_tills()
    await sale.enter("pick_up", "settlement")
    await stretch("statements frozen", lambda: _frozen(sale))
    await sale.say_names(consignors)
    await stretch("cheques prepared, sent, booked", sale.pay_out)
    await stretch("read models caught up after the settlement", sale.caught_up)
    await sale.check()
    return [*rows, *_sold(outcome, effort)]


async def _frozen(sale: LargeSale) -> None:
    await sale.of_sale("/settlement/freeze", {})


def _sold(outcome: Outcome, effort: Effort) -> list[Row | Skipped]:
    name = f"{_size(effort)}: {effort.sale_tills} tills, everything on"
    scans, pays = (sorted(outcome.latencies_ms[label]) for label in ("scan", "pay"))
    return [
        row(f"{name}, a third sold in", "s", [outcome.elapsed_s]),
        row(f"{name}, scans", "1/s", [len(scans) / outcome.elapsed_s]),
        row(f"{name}, scan p99", "ms", [quantile(scans, 0.99)]),
        row(f"{name}, checkout p99", "ms", [quantile(pays, 0.99)]),
    ]


def _size(effort: Effort) -> str:
    return f"sale of {effort.sale_consignors:,} consignors, {effort.sale_items:,} items"


def _person(number: int) -> dict[str, Any]:
    tier = {"tier": "helper"} if number % 4 == 0 else {}
    return {"number": number, "profile": {"name": f"Person {number}"}, **tier}


def _item(number: int, consignors: int) -> dict[str, Any]:
    return {
        "consignor": number % consignors + 1,
        "category": ("toys", "books")[number % 7 == 0],
        "description": f"Thing {number}",
        "price_minor": 100 + 50 * (number % 23),
    }


def _chunks[Element](elements: Sequence[Element]) -> list[Sequence[Element]]:
    return [elements[first : first + CHUNK_ROWS] for first in range(0, len(elements), CHUNK_ROWS)]


def _new_id() -> str:
    return str(uuid7())
