"""The rows over HTTP: commands against a no-op, tills, what becomes visible when, memory, rebuild."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import psutil
from msgspec import Struct
from msgspec.structs import replace

from bench import place
from bench.effort import Effort
from bench.load import Outcome, Plan
from bench.measure import Round, Row, Skipped, interleaved, quantile, ratios, row
from bench.processes import Load, Served, load, service
from bench.shop import BASKET_ITEMS, ORGANIZATION, Shop
from consign.actors.rebuild import Rebuilder
from consign.adapters.postgres.projection_store import ProjectorPool
from consign.adapters.postgres.projection_store_rebuild import PostgresRebuildStore
from consign.adapters.postgres.projection_tables import ensure_tables
from consign.domain.business import CONSIGN
from consign.local.servers import LocalServers
from consign.projections.items import ITEMS
from consign.projections.registry import PROJECTIONS

OF_DEVELOPMENT = 0.8
OF_NO_OP, RELAY_COSTS, P99_MS, VISIBLE_P99_MS, SCANS_PER_S = 0.85, 0.15, 10.0, 20.0, 6000.0
BUSY_TILLS = 15
PACE_S = 0.25
_MEGABYTE = 1024 * 1024


class Contestant(Struct):
    """A running service with its shop; `grew_by_bytes` is what opening the shop added to its memory."""

    served: Served
    shop: Shop
    database: place.Database
    grew_by_bytes: int


async def http_rows(servers: LocalServers, effort: Effort, directory: Path) -> list[Row | Skipped]:
    """Run the engine alone, with its relay, and the whole service side by side, each over a database of its own."""
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(load())
        tills = max(effort.connections, *effort.baskets)
        alone = await stack.enter_async_context(
            _contestant(servers, directory / "alone", effort.stock_items, tills, fan_out="none")
        )
        rows: list[Row | Skipped] = [*await _tills(sender, alone, effort.baskets, effort), _memory(alone, effort)]
        relayed = await stack.enter_async_context(
            _contestant(servers, directory / "relayed", tills * 2, tills, fan_out="relay")
        )
        busy = min(BUSY_TILLS, max(effort.baskets))
        busy_baskets = {busy: effort.baskets[busy]}
        sold = busy * effort.baskets[busy] * BASKET_ITEMS * (effort.rounds + 1)
        stock = max(min(effort.stock_items, 8_000), sold + tills)
        whole = await stack.enter_async_context(_contestant(servers, directory / "whole", stock, tills, fan_out="all"))
        return [
            *await _against_no_op(sender, alone, relayed, whole, effort),
            *rows,
            *await _tills(sender, whole, busy_baskets, effort, ", everything on"),
            *await _visible(sender, whole, effort),
            *await _rebuild(whole, effort),
        ]


@asynccontextmanager
async def _contestant(
    servers: LocalServers, directory: Path, items: int, tills: int, *, fan_out: str
) -> AsyncIterator[Contestant]:
    url = await place.empty_database(servers.postgres_url)
    settings = {
        "database_url": url,
        "nats_url": servers.nats_url,
        "nats_public_url": servers.nats_public_url,
        "role_passwords": ",".join(place.PASSWORDS),
        "bench": "true",
        "fan_out": fan_out,
    }
    async with service(directory, **settings) as served, Shop(served) as shop:
        process = psutil.Process(served.pid)
        before = process.memory_info().rss
        await shop.open(items=items, tills=tills)
        yield Contestant(served, shop, place.database_of(url), process.memory_info().rss - before)


async def _against_no_op(
    sender: Load, alone: Contestant, relayed: Contestant, whole: Contestant, effort: Effort
) -> list[Row | Skipped]:
    connections, duration_s = effort.connections, effort.http_round_s
    outcomes: dict[str, list[Outcome]] = {"no-op": [], "alone": [], "relayed": [], "whole": [], "checked": []}
    member_token = await whole.shop.take_in_organizer()

    async def one(name: str, plan: Plan) -> float:
        outcome = await sender.run(plan)
        outcomes[name].append(outcome)
        if name in ("whole", "checked"):
            await whole.shop.settle()
        return outcome.per_second

    def by_member(plan: Plan) -> Plan:
        return replace(plan, token=member_token)

    found = await interleaved(
        effort.rounds,
        {
            "no-op": lambda: one("no-op", alone.shop.no_ops(connections, duration_s)),
            "alone": lambda: one("alone", alone.shop.scans_and_removals(connections, duration_s)),
            "relayed": lambda: one("relayed", relayed.shop.scans_and_removals(connections, duration_s)),
            "whole": lambda: one("whole", whole.shop.scans_and_removals(connections, duration_s)),
            "checked": lambda: one("checked", by_member(whole.shop.scans_and_removals(connections, duration_s))),
        },
    )
    rows: list[Row | Skipped] = [
        row(f"HTTP no-op, {connections} connections", "1/s", found["no-op"]),
        row("HTTP command, engine alone", "1/s", found["alone"]),
        row("HTTP command of no-op, engine alone", "ratio", ratios(found["alone"], found["no-op"]), target=OF_NO_OP),
        _latency("HTTP command, engine alone", outcomes["alone"], 0.5),
        _latency("HTTP command, engine alone", outcomes["alone"], 0.99, target=P99_MS),
        _latency("HTTP no-op", outcomes["no-op"], 0.99),
        row("HTTP command, relay and projections on", "1/s", found["whole"]),
        row("HTTP command of no-op, relay and projections on", "ratio", ratios(found["whole"], found["no-op"])),
        _latency("HTTP command, relay and projections on", outcomes["whole"], 0.99),
        row("HTTP command by a member, relay and projections on", "1/s", found["checked"]),
        row(
            "HTTP command by a member of one with a development token",
            "ratio",
            ratios(found["checked"], found["whole"]),
            target=OF_DEVELOPMENT,
        ),
    ]
    relay_cost = [1 - share for share in ratios(found["relayed"], found["alone"])]
    whole_cost = [1 - share for share in ratios(found["whole"], found["alone"])]
    return [
        *rows,
        row("cost of the relay, of HTTP throughput", "ratio", relay_cost, target=RELAY_COSTS, better="lower"),
        row("cost of relay and projections, of HTTP throughput", "ratio", whole_cost),
    ]


def _latency(name: str, outcomes: list[Outcome], share: float, *, target: float | None = None) -> Row:
    """Take the quantile of each round; the first one only warmed up."""
    rounds = [
        quantile(sorted(value for values in outcome.latencies_ms.values() for value in values), share)
        for outcome in outcomes[1:]
    ]
    return row(f"{name}, p{share * 100:.0f}", "ms", rounds, target=target, better="lower")


async def _tills(
    sender: Load, contestant: Contestant, baskets_of: Mapping[int, int], effort: Effort, manner: str = ""
) -> list[Row | Skipped]:
    """Let so many tills sell so many baskets each; where read models are made, they catch up before the next round."""
    rows: list[Row | Skipped] = []
    outcomes: dict[str, list[Outcome]] = {}

    async def one(tills: int, baskets: int) -> float:
        outcome = await sender.run(contestant.shop.sales(tills, baskets))
        if manner:
            await contestant.shop.settle()
        outcomes.setdefault(str(tills), []).append(outcome)
        return len(outcome.latencies_ms["scan"]) / outcome.elapsed_s

    contestants: dict[str, Round] = {str(tills): partial(one, tills, baskets) for tills, baskets in baskets_of.items()}
    found = await interleaved(effort.rounds, contestants)
    for tills in baskets_of:
        busy = tills == BUSY_TILLS and not manner
        label = f"{tills} tills, baskets of {BASKET_ITEMS}{manner}"
        mine = outcomes[str(tills)][1:]
        pays = [len(outcome.latencies_ms["pay"]) / outcome.elapsed_s for outcome in mine]
        rows += [
            row(f"scans, {label}", "1/s", found[str(tills)], target=SCANS_PER_S if busy else None),
            _of_label(f"scan, {label}, p99", mine, "scan", P99_MS if busy else None),
            row(f"checkouts, {label}", "1/s", pays),
            _of_label(f"checkout, {label}, p99", mine, "pay"),
        ]
    return rows


def _of_label(name: str, outcomes: list[Outcome], label: str, target: float | None = None) -> Row:
    figures = [quantile(sorted(outcome.latencies_ms[label]), 0.99) for outcome in outcomes]
    return row(name, "ms", figures, target=target, better="lower")


async def _visible(sender: Load, whole: Contestant, effort: Effort) -> list[Row | Skipped]:
    """At a pace that no cashier reaches, which is what the target is about, and flat out, which only queues."""
    tills = min(BUSY_TILLS, effort.connections)
    rows: list[Row | Skipped] = []
    for manner, pace_s, target in ((f"a scan each {PACE_S} s", PACE_S, VISIBLE_P99_MS), ("flat out", 0.0, None)):
        plan = whole.shop.scans_until_visible(tills, max(effort.http_round_s, 2 * pace_s), pace_s)
        await whole.shop.settle()
        rounds = [sorted((await sender.run(plan)).latencies_ms["visible"]) for _ in range(effort.rounds + 1)][1:]
        name = f"POST to visible in a query, {tills} tills, {manner}"
        rows += [
            row(f"{name}, p50", "ms", [quantile(latencies, 0.5) for latencies in rounds]),
            row(
                f"{name}, p99",
                "ms",
                [quantile(latencies, 0.99) for latencies in rounds],
                target=target,
                better="lower",
            ),
        ]
    return rows


def _memory(alone: Contestant, effort: Effort) -> Row:
    return row(f"memory for {effort.stock_items:,} items", "MB", [alone.grew_by_bytes / _MEGABYTE])


async def _rebuild(whole: Contestant, effort: Effort) -> list[Row | Skipped]:
    connection = await asyncpg.connect(whole.database.administrator_url)
    try:
        await ensure_tables(connection, PROJECTIONS, builds=(0, 1))
    finally:
        await connection.close()
    pool = ProjectorPool(whole.database.projector_url)
    store = PostgresRebuildStore(pool)
    rebuilder = Rebuilder(store=store, log=store, decode=CONSIGN.decode_event)
    figures = []
    try:
        for _ in range(min(effort.rounds, 3)):
            started = time.perf_counter()
            report = await rebuilder.rebuild(ORGANIZATION, ITEMS)
            figures.append(report.events / (time.perf_counter() - started))
    finally:
        await pool.close()
    return [row("rebuild of the items, compared and swapped", "events/s", figures)]
