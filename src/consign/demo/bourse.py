"""A whole sale by real rules, over HTTP: import, check-in, selling at many tills at once, closing, settlement."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from random import Random
from typing import Any, Protocol

from msgspec import Struct

from consign.client import Client, new_id
from consign.demo.brought import Brought, as_row, consignors, items
from consign.demo.rules import goods, sale_settings, share_sold
from consign.demo.shop import Shop
from consign.demo.standing import found
from consign.demo.till import Till

CHUNK_ROWS = 500
TOGETHER_AT_THE_DOOR = 4

_OF_ITEMS_REFUSED = 0.01
_OF_ITEMS_PASSED_BY = 0.01

type Tokens = Callable[[str, str], str]
"""Gives an account a token with one role in the organization (an organizer's is also an operator's)."""


class Plan(Struct, frozen=True, kw_only=True):
    """How large the sale is; the same seed brings the same things at the same prices.

    What happens at the tills differs from run to run all the same: they really work at once.
    """

    consignors: int = 160
    items: int = 2600
    tills: int = 8
    seed: int = 1
    pace_s: float = 0.01


class Watch(Protocol):
    """Is told how the sale goes on."""

    def stage(self, name: str, total: int) -> None:
        """A new stage begins, with so much to do."""
        ...

    def reached(self, done: int, remark: str = "") -> None:
        """So much of the stage is done."""
        ...


class Held(Struct, frozen=True):
    """A sale that was held: what it was, and what its own people saw of it."""

    sale: str
    brought: int
    refused: int
    passed_by: int
    tills: Sequence[Till]
    shop: Shop


async def hold_sale(url: str, organization: str, tokens: Tokens, plan: Plan, watch: Watch) -> Held:
    """Hold a fresh sale up to the phase of settlement; raises ClientError where the service fails or refuses."""
    async with AsyncExitStack() as stack:
        organizer = await stack.enter_async_context(Client(url, tokens("organizer", "organizer"), organization))
        await found(organizer)
        sale = new_id()
        await _plan_sale(organizer, sale, plan, watch)
        tags = await _list_items(organizer, sale, plan, watch)
        random = Random(f"door-{plan.seed}")
        refused, passed_by = await _check_in(organizer, sale, tags, random, watch)
        to_sell = round(len(tags) * share_sold())
        shop = Shop([tag for tag in tags if tag not in refused], to_sell, Random(f"floor-{plan.seed}"))
        names = [f"K{number}" for number in range(1, plan.tills + 1)]
        tills = []
        for name in names:
            token = tokens(f"cashier-{name.lower()}", "cashier")
            client = await stack.enter_async_context(Client(url, token, organization))
            tills.append(Till(name, client, shop, Random(f"{name}-{plan.seed}"), plan.pace_s))
        await _phase(organizer, sale, "live")
        await _sell(tills, sale, shop, to_sell, watch)
        await _phase(organizer, sale, "pick_up")
        await _phase(organizer, sale, "settlement")
        return Held(sale, len(tags), len(refused), len(passed_by), tills, shop)


async def _plan_sale(organizer: Client, sale: str, plan: Plan, watch: Watch) -> None:
    await organizer.command(f"/sales/{sale}/plan", {"name": f"Bourse {plan.seed}", "settings": sale_settings()})
    await _phase(organizer, sale, "registration")
    people = consignors(plan.consignors, plan.seed)
    watch.stage("consignors register", len(people))
    for begin in range(0, len(people), CHUNK_ROWS):
        rows = [
            {"row": each.number, "number": each.number, "profile": {"name": each.name, "email": each.email}}
            for each in people[begin : begin + CHUNK_ROWS]
        ]
        answer = await organizer.command(f"/sales/{sale}/import-consignors", {"rows": rows})
        _no_errors(answer)
        watch.reached(begin + len(rows))


async def _list_items(organizer: Client, sale: str, plan: Plan, watch: Watch) -> dict[str, Brought]:
    """List everything that is brought; return it by tag."""
    brought = items(plan.consignors, plan.items, plan.seed)
    watch.stage(f"items are listed in {len(goods())} categories", len(brought))
    tags: dict[str, Brought] = {}
    for begin in range(0, len(brought), CHUNK_ROWS):
        rows = [as_row(item, row) for row, item in enumerate(brought[begin : begin + CHUNK_ROWS], begin)]
        answer = await organizer.command(f"/sales/{sale}/import-items", {"rows": rows, "currency": "EUR"})
        _no_errors(answer)
        tags.update((row["tag"], brought[row["row"]]) for row in answer["listed"])
        watch.reached(len(tags))
    return tags


def _no_errors(answer: Any) -> None:
    if answer["errors"]:
        raise AssertionError(f"the made-up rows break the rules of the sale: {answer['errors'][:3]}")


async def _check_in(
    organizer: Client, sale: str, tags: dict[str, Brought], random: Random, watch: Watch
) -> tuple[set[str], set[str]]:
    """Check in consignor by consignor; return what was refused, and what was carried in past the desk."""
    await _phase(organizer, sale, "drop_off")
    by_consignor: dict[int, list[str]] = {}
    for tag, item in tags.items():
        by_consignor.setdefault(item.consignor, []).append(tag)
    refused = {tag for tag in tags if random.random() < _OF_ITEMS_REFUSED}
    passed_by = {tag for tag in tags if tag not in refused and random.random() < _OF_ITEMS_PASSED_BY}
    watch.stage("items are checked in", len(tags))
    done = 0
    at_the_desk = asyncio.Semaphore(TOGETHER_AT_THE_DOOR)

    async def check_in(consignor: int, theirs: Sequence[str]) -> None:
        nonlocal done
        async with at_the_desk:
            for tag in refused.intersection(theirs):
                await organizer.command(f"/sales/{sale}/items/{tag}/refuse", {"reason": "stained"})
            if passed_by.isdisjoint(theirs):
                await organizer.command(f"/sales/{sale}/check-in-consignor", {"consignor": consignor})
            elif seen := [tag for tag in theirs if tag not in passed_by and tag not in refused]:
                await organizer.command(f"/sales/{sale}/check-in-items", {"tags": seen})
            done += len(theirs)
            watch.reached(done)

    async with asyncio.TaskGroup() as desk:
        for consignor, theirs in by_consignor.items():
            desk.create_task(check_in(consignor, theirs))
    return refused, passed_by


async def _sell(tills: Sequence[Till], sale: str, shop: Shop, to_sell: int, watch: Watch) -> None:
    """Open every till, sell at all of them at once, close them by count."""
    watch.stage(f"{len(tills)} tills sell", to_sell)

    def told() -> None:
        tally = shop.tally
        watch.reached(shop.sold, f"{tally.receipts} receipts, {sum(tally.refusals.values())} scans refused")

    shop.on_change = told
    for till in tills:
        await till.open(sale)
    await _all(till.work() for till in tills)
    for till in tills:
        await till.clear()
    await _all(till.close() for till in tills)


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(work)


async def _phase(organizer: Client, sale: str, phase: str) -> None:
    await organizer.command(f"/sales/{sale}/change-phase", {"phase": phase})
