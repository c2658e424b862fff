"""Closing the books of one sale with each consignor: what is stated, and what became of each payout."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from rpds import HashTrieMap

from consign.domain.settlement.events import BatchNumber, Obstacle, PayoutNumber, StatementNumber
from consign.domain.settlement.figures import NOTHING, Figures
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.values import ParticipationId, TagCode


class Stage(StrEnum):
    """Open until statements are issued; freezing and reopening last as long as their chunks."""

    OPEN = "open"
    FREEZING = "freezing"
    FROZEN = "frozen"
    REOPENING = "reopening"


class PayoutStatus(StrEnum):
    """Where a payout is; the last five are its ends."""

    DUE = "due"
    PREPARED = "prepared"
    SENT = "sent"
    RETURNED = "returned"
    UNCOLLECTED = "uncollected"
    PAID = "paid"
    REISSUED = "reissued"
    FORFEITED = "forfeited"
    CARRIED = "carried"
    WITHDRAWN = "withdrawn"


UNFINISHED = frozenset(
    (PayoutStatus.DUE, PayoutStatus.PREPARED, PayoutStatus.SENT, PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED)
)
REPLACED = frozenset((PayoutStatus.REISSUED, PayoutStatus.WITHDRAWN))
"""Payouts that no longer stand for what was stated."""


class Payout(Struct, frozen=True, gc=False):
    """`fee_minor` is what making it again costs; `charged_minor`, with the method's fee, is taken out when it is paid.

    `kept_in` is the account that a payout given up or carried went to.
    """

    payout: PayoutNumber
    participation: ParticipationId
    consignor: int
    amount_minor: int
    fee_minor: int
    status: PayoutStatus
    due_at: datetime
    batch: BatchNumber | None = None
    charged_minor: int = 0
    kept_in: str = ""


class Batch(Struct, frozen=True):
    method: PayoutMethod
    payouts: tuple[PayoutNumber, ...]
    total_minor: int
    open: bool = True


class Standing(Struct, frozen=True):
    """How a sale stands with one consignor.

    `stated` is the sum of the statements that stand, `lines` the gross they stated for each item. `answered_minor` is
    what payouts stand for of it: all of it, but while a command is deciding. `carried_minor` waits for a later sale.
    """

    adjustments_minor: int = 0
    brought_minor: int = 0
    stated: Figures = NOTHING
    statements: tuple[StatementNumber, ...] = ()
    lines: dict[TagCode, int] = {}
    payouts: tuple[PayoutNumber, ...] = ()
    answered_minor: int = 0
    carried_minor: int = 0
    details: int = 0
    iban: bool = False


class Settlement(Struct, frozen=True):
    """`last_consignor` is the last one that this round issued a statement for; counters are the last ones used.

    `progressed_at` is when this round issued its last statement.
    `moved`: money left for a consignor, for another sale or for charity, so that statements stay as they are.
    `charity_minor` was left to charity and is not handed on yet.
    """

    stage: Stage = Stage.OPEN
    round: int = 0
    accepted: tuple[Obstacle, ...] = ()
    last_consignor: int = 0
    issued: int = 0
    figures: Figures = NOTHING
    seal: str = ""
    statement_counter: int = 0
    cancellation_counter: int = 0
    payout_counter: int = 0
    batch_counter: int = 0
    moved: bool = False
    progressed_at: datetime | None = None
    charity_minor: int = 0
    standings: HashTrieMap[ParticipationId, Standing] = HashTrieMap()
    payouts: HashTrieMap[PayoutNumber, Payout] = HashTrieMap()
    batches: HashTrieMap[BatchNumber, Batch] = HashTrieMap()

    def standing(self, participation: ParticipationId) -> Standing:
        """Return how the sale stands with a consignor; with nothing done yet where nothing was."""
        return self.standings.get(participation, _NEW)


EMPTY = Settlement()
_NEW = Standing()
