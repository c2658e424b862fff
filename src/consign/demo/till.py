"""One till of the demo: a cashier's real HTTP client, and the shoppers in front of it.

The till counts its own drawer, so that what the service expects in it can be checked against something.
"""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from consign.client import Client, RequestRefused, new_id
from consign.demo.shop import Aside, Bought, Shop, cash_for

FLOAT_MINOR = 10_000
_SAFE_ABOVE_MINOR = 60_000
_FROM_THE_SAFE_MINOR = 20_000
_NOT_THIS_BASKETS = frozenset(("held_elsewhere", "already_sold", "already_in_basket"))

# How often shoppers do what; each a share of the shoppers, of the lines or of the receipts, as the name says.
_OF_LINES_REMOVED = 0.06
_OF_LINES_MISREAD = 0.01
_OF_LINES_TAKEN_TO_TWO_TILLS = 0.03
_OF_SHOPPERS_LEAVING = 0.015
_OF_SHOPPERS_PUT_ASIDE = 0.04
_OF_RECEIPTS_VOIDED = 0.02
_OF_TURNS_RETURNS = 0.08
_OF_RETURNS_REDUCED = 0.25
_OF_PAYMENTS_CARD = 0.35
_OF_PAYMENTS_SPLIT = 0.08
_OF_CLOSES_SHORT = 0.15
_MEAN_BASKET = 4.0
_BASKET_MAX = 20
_SPLIT_FROM_MINOR = 1000


