"""A till as an HTTP client: shoppers that hesitate, change their minds, go to another till and return things.

A till knows by what it was told what must be in its drawer and which number its next receipt bears; an answer that
contradicts it is a command applied twice or lost.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.e2e.answers import Answer, Answers, Caller
from tests.e2e.live_sale import LiveSale, some_id
from tests.e2e.paying_in_steps import PayingInSteps
from tests.support.eventually import eventually

FLOAT_MINOR = 20_000
TAKEN = frozenset({"already_sold", "held_elsewhere", "already_in_basket"})


class Counted(NamedTuple):
    """What the drawer held when the till was closed by count."""

    session: str
    expected_minor: int


class Till:
    """One cashier at one till, from opening to closing by count."""

    taken = TAKEN
    """Why a thing may not be had."""
    roles: Sequence[str] = ("cashier",)

    def __init__(self, name: str, sale: LiveSale, addresses: Sequence[str], answers: Answers, seed: int) -> None:
        self.name = name
        self.sale = sale
        self.chance = random.Random(f"{seed} {name}")
        self.session = some_id(self.chance)
        roles = {sale.organization: self.roles}
        self.caller = Caller(addresses, f"cashier-{name.lower()}", roles, answers, self.chance)
        self.cash_minor = FLOAT_MINOR
        self.total_minor = 0
        self.receipts = 0
        self.refunds = 0
        self.shoppers = 0
        self.unsynced: int | None = None
        """How many sales it holds that it has not uploaded; none while it never sold by itself."""
        self.kept: list[tuple[str, list[str]]] = []
        """Receipts of this session that stand as they were paid, with their tags."""

    @property
    def path(self) -> str:
        return f"{self.sale.path}/sessions/{self.session}"

    async def open(self) -> None:
        body = {"sale": self.sale.sale, "till": self.name, "float_minor": FLOAT_MINOR}
        answer = await self.caller.accepted(f"{self.path}/open", body)
        assert answer.document["next_receipt"] == f"{self.name}-1"

    async def serve_until(self, closing: Callable[[], bool]) -> None:
        """Open, serve shoppers until closing time, and close by count."""
        async with self.caller:
            await self.open()
            while not closing():
                await self.serve_one()
            await self.close()

    async def serve_one(self) -> None:
        """Serve one shopper, from the first scan to whatever comes of it."""
        if self.chance.random() < 0.03:
            await self._receive_fee()
        basket = f"{self.path}/baskets/{some_id(self.chance)}"
        lines = await self._fill(basket)
        self.shoppers += 1
        if not lines:
            return
        if self.chance.random() < 0.15:
            await self.caller.accepted(f"{basket}/suspend", {"note": "forgot the purse"})
            answer = await self.caller.accepted(f"{basket}/recall")
            assert {line["tag"] for line in answer.document["lines"]} == set(lines)
        if self.chance.random() < 0.2:
            await self._haggle(basket, lines)
        if len(lines) > 1 and self.chance.random() < 0.2:
            tag = self.chance.choice(sorted(lines))
            answer = await self.caller.accepted(f"{basket}/remove-line", {"tag": tag})
            del lines[tag]
            self._told(answer.document, lines)
        if self.chance.random() < 0.1:
            await self.caller.accepted(f"{basket}/abandon")
            return
        if not await self._pay(basket, sorted(lines)):
            return
        fate = self.chance.random()
        if fate < 0.15:
            await self._void()
        elif fate < 0.35:
            await self._refund()

    async def sell(self, tag: str) -> None:
        """Sell one thing that must be free."""
        sold = False
        while not sold:
            basket = f"{self.path}/baskets/{some_id(self.chance)}"
            answer = await self.caller.accepted(f"{basket}/scan", {"tag": tag})
            self._told(answer.document, {tag: asked_minor(answer.document["line"])})
            sold = await self._pay(basket, [tag])

    async def close(self) -> Counted:
        """Count the drawer; it must hold what this till knows of."""
        counted = {"counted_minor": self.cash_minor, "unsynced_count": self.unsynced}
        answer = await self.caller.accepted(f"{self.path}/close", counted)
        assert answer.document["expected_minor"] == self.cash_minor
        assert answer.document["difference_minor"] == 0
        return Counted(self.session, self.cash_minor)

    async def _fill(self, basket: str) -> dict[str, int]:
        """Scan a few things, or type one in; return what each tag asks."""
        lines: dict[str, int] = {}
        for _ in range(self.chance.randint(1, 4)):
            if self.chance.random() < 0.03:
                await self._type_in(basket, lines)
                continue
            tag = self.chance.choice(self.sale.tags)
            answer = await self.caller.command(f"{basket}/scan", {"tag": tag})
            if not answer.accepted:
                assert answer.reason in self.taken, answer
                continue
            assert answer.document["line"]["tag"] == tag
            lines[tag] = asked_minor(answer.document["line"])
            self._told(answer.document, lines)
        return lines

    async def _type_in(self, basket: str, lines: dict[str, int]) -> None:
        line, price_minor = some_id(self.chance), self.chance.randint(50, 900)
        typed = {"line": line, "price_minor": price_minor, "description": "no tag", "category": "toys"}
        answer = await self.caller.accepted(f"{basket}/add-manual-line", typed)
        lines[line] = price_minor
        self._told(answer.document, lines)

    async def _haggle(self, basket: str, lines: dict[str, int]) -> None:
        """Take something off a line, or off all of them."""
        body: dict[str, Any] = {"discount": {"rate_ppm": self.chance.randint(1, 200) * 1000}, "reason": "a stain"}
        what = "discount"
        if self.chance.random() < 0.5:
            what, body = "discount-line", {**body, "tag": self.chance.choice(sorted(lines))}
        answer = await self.caller.accepted(f"{basket}/{what}", body)
        self._told(answer.document, lines)

    def _told(self, document: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        """Remember what the basket comes to; a telling that contradicts the tags is wrong."""
        goods_minor = sum(lines.values()) - document["discount_minor"]
        more_minor = document["total_minor"] - goods_minor - document["surcharge_minor"]
        assert 0 <= more_minor <= document["tax_minor"], document
        self.total_minor = document["total_minor"]

    async def _receive_fee(self) -> None:
        """Take a fee, unless it was paid at another till."""
        body = {"participation": self.chance.choice(self.sale.participations), "means": "cash"}
        answer = await self.caller.command(f"{self.path}/receive-fee", body)
        if not answer.accepted:
            assert answer.reason == "fee_not_due", answer
            return
        self.cash_minor += answer.document["amount_minor"] + answer.document["rounding_minor"]

    async def _pay(self, basket: str, tags: list[str]) -> bool:
        """Pay, at once or in steps; give up where a till that was away has sold one of the things."""
        if self.chance.random() < 0.2:
            return await self._pay_in_steps(basket, tags)
        tenders = self._tenders(self.total_minor)
        answer = await self.caller.command(f"{basket}/pay", {"tenders": tenders, "shown_minor": self.total_minor})
        if not answer.accepted:
            if answer.reason == "total_changed":
                assert {error["tag"] for error in answer.document["errors"]} > set(tags), (tags, answer)
            return await self._give_up(basket, answer.reason)
        paid = answer.document
        assert paid["total_minor"] == self.total_minor
        tendered_minor = sum(tender["amount_minor"] for tender in tenders)
        assert tendered_minor == self.total_minor + paid["rounding_minor"] + paid["change_minor"]
        cash_minor = sum(tender["amount_minor"] for tender in tenders if tender["kind"] == "cash")
        self._keep(paid, tags, cash_minor - paid["change_minor"])
        return True

    async def _pay_in_steps(self, basket: str, tags: list[str]) -> bool:
        steps = await PayingInSteps(self.caller, self.path, basket, self.total_minor, self.chance).pay()
        if isinstance(steps, str):
            return await self._give_up(basket, steps)
        if steps.receipt is None:
            await self.caller.accepted(f"{basket}/abandon")
            return False
        self._keep(steps.receipt, tags, steps.drawer_minor)
        return True

    async def _give_up(self, basket: str, reason: str) -> bool:
        # A scan that was refused may have been accepted late, when it came by another process once more.
        assert reason in ("line_lost", "total_changed"), reason
        await self.caller.accepted(f"{basket}/abandon")
        return False

    def _keep(self, paid: Mapping[str, Any], tags: list[str], drawer_minor: int) -> None:
        self.receipts += 1
        assert paid["receipt"] == f"{self.name}-{self.receipts}"
        self.cash_minor += drawer_minor
        self.kept.append((paid["receipt"], tags))

    def _tenders(self, total_minor: int) -> list[dict[str, Any]]:
        note = {"kind": "cash", "amount_minor": (total_minor // 1000 + 1) * 1000}
        card = {"kind": "card", "amount_minor": total_minor}
        split = [{"kind": "card", "amount_minor": max(1, total_minor // 3)}, note]
        return self.chance.choice([[note], [card], split])

    async def _void(self) -> None:
        receipt, _ = self.kept.pop()
        answer = await self.caller.accepted(f"{self.path}/receipts/{receipt}/void", {"reason": "wrong basket"})
        self.cash_minor -= answer.document["cash_back_minor"]

    async def _refund(self) -> None:
        receipt, tags = self.kept.pop(self.chance.randrange(len(self.kept)))
        body: dict[str, Any] = {"tender": "cash", "reason": "does not fit"}
        if self.chance.random() < 0.5:
            body["lines"] = [{"tag": self.chance.choice(tags)}]
        answer = await self.caller.command(f"{self.path}/receipts/{receipt}/refund", body)
        if not answer.accepted:
            # A cashier may not refund to cash what was paid by card alone.
            assert answer.reason in ("tender_needs_role", "cash_too_low"), answer
            return
        self.refunded(answer)

    def refunded(self, answer: Answer) -> None:
        """Remember what was given back."""
        self.refunds += 1
        assert answer.document["refund"] == f"{self.name}-R{self.refunds}"
        self.cash_minor -= answer.document["amount_minor"] + answer.document["rounding_minor"]


def asked_minor(line: Mapping[str, Any]) -> int:
    """Return what the tag asks."""
    price_minor: int = line["price_minor"]
    return int(line.get("asked_minor") or price_minor)


class Load:
    """Several tills at once, until told to close."""

    def __init__(self, sale: LiveSale, answers: Answers, tills: Sequence[Till]) -> None:
        self.answers = answers
        self.sale = sale
        self.tills = tills
        self._closing = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for till in self.tills:
                tasks.create_task(till.serve_until(lambda: self._closing))

    def close(self) -> None:
        """Let every till finish its shopper and count its drawer."""
        self._closing = True

    async def grow(self, by: int = 100, *, within_s: float = 40.0) -> None:
        """Wait until so many more commands were definitely answered."""
        target = len(self.answers.heard) + by
        await eventually(lambda: len(self.answers.heard) >= target, within_s=within_s)

    async def last(self, answers: int, *, at_most_s: float = 2.0) -> None:
        """Go on for so many answers, or for a while where something keeps them from coming."""
        target = len(self.answers.heard) + answers
        try:
            async with asyncio.timeout(at_most_s):
                await eventually(lambda: len(self.answers.heard) >= target, within_s=2 * at_most_s)
        except TimeoutError:
            return

    async def feel(self, *symptoms: str, within_s: float = 20.0) -> None:
        """Wait until a client met one of these symptoms (any at all, if none is named) once more than before."""
        before = self._met(symptoms)
        await eventually(lambda: self._met(symptoms) > before, within_s=within_s)

    def _met(self, symptoms: tuple[str, ...]) -> int:
        return sum(count for name, count in self.answers.retryable.items() if not symptoms or name in symptoms)
