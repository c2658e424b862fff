"""A sale as its people hold it: everybody has a token of their own, and every action is one request.

What is said here is remembered beside what the service answers, so that the sale can be reckoned up without it.
"""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.answers import Answers, Caller
from tests.e2e.live_sale import organization_path, some_id
from tests.e2e.proof import prove
from tests.e2e.service_process import Site
from tests.e2e.till import TAKEN

type Document = Mapping[str, Any]

ROWS_AT_ONCE = 500
SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(2, 9)))
"""Each brings other things, other shoppers and other prices."""


class Market:
    """An organization with one sale, and the people in it."""

    def __init__(self, site: Site, organization: str, settings: Document, stack: AsyncExitStack, seed: int) -> None:
        self.site = site
        self.organization = organization
        self.settings: dict[str, Any] = dict(settings)
        self.answers = Answers()
        self.chance = random.Random(seed)
        self.sale = some_id(self.chance)
        self.offers: dict[str, dict[str, Any]] = {}
        """What was listed, by tag, as it was said."""
        self.people: dict[int, str] = {}
        """Participations by number."""
        self.desks: list[Desk] = []
        self.came_late: set[int] = set()
        self.pledges: dict[int, tuple[int, str]] = {}
        """What each consignor leaves to charity: which share, and of what."""
        self.handed_on_minor = 0
        """What the charity was paid."""
        self.vouchers_sold_minor = 0
        self.vouchers_granted_minor = 0
        self._stack = stack
        self._callers: dict[str, Caller] = {}

    @property
    def position(self) -> int:
        """The newest position that anybody here was told of: lists are asked for as of then."""
        return max((answer.position for answer in self.answers.accepted), default=0)

    async def person(self, account: str, *roles: str) -> Caller:
        """Return somebody's connection; the roles count when it is first asked for."""
        if account not in self._callers:
            held = {self.organization: list(roles), **({"platform": ["operator"]} if "organizer" in roles else {})}
            caller = Caller(self.site.urls, account, held, self.answers, self.chance)
            self._callers[account] = await self._stack.enter_async_context(caller)
        return self._callers[account]

    async def organizer(self) -> Caller:
        return await self.person("organizer", "organizer", "auditor", "integrator")

    async def say(self, path: str, body: Document | None = None, *, by: Caller | None = None) -> Document:
        """Send a command that must be accepted; the organizer says it unless somebody else does."""
        caller = by or await self.organizer()
        answer = await caller.accepted(f"{organization_path(self.organization)}{path}", body)
        return answer.document

    async def refused(self, path: str, body: Document | None = None, *, by: Caller | None = None) -> str:
        """Send a command that must be refused; return why it was."""
        caller = by or await self.organizer()
        answer = await caller.command(f"{organization_path(self.organization)}{path}", body)
        assert not answer.accepted, (path, answer.document)
        return answer.reason

    async def of_sale(self, path: str, body: Document | None = None) -> Document:
        return await self.say(f"/sales/{self.sale}{path}", body)

    async def ask(self, path: str, **parameters: Any) -> Any:
        """Ask the organizer's question, as of everything that was said so far."""
        response = await self.download(path, **parameters)
        return response.json()

    async def download(self, path: str, **parameters: Any) -> httpx.Response:
        caller = await self.organizer()
        asked = {**parameters, "after_position": self.position}
        response = await caller.query(f"{organization_path(self.organization)}{path}", **asked)
        assert response.status_code == httpx.codes.OK, (path, response.text)
        return response

    async def rows(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """Return a whole list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            paging = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = await self.ask(path, sale=self.sale, **filters, **paging)
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    async def plan(self, name: str, *, currency: str, time_zone: str) -> None:
        organizer = await self.organizer()
        founded = {"organization": self.organization, "name": name, "currency": currency, "time_zone": time_zone}
        await organizer.accepted("/api/v1/organizations", founded)
        await self.of_sale("/plan", {"name": name, "number": 7, "settings": self.settings})

    async def enter(self, *phases: str) -> None:
        for phase in phases:
            await self.of_sale("/change-phase", {"phase": phase})

    async def take_part(self, account: str, **said: Any) -> int:
        """Let somebody register by themselves; return their number."""
        by = await self.person(account, "consignor")
        participation = some_id(self.chance)
        body = {"sale": self.sale, "profile": {"name": account.title()}, **said}
        answer = await self.say(f"/participations/{participation}/take-part", body, by=by)
        return self._joined(answer)

    async def register(self, **said: Any) -> int:
        """Register somebody at the desk; return their number."""
        participation = some_id(self.chance)
        answer = await self.say(f"/participations/{participation}/register", {"sale": self.sale, **said})
        return self._joined(answer)

    def _joined(self, answer: Document) -> int:
        number: int = answer["number"]
        self.people[number] = answer["participation"]
        return number

    def person_path(self, number: int) -> str:
        return f"/participations/{self.people[number]}"

    async def pledge(self, number: int, account: str, share_ppm: int, of: str = "everything") -> None:
        """Let somebody leave a share of their proceeds to the sale's charity."""
        by = await self.person(account, "consignor")
        await self.say(f"{self.person_path(number)}/pledge-proceeds", {"share_ppm": share_ppm, "of": of}, by=by)
        self.pledges[number] = share_ppm, of

    async def offer(self, rows: Sequence[dict[str, Any]]) -> list[str]:
        """List things in bulk, all of which must be good; return their tags in order."""
        tags: list[str] = []
        for begin in range(0, len(rows), ROWS_AT_ONCE):
            chunk = rows[begin : begin + ROWS_AT_ONCE]
            answer = await self.of_sale("/import-items", {"rows": chunk})
            assert not answer["errors"], answer["errors"][:5]
            for listed in answer["listed"]:
                self.offers[listed["tag"]] = dict(chunk[listed["row"]])
                tags.append(listed["tag"])
        return tags

    async def desk(self, name: str, float_minor: int) -> "Desk":
        """Open a till."""
        desk = Desk(self, name, await self.person(f"cashier-{name.lower()}", "cashier"))
        self.desks.append(desk)
        await desk.open(float_minor)
        return desk

    def begin_another(self) -> None:
        """Go on with another sale of the same organization."""
        self.sale = some_id(self.chance)
        self.people = {}
        self.desks = []

    async def desk_away(self, name: str, float_minor: int) -> "Desk":
        """Return a till that opens by itself: nobody but its device knows of it yet."""
        desk = Desk(self, name, await self.person(f"cashier-{name.lower()}", "cashier"))
        self.desks.append(desk)
        desk.float_minor = desk.drawer_minor = float_minor
        return desk

    async def prove(self) -> None:
        """Prove everything that must be so of any log and of everything that follows from it."""
        await prove(self.site, self.organization, self.answers.heard)


class Desk:
    """One cashier's spell at one till; it knows by what it was told what must be in its drawer."""

    def __init__(self, market: Market, name: str, caller: Caller) -> None:
        self.market = market
        self.name = name
        self.caller = caller
        self.session = some_id(market.chance)
        self.drawer_minor = 0
        self.float_minor = 0
        self.moved_minor = 0
        self.carried_minor = 0
        self.paid_out_minor = 0
        self.missing_minor = 0
        self.is_open = True
        self.unseen_minor = 0
        """What the drawer held when it was counted that the service could not know of."""
        self.late: list[dict[str, Any]] = []
        """What was sold without the server and not uploaded yet."""

    @property
    def taken_minor(self) -> int:
        """The cash that came in for goods, vouchers and fees, by what is in the drawer, as far as it was told."""
        moved_minor = self.float_minor + self.moved_minor + self.carried_minor - self.paid_out_minor
        return self.drawer_minor + self.missing_minor - self.unseen_minor - moved_minor

    async def do(self, path: str, body: Document | None = None, *, by: Caller | None = None) -> Document:
        """Send one action of this till's cashier, or of who stands beside."""
        return await self.market.say(f"/sessions/{self.session}{path}", body, by=by or self.caller)

    async def refused(self, path: str, body: Document | None = None) -> str:
        return await self.market.refused(f"/sessions/{self.session}{path}", body, by=self.caller)

    async def try_to(self, path: str, body: Document) -> Document | None:
        """Send an action that another till may have come before; return None where one has."""
        at = f"{organization_path(self.market.organization)}/sessions/{self.session}{path}"
        answer = await self.caller.command(at, body)
        if answer.accepted:
            return answer.document
        assert answer.reason in TAKEN, answer
        return None

    async def open(self, float_minor: int) -> None:
        await self.do("/open", {"sale": self.market.sale, "till": self.name, "float_minor": float_minor})
        self.float_minor = self.drawer_minor = float_minor

    def basket(self) -> str:
        """Return the path of a new basket."""
        return f"/baskets/{some_id(self.market.chance)}"

    async def scanned(self, *tags: str) -> str:
        """Scan things into a new basket; return its path."""
        basket = self.basket()
        for tag in tags:
            await self.do(f"{basket}/scan", {"tag": tag})
        return basket

    async def pay(self, basket: str, *tenders: tuple[str, int]) -> Document:
        given = [{"kind": kind, "amount_minor": amount_minor} for kind, amount_minor in tenders]
        answer = await self.do(f"{basket}/pay", {"tenders": given})
        handed_minor = sum(amount_minor for _, amount_minor in tenders)
        assert handed_minor == answer["total_minor"] + answer["rounding_minor"] + answer["change_minor"], answer
        cash_minor = sum(amount_minor for kind, amount_minor in tenders if kind == "cash")
        self.drawer_minor += cash_minor - answer["change_minor"]
        return answer

    async def sell(self, *tags: str, card: bool = False) -> Document:
        """Sell things to one shopper, who pays by card to the unit or hands over one large note."""
        basket = self.basket()
        total_minor = 0
        for tag in tags:
            total_minor = (await self.do(f"{basket}/scan", {"tag": tag}))["total_minor"]
        note_minor = 10 ** len(str(total_minor))
        return await self.pay(basket, ("card", total_minor) if card else ("cash", note_minor))

    async def take_cash(self, basket: str, amount_minor: int) -> Document:
        """Take some of what a basket comes to, as long as there is no change for it."""
        tender = {"tender": some_id(self.market.chance), "kind": "cash", "amount_minor": amount_minor}
        answer = await self.do(f"{basket}/take-tenders", {"tenders": [tender]})
        self.drawer_minor += amount_minor
        return answer

    async def ask_provider(self, basket: str) -> str:
        """Ask a card provider for what is left of a basket; return the payment's path."""
        payment = some_id(self.market.chance)
        await self.do(f"{basket}/request-payment", {"payment": payment, "provider": "sumup"})
        return f"/payments/{payment}"

    async def cancel_paying(self, basket: str) -> Document:
        answer = await self.do(f"{basket}/cancel-paying", {"reason": "the shopper had to leave"})
        self.drawer_minor -= answer["cash_back_minor"]
        return answer

    async def void(self, receipt: str) -> Document:
        answer = await self.do(f"/receipts/{receipt}/void", {"reason": "rung up for the wrong shopper"})
        self.drawer_minor -= answer["cash_back_minor"]
        return answer

    async def refund(
        self, receipt: str, *lines: Document, tender: str = "cash", returned_to: str = "floor", by: Caller | None = None
    ) -> Document:
        body = {"tender": tender, "reason": "does not fit", "lines": lines, "returned_to": returned_to}
        answer = await self.do(f"/receipts/{receipt}/refund", body, by=by)
        if tender == "cash":
            self.drawer_minor -= answer["amount_minor"] + answer["rounding_minor"]
        return answer

    async def receive_fee(self, number: int, means: str, fee: str = "participation") -> Document:
        body = {"participation": self.market.people[number], "means": means, "fee": fee}
        answer = await self.do("/receive-fee", body)
        if means == "cash":
            self.drawer_minor += answer["amount_minor"] + answer["rounding_minor"]
        return answer

    async def move_cash(self, amount_minor: int, reason: str) -> None:
        await self.do("/move-cash", {"amount_minor": amount_minor, "reason": reason})
        self.drawer_minor += amount_minor
        self.moved_minor += amount_minor

    async def sell_voucher(self, amount_minor: int) -> str:
        """Sell a voucher for cash; return its code."""
        tenders = [{"kind": "cash", "amount_minor": amount_minor}]
        answer = await self.do("/sell-voucher", {"amount_minor": amount_minor, "tenders": tenders})
        self.drawer_minor += amount_minor - answer["change_minor"]
        self.market.vouchers_sold_minor += amount_minor
        code: str = answer["voucher"]
        return code

    async def send_cash(self, other: "Desk", amount_minor: int) -> None:
        """Carry cash to another till, which counts it."""
        transfer = some_id(self.market.chance)
        sent = {"transfer": transfer, "to_session": other.session, "amount_minor": amount_minor, "reason": "no coins"}
        await self.do("/send-cash", sent)
        self.drawer_minor -= amount_minor
        self.carried_minor -= amount_minor
        received = {"transfer": transfer, "from_session": self.session, "counted_minor": amount_minor}
        await other.do("/receive-cash", received)
        other.drawer_minor += amount_minor
        other.carried_minor += amount_minor

    async def pay_out(self, payout: str) -> Document:
        answer = await self.do("/pay-out", {"payout": payout})
        self.drawer_minor -= answer["cash_minor"]
        self.paid_out_minor += answer["cash_minor"]
        return answer

    async def close(self, *, missing_minor: int = 0, unseen_minor: int = 0) -> None:
        """Close by count: the service must expect what this till knows of, less what it has not told yet.

        Where it may hold sales that it has not told, only an organizer closes it.
        """
        counted = {"counted_minor": self.drawer_minor - missing_minor, "reason": "a coin rolled away"}
        by = self.caller
        if unseen_minor:
            assert await self.refused("/close", counted) == "unsynced_sales"
            by = await self.market.organizer()
        answer = await self.do("/close", counted, by=by)
        assert answer["expected_minor"] == self.drawer_minor - unseen_minor
        self.drawer_minor -= missing_minor
        self.missing_minor = missing_minor
        self.unseen_minor = unseen_minor
        self.is_open = False


@asynccontextmanager
async def market(site: Site, organization: str, settings: Document, *, seed: int = 1) -> AsyncIterator[Market]:
    """Lend a market; its people's connections end with it."""
    async with AsyncExitStack() as stack:
        yield Market(site, organization, settings, stack, seed)
