"""Settling a sale whose tills are closed: statements, cheques, and every step said twice at once."""

import asyncio
from typing import Any

from tests.e2e.answers import Answer, Caller
from tests.e2e.live_sale import LiveSale


async def settle(caller: Caller, sale: LiveSale) -> None:
    """Freeze, pay out by cheque and close; whoever says a thing twice at once gets it once."""
    path = f"{sale.path}/sales/{sale.sale}"
    await caller.accepted(f"{path}/change-phase", {"phase": "pick_up"})
    await _clear_the_floor(caller, sale)
    await caller.accepted(f"{path}/change-phase", {"phase": "settlement"})
    for conflict in await _rows(caller, sale, "/conflicts", status="open"):
        if conflict["line"] is None:
            await caller.accepted(f"{path}/conflicts/{conflict['conflict']}/accept", {"reason": "it was away"})
    for kept in await _rows(caller, sale, f"/sales/{sale.sale}/quarantine", status="waiting"):
        await caller.accepted(f"{path}/quarantine/{kept['quarantine']}/discard", {"reason": "torn"})
    for line in await _rows(caller, sale, "/manual-lines", status="unmatched"):
        await caller.accepted(f"{path}/manual-lines/{line['line']}/keep", {"reason": "nobody missed it"})
    for owed in await _rows(caller, sale, "/payments", owes="true"):
        back = {"amount_minor": owed["owed_minor"], "reference": f"RF-{owed['payment']}"}
        await _twice(caller, f"{path}/payments/{owed['payment']}/record-refund", back)
    await _twice(caller, f"{path}/settlement/freeze", {})
    for participation in sale.participations:
        details = {"sale": sale.sale, "details": {"name": "Consignor"}}
        await caller.accepted(f"{sale.path}/participations/{participation}/change-payout-details", details)
    if not await _rows(caller, sale, "/payouts", status="due"):
        return
    prepared = await caller.accepted(f"{path}/payouts/prepare", {"method": "cheque", "first_cheque": 1})
    for batch in prepared.document["batches"]:
        at = f"{path}/payout-batches/{batch['batch']}"
        await caller.accepted(f"{at}/send")
        first, second = await _twice(caller, f"{at}/confirm", {})
        assert {first.document["count"], second.document["count"]} == {0, batch["count"]}
    await caller.accepted(f"{path}/change-phase", {"phase": "closed"})


async def _clear_the_floor(caller: Caller, sale: LiveSale) -> None:
    """Give up what nobody finds, hand some of the rest back, and give some of it away."""
    path = f"{sale.path}/sales/{sale.sale}"
    missing = [row["tag"] for row in await _rows(caller, sale, "/items", status="missing")]
    if missing:
        await caller.accepted(f"{path}/lose-items", {"tags": missing[:500], "reason": "nobody found it"})
    left = [row["tag"] for row in await _rows(caller, sale, "/items", status="on_floor")][:500]
    if len(left) > 1:
        half = len(left) // 2
        await caller.accepted(f"{path}/collect-items", {"tags": left[:half]})
        await caller.accepted(f"{path}/donate-items", {"tags": left[half:]})


async def _twice(caller: Caller, path: str, body: dict[str, Any]) -> list[Answer]:
    return list(await asyncio.gather(caller.accepted(path, body), caller.accepted(path, body)))


async def _rows(caller: Caller, sale: LiveSale, path: str, **filters: Any) -> list[dict[str, Any]]:
    """Return a list as of the newest thing that anybody was told."""
    position = max(answer.position for answer in caller.answers.accepted)
    found: list[dict[str, Any]] = []
    of_sale = {} if path.startswith("/sales/") else {"sale": sale.sale}
    paging: dict[str, Any] = {**of_sale, "limit": 200, "after_position": position, **filters}
    while True:
        response = await caller.query(f"{sale.path}{path}", **paging)
        assert response.status_code == 200, response.text
        page = response.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        paging["cursor"] = page["next_cursor"]
