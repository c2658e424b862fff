"""Settling a whole sale in one request: as many commands as it takes, each with an id that derives from the request's.

Interrupted, the same request goes on where it stopped; repeated, it gets the same answer. A freeze ends by holding the
statements against the books: the read model that posted every event, asked after the last statement.
"""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.ports import Accepted
from consign.domain.accounts import payable_account
from consign.domain.settlement.commands import (
    BatchAnswer,
    ChequeNumber,
    ConcludedAnswer,
    ConcludeFreeze,
    FreezeAnswer,
    FreezeSettlement,
    GivenPayouts,
    IssueSupplements,
    PreparePayouts,
    ReopenAnswer,
    ReopenSettlement,
    SupplementsAnswer,
)
from consign.domain.settlement.events import Obstacle
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.values import ROWS_LIMIT, ConsignorNumber, ParticipationId, RowError, SaleId, Text
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal, error
from consign.http.reading import Reading
from consign.http.submit import REPLAYED, derived_id, issue, request_hash, submitted
from consign.projections.books.projection import BOOKS
from consign.projections.settlements import SETTLEMENTS

COMMANDS_MAX = 10_000
"""A command settles with one consignor at least, and a sale has no more of them."""
BOOKS_WAIT_S = 15.0
"""How long a freeze waits for the books: after it the request may be repeated."""
BOOKS_ROWS_MAX = 50_000
BATCHES_MAX = 20
"""A request makes at most so many batches; what is left is for the next one."""


class FreezeBody(Struct, frozen=True, forbid_unknown_fields=True):
    accepted: Annotated[tuple[Obstacle, ...], Meta(max_length=ROWS_LIMIT)] = ()
    reason: Text = ""


class SupplementsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Without consignors, all are looked at."""

    reason: Text
    consignors: Annotated[tuple[ConsignorNumber, ...], Meta(max_length=50)] = ()


class ReopenBody(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Text


class PrepareBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Without payouts, all that are due and can be made by the method."""

    method: PayoutMethod
    payouts: GivenPayouts = ()
    execute_on: date | None = None
    first_cheque: ChequeNumber | None = None


class Frozen(Struct, frozen=True):
    """`figures` and `net_minor` are the sum of all statements; `seal` is the last one's."""

    position: int
    sale: str
    statements: int
    figures: Figures
    net_minor: int
    currency: str
    seal: str


class SupplementsIssued(Struct, frozen=True):
    """How many supplements were needed, and what they come to."""

    position: int
    sale: str
    issued: int
    net_minor: int
    currency: str


class Reopened(Struct, frozen=True):
    """`cancellation` is the number under which all statements were cancelled."""

    position: int
    sale: str
    cancellation: str
    cancelled: int


class Prepared(Struct, frozen=True):
    """`remaining` payouts could be made by this method too, by another request."""

    position: int
    batches: tuple[BatchAnswer, ...]
    remaining: int
    errors: tuple[RowError, ...]


