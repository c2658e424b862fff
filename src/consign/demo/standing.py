"""A small sale that is live, for whoever starts the service on an empty data directory: everything can be scanned."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID, uuid5

from consign.client import Client, RequestRefused
from consign.demo.brought import as_row, consignors, items
from consign.demo.rules import regulations, sale_settings

ORGANIZATION = "demo"
SALE = "0193e4c2-7a10-7000-8000-00000000da1e"
SALE_NUMBER = 1
CONSIGNORS = 20
ITEMS = 300

_SEED = 1
_TAGS_SHOWN = 3
_PHASES_OF_MAKING = frozenset({"draft", "registration", "drop_off"})


class StandingSale(NamedTuple):
    """What a visitor needs to scan something."""

    sale: str
    tags: Sequence[str]


async def standing_sale(client: Client) -> StandingSale:
    """Return the demo organization's sale and tags of things on its floor, after making whatever is missing.

    Every step has a key of its own that never changes, so that a start that was killed half-way is gone on with.
    `client` speaks for an operator of the platform who is an organizer of the demo organization as well.
    """
    await found(client)
    if not await _is_made(client):
        await _make(client)
    floor = await client.get("/items", sale=SALE, status="on_floor", sort="listed_position", limit=_TAGS_SHOWN)
    return StandingSale(SALE, [row["tag"] for row in floor["items"]])


async def _is_made(client: Client) -> bool:
    """Whether the last step was done once; what visitors did with the sale since then is theirs."""
    try:
        sale = await client.get(f"/sales/{SALE}")
    except RequestRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return str(sale["phase"]) not in _PHASES_OF_MAKING


async def _make(client: Client) -> None:
    path = f"/sales/{SALE}"
    plan = {"name": "Clothing and toy bourse", "number": SALE_NUMBER, "settings": sale_settings()}
    await client.command(f"{path}/plan", plan, key=_key("plan"))
    await _move(client, "registration")
    people = [
        {"row": each.number, "number": each.number, "profile": {"name": each.name, "email": each.email}}
        for each in consignors(CONSIGNORS, _SEED)
    ]
    await client.command(f"{path}/import-consignors", {"rows": people}, key=_key("consignors"))
    rows = [as_row(item, row) for row, item in enumerate(items(CONSIGNORS, ITEMS, _SEED), 1)]
    listed = await client.command(f"{path}/import-items", {"rows": rows}, key=_key("items"))
    tags = [row["tag"] for row in listed["listed"]]
    await _move(client, "drop_off")
    await client.command(f"{path}/check-in-items", {"tags": tags}, key=_key("check-in"))
    await _move(client, "live")


async def found(client: Client) -> None:
    """See to it that the client's organization is there; saying the same of it twice changes nothing."""
    organization = client.organization
    body = {
        "organization": organization,
        "name": organization.capitalize(),
        "currency": regulations().currency,
        "time_zone": "Europe/Paris",
    }
    await client.platform_command("/organizations", body)


async def _move(client: Client, phase: str) -> None:
    await client.command(f"/sales/{SALE}/change-phase", {"phase": phase}, key=_key(phase))


def _key(step: str) -> UUID:
    return uuid5(UUID(SALE), step)
