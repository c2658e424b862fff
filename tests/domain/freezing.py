"""A freeze as the request drives it: chunk by chunk, then held against the books."""

from consign.domain.accounts import payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY
from consign.domain.settlement.commands import ConcludedAnswer, ConcludeFreeze, FreezeAnswer, FreezeSettlement
from consign.domain.values import ParticipationId, SaleId
from tests.domain.log import MemoryLog

_PAYABLE = payable_account(ParticipationId(""))


def freeze_whole(log: MemoryLog, command: FreezeSettlement) -> ConcludedAnswer:
    """Issue every statement, and conclude."""
    while True:
        answer: FreezeAnswer = log.issue(command)
        if not answer.remaining:
            return conclude(log, command.sale)


def conclude(log: MemoryLog, sale: SaleId) -> ConcludedAnswer:
    """Hold the statements against what the books say."""
    answer: ConcludedAnswer = log.issue(ConcludeFreeze(sale, round_of(log, sale), owed_by_books(log, sale)))
    return answer


def round_of(log: MemoryLog, sale: SaleId) -> int:
    number: int = log.state(f"settlement-{sale}").round
    return number


def owed_by_books(log: MemoryLog, sale: SaleId) -> int:
    """What the books say is owed to all consignors of the sale."""
    books = EMPTY
    for emitted in log.events:
        books, _ = post(books, emitted.event)
    balances = books.balances.items()
    return -sum(amount for (of, account), amount in balances if of == sale and account.startswith(_PAYABLE))
