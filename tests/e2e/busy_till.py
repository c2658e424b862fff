"""A till where everything happens: vouchers, cash for other tills, things nobody finds, hours without the service."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.e2e.answers import Answer
from tests.e2e.live_sale import some_id
from tests.e2e.till import Counted, Till

NOT_LEFT = frozenset({"session_closed", "unknown_session", "transfer_ended", "unknown_transfer"})


class BusyTill(Till):
    """Sells as every till does; `inbox` is cash that others sent, by transfer and session."""

    taken = frozenset({*Till.taken, "item_missing"})
    roles = ("cashier", "volunteer")
    tellers: Sequence["BusyTill"] = ()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.inbox: list[tuple[str, str, int]] = []
        self._sent: list[tuple[str, int]] = []
        self._vouchers: dict[str, int] = {}
        self._missed: list[str] = []
        self._used: set[str] = set()

    async def serve_one(self) -> None:
        """Serve a shopper, or do something else."""
        await self._receive()
        kind = self.chance.random()
        if kind < 0.05:
            await self._sell_voucher()
        elif kind < 0.08:
            await self._send_cash()
        elif kind < 0.14:
            await self._sell_away()
        elif kind < 0.19:
            await self._search()
        else:
            await super().serve_one()

    async def close(self) -> Counted:
        """Count what is in the drawer, once no cash is on its way any more."""
        await self._receive()
        for transfer, amount_minor in self._sent:
            body = {"transfer": transfer, "reason": "closing time"}
            answer = await self.caller.command(f"{self.path}/take-cash-back", body)
            self._may_be_refused(answer, NOT_LEFT)
            self.cash_minor += amount_minor if answer.accepted else 0
        return await super().close()

    async def _sell_voucher(self) -> None:
        amount_minor = self.chance.randint(100, 600) * 5
        cash = {"tenders": [{"kind": "cash", "amount_minor": amount_minor}], "amount_minor": amount_minor}
        voucher = (await self.caller.accepted(f"{self.path}/sell-voucher", cash)).document["voucher"]
        if self.chance.random() < 0.2:
            await self.caller.accepted(f"{self.path}/take-voucher-back", {"voucher": voucher, "reason": "no, thanks"})
            return
        self.cash_minor += amount_minor
        self._vouchers[voucher] = amount_minor

    def _tenders(self, total_minor: int) -> list[dict[str, Any]]:
        """Pay by a voucher as far as it goes, if there is one."""
        if not self._vouchers or not total_minor or self.chance.random() < 0.5:
            return super()._tenders(total_minor)
        voucher, balance_minor = self._vouchers.popitem()
        used_minor = min(balance_minor, total_minor)
        tenders: list[dict[str, Any]] = [{"kind": "voucher", "amount_minor": used_minor, "reference": voucher}]
        if used_minor < total_minor:
            tenders.append({"kind": "card", "amount_minor": total_minor - used_minor})
        return tenders

    async def _refund(self) -> None:
        """Give back a part of what something cost, or as every till does."""
        if self.chance.random() < 0.5:
            await super()._refund()
            return
        receipt, tags = self.chance.choice(self.kept)
        part = {"tag": self.chance.choice(tags), "amount_minor": self.chance.randint(1, 60)}
        body = {"tender": "cash", "reason": "a button is missing", "lines": [part]}
        answer = await self.caller.command(f"{self.path}/receipts/{receipt}/refund", body)
        self._may_be_refused(answer, {"tender_needs_role", "cash_too_low", "refund_too_high"})
        if answer.accepted:
            self.kept = [each for each in self.kept if each[0] != receipt]  # it can be voided no longer
            self.refunded(answer)

    async def _send_cash(self) -> None:
        other = self.chance.choice([each for each in self.tellers if each is not self])
        transfer, amount_minor = some_id(self.chance), self.chance.randint(1, 40) * 5
        body = {"transfer": transfer, "to_session": other.session, "amount_minor": amount_minor, "reason": "coins"}
        answer = await self.caller.command(f"{self.path}/send-cash", body)
        self._may_be_refused(answer, {*NOT_LEFT, "cash_too_low"})
        if answer.accepted:
            self.cash_minor -= amount_minor
            self._sent.append((transfer, amount_minor))
            other.inbox.append((transfer, self.session, amount_minor))

    async def _receive(self) -> None:
        while self.inbox:
            transfer, session, amount_minor = self.inbox.pop()
            body = {"transfer": transfer, "from_session": session, "counted_minor": amount_minor}
            answer = await self.caller.command(f"{self.path}/receive-cash", body)
            self._may_be_refused(answer, NOT_LEFT)
            self.cash_minor += amount_minor if answer.accepted else 0

    async def _search(self) -> None:
        """Say of something that it is not where it should be, or that it is there again."""
        sale = f"{self.sale.path}/sales/{self.sale.sale}"
        if self._missed and self.chance.random() < 0.5:
            await self.caller.accepted(f"{sale}/find-items", {"tags": [self._missed.pop()]})
            return
        tag = self.chance.choice(self.sale.tags)
        answer = await self.caller.command(f"{sale}/miss-items", {"tags": [tag]})
        if answer.accepted and answer.document["tags"]:
            self._missed.append(tag)

    async def _sell_away(self) -> None:
        """Sell a few things by the till's own catalogue and numbers, then upload them, twice."""
        sales = [self._sold_away() for _ in range(self.chance.randint(1, 3))]
        if self.chance.random() < 0.2:
            sales.insert(self.chance.randrange(len(sales) + 1), {"torn": self.chance.getrandbits(60)})
        body = {
            "session": self.session,
            "till": self.name,
            "cashier": self.caller.account,
            "sent_at": _now(),
            "sales": sales,
            "unsynced": 0,
        }
        self.unsynced = 0
        path = f"{self.sale.path}/sales/{self.sale.sale}/offline-sales"
        first = await self.caller.accepted(path, body)
        outcomes = ["quarantined" if "torn" in each else "received" for each in sales]
        assert [each["outcome"] for each in first.document["sales"]] == outcomes, first.document
        assert first.document["next_receipt"] == f"{self.name}-{self.receipts + 1}"
        again = await self.caller.accepted(path, {**body, "sent_at": _now()})
        assert {each["outcome"] for each in again.document["sales"]} <= {"known", "quarantined"}

    def _sold_away(self) -> dict[str, Any]:
        tags = {self.chance.choice(self.sale.tags) for _ in range(self.chance.randint(1, 2))}
        wrong_minor = self.chance.choice([0, 0, 0, 10, -10])
        prices = {tag: self.sale.prices[tag] + wrong_minor for tag in sorted(tags)}
        total_minor = sum(prices.values())
        kind = self.chance.choice(["cash", "card"])
        self.receipts += 1
        sale: dict[str, Any] = {
            "sale_id": some_id(self.chance),
            "counter": self.receipts,
            "lines": [{"tag": tag, "price_minor": price_minor} for tag, price_minor in prices.items()],
            "tenders": [{"kind": kind, "amount_minor": total_minor}],
            "total_minor": total_minor,
            "occurred_at": _now(),
        }
        if self.chance.random() < 0.15:
            return {**sale, "voided": {"reason": "rung up twice"}}
        self.cash_minor += total_minor if kind == "cash" else 0
        return sale

    def _may_be_refused(self, answer: Answer, reasons: frozenset[str] | set[str]) -> None:
        assert answer.accepted or answer.reason in reasons, answer


def _now() -> str:
    return datetime.now(UTC).isoformat()