class Settling:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading) -> None:
        self._gateway = gateway
        self._reading = reading

    async def freeze(self, request: Request[Any, Any, Any]) -> Response[Frozen]:
        """Issue every statement."""
        exchange, sale, body = await _read(request, FreezeBody)
        digest = request_hash("freeze-settlement", (sale, body))
        await self._require_books(exchange.organization, sale)
        async for accepted in self._repeated(exchange, FreezeSettlement(sale, body.accepted, body.reason), digest):
            answer = msgspec.json.decode(accepted.answer, type=FreezeAnswer)
            if not answer.remaining:
                return await self._concluded(exchange, sale, answer.round, accepted.position, digest)
        raise AssertionError("a command that settles with nobody")

    async def _require_books(self, organization: str, sale: SaleId) -> None:
        """Raise Refusal before anything is stated that nothing could be held against; what was begun goes on."""
        if not await self._reading.stands_still(organization, BOOKS):
            return
        settlement = await self._reading.models.get(organization, SETTLEMENTS, "settlements", (sale,))
        if settlement.row is None or settlement.row.status == "open":
            raise _unchecked("Nothing was stated.")

    async def _concluded(
        self, exchange: Exchange, sale: SaleId, round_number: int, position: int, digest: bytes
    ) -> Response[Frozen]:
        try:
            owed_minor, differing = await self._by_books(exchange.organization, sale, position)
            command = ConcludeFreeze(sale, round_number, owed_minor, differing)
        except Refusal as refusal:
            if refusal.reason != "projection_stopped":
                raise
            command = ConcludeFreeze(sale, round_number, 0, unchecked=True)
        command_id = derived_id(exchange.command_id(), "conclude")
        accepted = await submitted(self._gateway, issue(exchange, command, digest, command_id=command_id))
        answer = msgspec.json.decode(accepted.answer, type=ConcludedAnswer)
        if answer.unchecked:
            raise _unchecked("The statements that were issued are cancelled.")
        if not answer.frozen:
            errors = [error("/sale", "settlement_differs", f"consignor {number}") for number in answer.differing]
            raise Refusal("settlement_differs", f"{answer.detail} Its statements were cancelled.", errors=errors)
        frozen = Frozen(
            accepted.position,
            sale,
            answer.statements,
            answer.figures,
            answer.net_minor,
            answer.currency,
            answer.seal,
        )
        return _answered(frozen, repeated=accepted.repeated)

    async def _by_books(
        self, organization: str, sale: SaleId, position: int
    ) -> tuple[int, tuple[ConsignorNumber, ...]]:
        """Return what the books owe to all consignors, and whom they say something else of than the statements."""
        await self._reading.reached(organization, BOOKS, position, BOOKS_WAIT_S)
        where = {"balances": {"sale": sale}, "consignors": {"sale": sale}}
        found = await self._reading.models.collect(organization, BOOKS, where, BOOKS_ROWS_MAX)
        payable = payable_account(ParticipationId(""))
        balances = (row for row in found.rows["balances"] if row.account.startswith(payable))
        differing = sorted(row.number for row in found.rows["consignors"] if row.net_minor != row.stated_minor)
        return -sum(row.balance_minor for row in balances), tuple(differing[:ROWS_LIMIT])

    async def reopen(self, request: Request[Any, Any, Any]) -> Response[Reopened]:
        """Cancel every statement."""
        exchange, sale, body = await _read(request, ReopenBody)
        digest = request_hash("reopen-settlement", (sale, body))
        cancelled, repeated = 0, True
        async for accepted in self._repeated(exchange, ReopenSettlement(sale, body.reason), digest):
            answer = msgspec.json.decode(accepted.answer, type=ReopenAnswer)
            cancelled, repeated = cancelled + answer.cancelled, repeated and accepted.repeated
            if not answer.remaining:
                return _answered(Reopened(accepted.position, sale, answer.cancellation, cancelled), repeated=repeated)
        raise AssertionError("a command that cancels nothing")

    async def supplement(self, request: Request[Any, Any, Any]) -> Response[SupplementsIssued]:
        """Issue what supplements are needed."""
        exchange, sale, body = await _read(request, SupplementsBody)
        digest = request_hash("issue-supplements", (sale, body))
        issued = net_minor = after = 0
        repeated = True
        for step in range(COMMANDS_MAX):
            command = IssueSupplements(sale, body.reason, after, body.consignors)
            accepted = await self._step(exchange, command, digest, step)
            answer = msgspec.json.decode(accepted.answer, type=SupplementsAnswer)
            issued, net_minor = issued + answer.issued, net_minor + answer.net_minor
            repeated = repeated and accepted.repeated
            if answer.next_after is None:
                done = SupplementsIssued(accepted.position, sale, issued, net_minor, answer.currency)
                return _answered(done, repeated=repeated)
            after = answer.next_after
        raise AssertionError("a command that looks at nobody")

    async def prepare(self, request: Request[Any, Any, Any]) -> Response[Prepared]:
        """Make batches of what is due."""
        exchange, sale, body = await _read(request, PrepareBody)
        digest = request_hash("prepare-payouts", (sale, body))
        batches: list[BatchAnswer] = []
        cheque, position, repeated = body.first_cheque, 0, True
        for step in range(BATCHES_MAX):
            command = PreparePayouts(sale, body.method, body.payouts, body.execute_on, cheque)
            accepted = await self._step(exchange, command, digest, step)
            batches.append(msgspec.json.decode(accepted.answer, type=BatchAnswer))
            position, repeated = accepted.position, repeated and accepted.repeated
            cheque = batches[-1].next_cheque
            if body.payouts or not batches[-1].remaining:
                break
        errors = tuple(error for batch in batches for error in batch.errors)
        return _answered(Prepared(position, tuple(batches), batches[-1].remaining, errors), repeated=repeated)

    async def _repeated(self, exchange: Exchange, command: Struct, digest: bytes) -> AsyncIterator[Accepted]:
        for step in range(COMMANDS_MAX):
            yield await self._step(exchange, command, digest, step)

    async def _step(self, exchange: Exchange, command: Struct, digest: bytes, step: int) -> Accepted:
        command_id = derived_id(exchange.command_id(), f"step {step}")
        return await submitted(self._gateway, issue(exchange, command, digest, command_id=command_id))


