"""Setting up a live sale over HTTP: an organization, consignors, items that are checked in."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tests.e2e.answers import Answers, Caller

ORGANIZER = "organizer"
CURRENCY = "EUR"
KEPT_BACK = 5
CASH_ROUNDING_MINOR = 5
SETTINGS: dict[str, Any] = {
    "commission": {
        "default": {"rate_ppm": 200_000},
        "by_category": {"books": {"rate_ppm": 125_000, "fixed_minor": 5}},
        "basis": "consignor",
        "mode": "half_up",
    },
    "categories": [
        {"code": "toys", "name": "Toys", "tax": {"rate_ppm": 190_000, "included": True}},
        {"code": "books", "name": "Books", "tax": {"rate_ppm": 70_000, "included": False}},
    ],
    "surcharge": {"rate_ppm": 15_000, "fixed_minor": 3},
    "discount_limits_ppm": {"cashier": 200_000},
    "price_step_minor": 1,
    "cash_rounding_minor": CASH_ROUNDING_MINOR,
    "fee_minor": 300,
    "hold_duration_s": 3600,
}


class LiveSale:
    """A sale that sells, and who may act in it."""

    def __init__(self, organization: str, sale: str, prices: Mapping[str, int], participations: Sequence[str]) -> None:
        tags = list(prices)
        self.organization = organization
        self.sale = sale
        self.prices = prices
        """What the tag of each thing asks."""
        self.participations = list(participations)
        self.tags = list(tags[KEPT_BACK:])
        self.kept_back = list(tags[:KEPT_BACK])
        """Items that shoppers leave alone: tests sell them themselves."""

    @property
    def path(self) -> str:
        return organization_path(self.organization)


def organization_path(organization: str) -> str:
    return f"/api/v1/organizations/{organization}"


def some_id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def organizer(
    addresses: Sequence[str], organization: str, answers: Answers, chance: random.Random, account: str = ORGANIZER
) -> Caller:
    """Return whoever may do everything in the organization, and found it."""
    roles = {"platform": ["operator"], organization: ["organizer", "auditor", "integrator"]}
    return Caller(addresses, account, roles, answers, chance)


async def found_organization(caller: Caller, organization: str) -> None:
    body = {"organization": organization, "name": organization.title(), "currency": CURRENCY}
    await caller.accepted("/api/v1/organizations", body)


async def go_live(
    caller: Caller, organization: str, *, consignors: int = 6, items: int = 120, settings: dict[str, Any] | None = None
) -> LiveSale:
    """Found the organization and bring a sale to where its tills may open."""
    chance = caller.chance
    consignors = max(consignors, items // 300 + 1)  # nobody has more than 999 numbers
    await found_organization(caller, organization)
    sale = some_id(chance)
    path = f"{organization_path(organization)}/sales/{sale}"
    await caller.accepted(f"{path}/plan", {"name": "Autumn", "number": 7, "settings": settings or SETTINGS})
    await caller.accepted(f"{path}/change-phase", {"phase": "registration"})
    rows: list[dict[str, Any]] = [
        {"row": number, "participation": some_id(chance), "number": number, "profile": {"name": f"Consignor {number}"}}
        for number in range(1, consignors + 1)
    ]
    await caller.accepted(f"{path}/import-consignors", {"rows": rows})
    offers = [
        {
            "row": row,
            "consignor": chance.randint(1, consignors),
            "category": chance.choice(["toys", "books"]),
            "description": f"Thing {row}",
            "price_minor": chance.randint(50, 3000),
        }
        for row in range(items)
    ]
    listed = await caller.accepted(f"{path}/import-items", {"rows": offers, "currency": CURRENCY})
    assert not listed.document["errors"], listed.document
    tags = [row["tag"] for row in listed.document["listed"]]
    await caller.accepted(f"{path}/change-phase", {"phase": "drop_off"})
    for start in range(0, len(tags), 500):
        await caller.accepted(f"{path}/check-in-items", {"tags": tags[start : start + 500]})
    await caller.accepted(f"{path}/change-phase", {"phase": "live"})
    prices = {row["tag"]: offers[row["row"]]["price_minor"] for row in listed.document["listed"]}
    return LiveSale(organization, sale, prices, [row["participation"] for row in rows])
