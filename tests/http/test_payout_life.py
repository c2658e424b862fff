"""The whole life of payouts, from the freeze to the next sale; after each step the books say who is owed what.

17 sold toys for 1.00, 2.00 and 3.00, 18 for 1.50, 2.50 and 3.50; a fifth of it is commission, the fee is 3.00. A payout
that is made again costs 0.30.
"""

from typing import Any

import pytest

from tests.support.settled_shop import DEBTOR, Settled, sold_out
from tests.support.shop import SETTINGS, Client, new_id, problem

ADAS_NET_MINOR = 600 - 120 - 300
BENS_NET_MINOR = 750 - 150 - 300
FEE_MINOR = 300
REISSUE_FEE_MINOR = 30
POLICY = {"debtor": DEBTOR, "reissue_fee_minor": REISSUE_FEE_MINOR, "minimum_minor": 100, "forfeit_after_days": 1}
ADA, BEN = 17, 18


class Life:
    """A sold-out sale and its payouts; `position` is that of the last thing that was done."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.client = settled.client
        self.sale = settled.shop.sale
        self.position = 0

    async def done(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.client.done(path, body)
        self.position = answer["position"]
        return answer

    async def of_sale(self, path: str, body: Any = None) -> dict[str, Any]:
        return await self.done(self.settled.path(path), body)

    async def refused(self, path: str, body: Any, reason: str) -> None:
        problem(await self.client.post(self.settled.path(path), body), 409, reason)

    async def payout_of(self, number: int) -> dict[str, Any]:
        """The consignor's last payout."""
        page = await self.settled.answer("/payouts", self.position, sale=self.sale, consignor=number, sort="counter")
        row: dict[str, Any] = page["items"][-1]
        return row

    async def stands(self, number: int, status: str) -> str:
        """Return the number of the consignor's last payout, which must stand there."""
        row = await self.payout_of(number)
        assert row["status"] == status, row
        payout: str = row["payout"]
        return payout

    async def moved(self, payout: str, action: str, body: Any = None) -> dict[str, Any]:
        return await self.of_sale(f"/payouts/{payout}/{action}", body)

    async def batch(self, status: str, *actions: str) -> str:
        """Prepare what is due by bank, go on with it, and return the batch."""
        prepared = await self.of_sale("/payouts/prepare", {"method": "sepa", "execute_on": "2026-11-30"})
        (batch,) = prepared["batches"]
        for action in actions:
            await self.of_sale(f"/payout-batches/{batch['batch']}/{action}")
        row = await self.settled.answer(self.settled.path(f"/payout-batches/{batch['batch']}"), self.position)
        assert row["status"] == status
        name: str = batch["batch"]
        return name

    async def accounts(self, sale: str | None = None) -> dict[str, int]:
        """The balances, which must sum to zero; `ada` and `ben` are what they are owed."""
        books = (await self.settled.answer("/books", self.position, sale=sale or self.sale))["sales"][0]
        assert books["sum_minor"] == 0
        found = {account["account"]: account["balance_minor"] for account in books["accounts"]}
        for name, number in (("ada", ADA), ("ben", BEN)):
            found[name] = -found.get(f"payable/{self.settled.participations[number]}", 0)
        return found

    async def owes(self, ada: int, ben: int, **accounts: int) -> None:
        """Hold the books against what somebody would say in words."""
        found = await self.accounts()
        assert (found["ada"], found["ben"]) == (ada, ben)
        assert {name: found.get(name, 0) for name in accounts} == accounts

    async def till(self) -> str:
        session = new_id()
        await self.done(f"/sessions/{session}/open", {"sale": self.sale, "till": "K9", "float_minor": 10_000})
        return session

    async def close(self, session: str) -> None:
        row = await self.settled.answer(f"/sessions/{session}", self.position)
        await self.done(f"/sessions/{session}/close", {"counted_minor": row["expected_minor"], "reason": "as counted"})


@pytest.fixture
async def life(client: Client) -> Life:
    life = Life(await sold_out(client))
    await life.of_sale("/change-settings", {"settings": {**SETTINGS, "settlement": POLICY}})
    await life.settled.with_details()
    return life


async def test_a_payout_comes_back_is_made_again_and_paid_less_the_fee(life: Life) -> None:
    await life.of_sale("/settlement/freeze", {})
    first = await life.stands(ADA, "due")
    await life.owes(ADAS_NET_MINOR, BENS_NET_MINOR)

    dropped = await life.batch("prepared")
    await life.refused(f"/payouts/{first}/carry", {"reason": "rather not"}, "wrong_payout_status")
    await life.of_sale(f"/payout-batches/{dropped}/drop", {"reason": "wrong day"})
    assert await life.stands(ADA, "due") == first

    bank_minor = (await life.accounts()).get("bank", 0)
    batch = await life.batch("sent", "send")
    await life.refused("/settlement/reopen", {"reason": "too late"}, "payouts_made")
    await life.moved(first, "return", {"reason": "account closed"})
    await life.of_sale(f"/payout-batches/{batch}/confirm")
    assert [await life.stands(ADA, "returned"), await life.stands(BEN, "paid")] == [first, "P2"]
    await life.owes(ADAS_NET_MINOR, 0, bank=bank_minor - BENS_NET_MINOR)

    again = (await life.moved(first, "reissue"))["payout"]
    assert await life.stands(ADA, "due") == again == "P3"
    await life.refused("/change-phase", {"phase": "closed"}, "payouts_open")
    fees_minor = (await life.accounts())["fees"]
    await life.batch("sent", "send", "confirm")
    await life.owes(0, 0, fees=fees_minor - REISSUE_FEE_MINOR)
    left_minor = ADAS_NET_MINOR - REISSUE_FEE_MINOR
    await life.owes(0, 0, bank=bank_minor - BENS_NET_MINOR - left_minor)

    await life.moved(again, "return", {"reason": "this one too"})
    await life.owes(ADAS_NET_MINOR, 0, fees=fees_minor, bank=bank_minor - BENS_NET_MINOR)
    third = (await life.moved(again, "reissue"))["payout"]
    session = await life.till()
    handed = await life.done(f"/sessions/{session}/pay-out", {"payout": third})
    assert handed["fee_minor"] == 2 * REISSUE_FEE_MINOR
    assert handed["cash_minor"] == ADAS_NET_MINOR - 2 * REISSUE_FEE_MINOR
    await life.close(session)
    await life.of_sale("/change-phase", {"phase": "closed"})
    await life.owes(0, 0, fees=fees_minor - 2 * REISSUE_FEE_MINOR)