class Till:
    """A cashier at a till; `pace_s` is how long a shopper hesitates on average."""

    def __init__(self, name: str, client: Client, shop: Shop, random: Random, pace_s: float) -> None:
        self.name = name
        self.session = new_id()
        self.drawer_minor = 0
        self.expected_minor = 0
        self.difference_minor = 0
        self._total_minor = 0
        self._client = client
        self._shop = shop
        self._random = random
        self._pace_s = pace_s

    async def open(self, sale: str) -> None:
        body = {"sale": sale, "till": self.name, "float_minor": FLOAT_MINOR}
        await self._client.command(f"/sessions/{self.session}/open", body)
        self.drawer_minor = FLOAT_MINOR

    async def work(self) -> None:
        """Serve whoever comes until the sale has sold enough, then finish the baskets that were put aside."""
        while self._shop.is_open():
            await self._one_turn()
        while (aside := self._shop.aside_for(self.name)) is not None:
            await self._go_on_with(aside)

    async def clear(self) -> None:
        """Finish what was put aside here and nobody else took over."""
        while self._shop.aside:
            await self._go_on_with(self._shop.aside.popleft())

    async def close(self) -> None:
        """Count the drawer; sometimes a coin is missing, and the cashier says so."""
        missing_minor = 50 if self._random.random() < _OF_CLOSES_SHORT else 0
        body = {
            "counted_minor": self.drawer_minor - missing_minor,
            "reason": "a coin is missing" if missing_minor else "",
        }
        answer = await self._client.command(f"/sessions/{self.session}/close", body)
        self.expected_minor = answer["expected_minor"]
        self.difference_minor = answer["difference_minor"]

    async def _one_turn(self) -> None:
        aside = self._shop.aside_for(self.name)
        if aside is not None:
            await self._go_on_with(aside)
        elif self._random.random() < _OF_TURNS_RETURNS and (bought := self._shop.somebody_returns()) is not None:
            await self._take_back(bought)
        else:
            await self._serve()
            self._shop.carried[self.name] = 0
        if self.drawer_minor > _SAFE_ABOVE_MINOR:
            await self._move_cash(FLOAT_MINOR - self.drawer_minor, "to the safe")

    async def _serve(self) -> None:
        """Serve one shopper, from the first scan to whatever it comes to."""
        basket = new_id()
        count = min(_BASKET_MAX, 1 + int(self._random.expovariate(1 / _MEAN_BASKET)))
        wanted = self._shop.take(count)
        self._shop.carried[self.name] = len(wanted)
        twin = self._shop.twin_for(self.name)
        if twin is not None:
            wanted.insert(0, twin)
        scanned = [tag for tag in wanted if await self._scanned(basket, tag, is_twin=tag == twin)]
        if not scanned:
            return
        tags = await self._minds_changed(basket, scanned)
        choice = self._random.random()
        if choice < _OF_SHOPPERS_LEAVING or not tags:
            await self._basket(basket, "abandon")
            self._shop.tally.abandoned += 1
            self._shop.put_back(tags)
        elif choice < _OF_SHOPPERS_LEAVING + _OF_SHOPPERS_PUT_ASIDE:
            await self._basket(basket, "suspend", {"note": "fetches the wallet"})
            self._shop.tally.suspended += 1
            self._shop.carried[self.name] = 0
            self._shop.aside.append(Aside(basket, self.session, self.name, tuple(tags)))
        else:
            await self._pay(basket, tags)

    async def _scanned(self, basket: str, tag: str, *, is_twin: bool) -> bool:
        """Scan one thing and say whether it is in the basket; what another till holds or sold stays theirs."""
        await self._hesitate()
        if self._random.random() < _OF_LINES_MISREAD:
            await self._misread(basket, tag)
        if not is_twin and self._random.random() < _OF_LINES_TAKEN_TO_TWO_TILLS:
            self._shop.twins.append((tag, self.name))
            await self._hesitate()
        tally = self._shop.tally
        tally.scans += 1
        tally.contested += is_twin
        try:
            answer = await self._basket(basket, "scan", {"tag": tag})
        except RequestRefused as refused:
            if refused.reason not in _NOT_THIS_BASKETS:
                raise
            tally.refusals[refused.reason] += 1
            return False
        tally.unchecked += "not_checked_in" in answer["warnings"]
        self._total_minor = answer["total_minor"]
        return True

    async def _misread(self, basket: str, tag: str) -> None:
        """The scanner swaps a digit; the check digit tells."""
        wrong = tag[:-1] + str((int(tag[-1]) + 1) % 10)
        try:
            await self._basket(basket, "scan", {"tag": wrong})
        except RequestRefused as refused:
            self._shop.tally.refusals[refused.reason] += 1
        else:
            raise AssertionError(f"the misread tag {wrong} was sold")

    async def _minds_changed(self, basket: str, tags: Sequence[str]) -> list[str]:
        """Take out what the shopper does not want after all."""
        kept = []
        for tag in tags:
            if self._random.random() >= _OF_LINES_REMOVED:
                kept.append(tag)
                continue
            await self._hesitate()
            answer = await self._basket(basket, "remove-line", {"tag": tag})
            self._total_minor = answer["total_minor"]
            self._shop.tally.removed += 1
            self._shop.put_back([tag])
        return kept

    async def _go_on_with(self, aside: Aside) -> None:
        answer = await self._basket(aside.basket, "recall", {"from_session": aside.session})
        self._total_minor = answer["total_minor"]
        self._shop.tally.recalled += 1
        await self._pay(aside.basket, aside.tags)

    async def _pay(self, basket: str, tags: Sequence[str]) -> None:
        await self._hesitate()
        tenders = self._tenders(self._total_minor)
        answer = await self._basket(basket, "pay", {"tenders": tenders})
        cash_minor = sum(tender["amount_minor"] for tender in tenders if tender["kind"] == "cash")
        cash_kept_minor = cash_minor - answer["change_minor"] if cash_minor else 0
        self.drawer_minor += cash_kept_minor
        shop = self._shop
        shop.carried[self.name] = 0
        shop.tally.receipts += 1
        shop.tally.split += len(tenders) > 1
        if self._random.random() < _OF_RECEIPTS_VOIDED:
            await self._void(answer["receipt"], cash_kept_minor, tags)
            return
        shop.count_sold(len(tags))
        shop.bought.append(Bought(answer["receipt"], tuple(tags), tenders[0]["kind"]))

    def _tenders(self, total_minor: int) -> list[dict[str, Any]]:
        choice = self._random.random()
        if choice < _OF_PAYMENTS_CARD:
            return [{"kind": "card", "amount_minor": total_minor, "reference": f"terminal-{self.name}"}]
        if choice < _OF_PAYMENTS_CARD + _OF_PAYMENTS_SPLIT and total_minor >= _SPLIT_FROM_MINOR:
            card_minor = total_minor // 2
            rest_minor = cash_for(total_minor - card_minor, self._random)
            return [{"kind": "card", "amount_minor": card_minor}, {"kind": "cash", "amount_minor": rest_minor}]
        return [{"kind": "cash", "amount_minor": cash_for(total_minor, self._random)}]

    async def _void(self, receipt: str, cash_minor: int, tags: Sequence[str]) -> None:
        path = f"/sessions/{self.session}/receipts/{receipt}/void"
        answer = await self._client.command(path, {"reason": "rung up for the wrong shopper"})
        assert answer["cash_back_minor"] == cash_minor
        self.drawer_minor -= cash_minor
        self._shop.tally.voided += 1
        self._shop.put_back(tags)

    async def _take_back(self, bought: Bought) -> None:
        """Pay back one thing, or a part of its price where the shopper keeps it."""
        tag = self._random.choice(bought.tags)
        line: dict[str, Any] = {"tag": tag}
        is_reduced = self._random.random() < _OF_RETURNS_REDUCED
        if is_reduced:
            line["amount_minor"] = 50
        body = {"tender": bought.tender, "reason": "a button is missing", "lines": [line], "returned_to": "floor"}
        path = f"/sessions/{self.session}/receipts/{bought.receipt}/refund"
        try:
            answer = await self._client.command(path, body)
        except RequestRefused as refused:
            if refused.reason != "cash_too_low":
                raise
            await self._move_cash(_FROM_THE_SAFE_MINOR, "from the safe")
            answer = await self._client.command(path, body)
        if bought.tender == "cash":
            self.drawer_minor -= answer["amount_minor"] + answer["rounding_minor"]
        if is_reduced:
            self._shop.tally.reductions += 1
            return
        self._shop.tally.returned += 1
        self._shop.count_sold(-1)
        self._shop.put_back([tag])

    async def _move_cash(self, amount_minor: int, reason: str) -> None:
        body = {"amount_minor": amount_minor, "reason": reason}
        await self._client.command(f"/sessions/{self.session}/move-cash", body)
        self.drawer_minor += amount_minor

    async def _basket(self, basket: str, what: str, body: dict[str, Any] | None = None) -> Any:
        return await self._client.command(f"/sessions/{self.session}/baskets/{basket}/{what}", body)

    async def _hesitate(self) -> None:
        if self._pace_s:
            await asyncio.sleep(self._random.expovariate(1 / self._pace_s))