async def _read[Body](request: Request[Any, Any, Any], body_type: type[Body]) -> tuple[Exchange, SaleId, Body]:
    exchange = exchange_of(request.scope)
    sale = SaleId(checked(request.path_params)["sale"])
    exchange.command_id()
    body: Body = decode(exchange, await request.body(), body_type)
    return exchange, sale, body


def _unchecked(became: str) -> Refusal:
    return Refusal(
        "settlement_unchecked",
        f"The read model {BOOKS.name} is stopped, and without the books nothing is frozen. {became} Have an operator "
        "find why it stopped (`consign verify`) and fill it anew (`consign rebuild`), then freeze by a new request.",
    )


def _answered[Answer](content: Answer, *, repeated: bool) -> Response[Answer]:
    return Response(content, headers=REPLAYED if repeated else None)


def settling_handlers(gateway: CommandGateway, reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    settling = Settling(gateway, reading)
    freeze = Endpoint(
        rule="freeze-settlement",
        summary="Issue every consignor's statement. What is unfinished is named, or accepted by name with a reason.",
        tag="settlements",
        body=FreezeBody,
        answer=Frozen,
        example={"accepted": [{"kind": "open_till", "name": "K1"}], "reason": "its cash is counted tomorrow"},
        is_command=True,
    )
    supplement = Endpoint(
        rule="issue-supplements",
        summary="Tell every consignor whose figures moved since their last statement what changed.",
        tag="settlements",
        body=SupplementsBody,
        answer=SupplementsIssued,
        example={"reason": "returns of the week after"},
        is_command=True,
    )
    reopen = Endpoint(
        rule="reopen-settlement",
        summary="Cancel every statement, before any payout was made.",
        tag="settlements",
        body=ReopenBody,
        answer=Reopened,
        example={"reason": "a till was forgotten"},
        is_command=True,
    )
    prepare = Endpoint(
        rule="prepare-payouts",
        summary="Put what is due into batches of one method; what it cannot pay is named or left.",
        tag="payouts",
        body=PrepareBody,
        answer=Prepared,
        example={"method": "sepa", "execute_on": "2026-11-30"},
        is_command=True,
    )
    of_sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        _posted(f"{of_sale}/settlement/freeze", freeze, settling.freeze),
        _posted(f"{of_sale}/settlement/issue-supplements", supplement, settling.supplement),
        _posted(f"{of_sale}/settlement/reopen", reopen, settling.reopen),
        _posted(f"{of_sale}/payouts/prepare", prepare, settling.prepare),
    ]


def _posted(path: str, endpoint: Endpoint, handler: Any) -> HTTPRouteHandler:
    return post(path, name=endpoint.rule, status_code=200, opt=endpoint.opt())(handler)