async def test_what_nobody_fetched_is_not_given_up_before_its_time_and_is_carried_to_the_next_sale(life: Life) -> None:
    await life.of_sale("/settlement/freeze", {})
    payout = await life.stands(ADA, "due")
    await life.moved(payout, "leave", {"reason": "never came"})
    await life.refused("/payouts/forfeit", {"payouts": [payout]}, "forfeit_too_early")
    assert (await life.of_sale("/payouts/forfeit"))["count"] == 0
    await life.moved(payout, "carry", {"reason": "asked for it"})
    await life.moved(await life.stands(BEN, "due"), "carry", {"reason": "asked for it"})
    await life.owes(0, 0, carried=-ADAS_NET_MINOR - BENS_NET_MINOR)
    await life.of_sale("/change-phase", {"phase": "closed"})

    following, adas = new_id(), new_id()
    await life.done(f"/sales/{following}/plan", {"name": "Autumn", "settings": {**SETTINGS, "settlement": POLICY}})
    await life.done(f"/sales/{following}/change-phase", {"phase": "registration"})
    await life.done(f"/participations/{adas}/register", {"sale": following, "number": 5})
    bring = {"participation": adas, "from_sale": life.sale, "from_participation": life.settled.participations[ADA]}
    brought = await life.done(f"/sales/{following}/settlement/bring-forward", bring)
    assert brought["amount_minor"] == ADAS_NET_MINOR
    problem(await life.client.post(f"/sales/{following}/settlement/bring-forward", bring), 409, "nothing_carried")
    for phase in ("drop_off", "live", "pick_up", "settlement"):
        await life.done(f"/sales/{following}/change-phase", {"phase": phase})
    frozen = await life.done(f"/sales/{following}/settlement/freeze", {})
    assert (frozen["figures"]["brought_minor"], frozen["net_minor"]) == (ADAS_NET_MINOR, ADAS_NET_MINOR - FEE_MINOR)
    over_both = (await life.accounts(following))["carried"] + (await life.accounts())["carried"]
    assert over_both == -BENS_NET_MINOR + FEE_MINOR - ADAS_NET_MINOR


async def test_reopening_takes_everything_back_before_money_left_and_a_supplement_follows_after(life: Life) -> None:
    await life.of_sale("/settlement/freeze", {})
    await life.batch("prepared")
    await life.of_sale("/settlement/reopen", {"reason": "a till was forgotten"})
    await life.stands(ADA, "withdrawn")
    adjusted = {"participation": life.settled.participations[BEN], "amount_minor": -250, "reason": "a broken rail"}
    await life.of_sale("/settlement/adjust", adjusted)
    frozen = await life.of_sale("/settlement/freeze", {})
    assert frozen["net_minor"] == ADAS_NET_MINOR + BENS_NET_MINOR - 250
    await life.stands(BEN, "carried")
    await life.owes(ADAS_NET_MINOR, 0, carried=-(BENS_NET_MINOR - 250))

    await life.batch("sent", "send", "confirm")
    session = await life.till()
    tag = life.settled.shop.tags[0]
    refund = {"tender": "cash", "reason": "torn", "lines": [{"tag": tag}]}
    await life.done(f"/sessions/{session}/receipts/K1-1/refund", refund)
    await life.close(session)
    await life.owes(-80, 0)
    more = {"participation": life.settled.participations[BEN], "amount_minor": 400, "reason": "the rail was found"}
    await life.of_sale("/settlement/adjust", more)
    issued = await life.of_sale("/settlement/issue-supplements", {"reason": "what came after"})
    assert (issued["issued"], issued["net_minor"]) == (2, 400 - 80)
    await life.owes(0, 400, carried=-(BENS_NET_MINOR - 250) + 80)
    assert (await life.payout_of(ADA))["amount_minor"] == -80
    assert (await life.payout_of(BEN))["amount_minor"] == 400
    again = await life.of_sale("/settlement/issue-supplements", {"reason": "nothing came after"})
    assert again["issued"] == 0

    row = await life.settled.answer(life.settled.path("/settlement"), life.position)
    assert (row["statements"], row["supplements"]) == (2, 2)
    assert row["net_minor"] == frozen["net_minor"] + issued["net_minor"]
    preview = await life.settled.answer(life.settled.path("/settlement-preview"), life.position)
    assert preview["net_minor"] == preview["stated_minor"] == row["net_minor"]
    await life.batch("sent", "send", "confirm")
    await life.of_sale("/change-phase", {"phase": "closed"})
    await life.owes(0, 0)
