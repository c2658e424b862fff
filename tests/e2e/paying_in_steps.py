"""A shopper who pays in steps: some cash, a card through a provider that answers or does not, and second thoughts."""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.e2e.answers import Caller
from tests.e2e.live_sale import CASH_ROUNDING_MINOR, some_id


class Steps(NamedTuple):
    """What came of it: `receipt` is None where paying was cancelled; `drawer_minor` is what stayed in the drawer."""

    receipt: Mapping[str, Any] | None
    drawer_minor: int


class PayingInSteps:
    """One basket of a till's; `total_minor` is what the till showed."""

    def __init__(self, caller: Caller, session: str, basket: str, total_minor: int, chance: random.Random) -> None:
        self._caller = caller
        self._session = session
        self._basket = basket
        self._total_minor = total_minor
        self._chance = chance
        self._cash_minor = 0

    async def pay(self) -> Steps | str:
        """Pay, or return why the basket cannot be paid as it was shown."""
        begun = await self._caller.command(f"{self._basket}/begin-paying", {"shown_minor": self._total_minor})
        if not begun.accepted:
            return begun.reason
        assert begun.document["total_minor"] == self._total_minor
        assert begun.document["receipt"] is None
        coins_minor = self._total_minor // 3 // CASH_ROUNDING_MINOR * CASH_ROUNDING_MINOR
        if coins_minor:
            taken = await self._take_cash(coins_minor)
            assert taken["receipt"] is None
        if self._chance.random() < 0.2:
            return await self._cancel(0)
        payment = some_id(self._chance)
        asked = {"payment": payment, "provider": "sumup"}
        answer = (await self._caller.accepted(f"{self._basket}/request-payment", asked)).document
        due_minor = self._total_minor - self._cash_minor
        assert answer["waiting_minor"] == due_minor
        path = f"{self._session}/payments/{payment}"
        approval = {"reference": f"TX-{payment}"}
        fate = self._chance.random()
        if fate < 0.5:
            approved = (await self._caller.accepted(f"{path}/approve", approval)).document
            assert approved["status"] == "approved"
            return await self._paid(approved, by_provider_minor=due_minor)
        if fate < 0.75:
            await self._caller.accepted(f"{path}/decline", {"reason": "insufficient funds"})
            return await self._paid(await self._take_note())
        await self._caller.accepted(f"{path}/cancel", {"reason": "takes too long"})
        steps = await self._paid(await self._take_note())
        late = (await self._caller.accepted(f"{path}/approve", approval)).document
        assert (late["receipt"], late["owed_minor"]) == (None, due_minor)
        return steps

    async def _take_note(self) -> Mapping[str, Any]:
        return await self._take_cash((self._total_minor // 1000 + 1) * 1000)

    async def _take_cash(self, amount_minor: int) -> Mapping[str, Any]:
        tender = {"tender": some_id(self._chance), "kind": "cash", "amount_minor": amount_minor}
        answer = await self._caller.command(f"{self._basket}/take-tenders", {"tenders": [tender]})
        if not answer.accepted:
            assert answer.reason == "line_lost", answer
            return {"receipt": None, "lost": answer.document["errors"]}
        self._cash_minor += amount_minor
        return answer.document

    async def _paid(self, answer: Mapping[str, Any], *, by_provider_minor: int = 0) -> Steps:
        """Take the receipt, unless a till that was away has sold one of the things."""
        receipt = answer["receipt"]
        if receipt is None:
            assert answer["lost"], answer
            return await self._cancel(by_provider_minor)
        assert receipt["total_minor"] == self._total_minor
        return Steps(receipt, self._cash_minor - receipt["change_minor"])

    async def _cancel(self, by_provider_minor: int) -> Steps:
        reason = {"reason": "second thoughts"}
        answer = (await self._caller.accepted(f"{self._basket}/cancel-paying", reason)).document
        back = answer["cash_back_minor"], answer["provider_back_minor"]
        assert back == (self._cash_minor, by_provider_minor), answer
        return Steps(None, 0)
