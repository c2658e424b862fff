"""A sale that is settled: what tests of payouts stand on."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from consign.domain.rejection import Rejected
from consign.domain.sale import Phase, SaleSettings
from consign.domain.session.commands import CloseSession
from consign.domain.settlement.commands import (
    BatchAnswer,
    ChangePayoutDetails,
    FreezeSettlement,
    IssueSupplements,
    PreparePayouts,
    SupplementsAnswer,
)
from consign.domain.settlement.events import PayoutNumber
from consign.domain.settlement.policy import Debtor, PayoutMethod, SettlementPolicy
from consign.domain.settlement.state import Payout, Settlement
from consign.domain.values import ParticipationId, Sealed
from tests.domain.freezing import freeze_whole
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    BEN,
    COAT,
    DRESS,
    OTHER_SESSION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    live,
    reach,
    sold,
)

DEBTOR = Debtor("ALPE e.V.", "DE89370400440532013000", "COBADEFFXXX")
PAYDAY = date(2026, 10, 1)
# Anna sold skirt and dress for 15.50: 20 % is 3.10, the fee 5.00. Ben sold a coat for 25.00: 15 % is 3.75.
ANNAS_NET_MINOR, BENS_NET_MINOR = 1550 - 310 - 500, 2500 - 375 - 500


def with_policy(**policy: Any) -> SaleSettings:
    return replace(SETTINGS, settlement=SettlementPolicy(debtor=DEBTOR, **policy))


def traded(settings: SaleSettings = SETTINGS) -> MemoryLog:
    """Everything is sold, the tills are closed, the sale is to be settled."""
    log = live(settings)
    sold(log, SKIRT, DRESS, COAT)
    close_tills(log)
    return reach(log, Phase.SETTLEMENT)


def close_tills(log: MemoryLog) -> None:
    for session in (SESSION, OTHER_SESSION):
        log.issue(CloseSession(session, log.state(f"session-{session}").cash_minor))


def frozen(settings: SaleSettings = SETTINGS) -> MemoryLog:
    return freeze(traded(settings))


def freeze(log: MemoryLog) -> MemoryLog:
    freeze_whole(log, FreezeSettlement(SALE))
    return log


def supplement(log: MemoryLog, reason: str = "figures moved") -> int:
    """Issue all supplements; return how many."""
    issued, after = 0, 0
    while True:
        answer: SupplementsAnswer = log.issue(IssueSupplements(SALE, reason, after))
        issued += answer.issued
        if answer.next_after is None:
            return issued
        after = answer.next_after


def details(log: MemoryLog, *participations: ParticipationId, iban: bool = True) -> None:
    for participation in participations:
        sealed = Sealed(participation, "c2VhbGVk")
        log.issue(ChangePayoutDetails(SALE, participation, sealed, iban))


def prepared(settings: SaleSettings | None = None) -> MemoryLog:
    log = frozen(settings or with_policy())
    details(log, ANNA, BEN)
    prepare(log)
    return log


def prepare(log: MemoryLog) -> BatchAnswer:
    answer: BatchAnswer = log.issue(PreparePayouts(SALE, PayoutMethod.SEPA, execute_on=PAYDAY))
    return answer


def settlement(log: MemoryLog) -> Settlement:
    state: Settlement = log.state(f"settlement-{SALE}")
    return state


def payout_of(log: MemoryLog, participation: ParticipationId) -> Payout:
    """Return the consignor's last payout."""
    return settlement(log).payouts[settlement(log).standing(participation).payouts[-1]]


def number_of(log: MemoryLog, participation: ParticipationId) -> PayoutNumber:
    return payout_of(log, participation).payout


def issued(log: MemoryLog, command: Any) -> bool:
    """Whether the command was accepted."""
    try:
        log.issue(command)
    except Rejected:
        return False
    return True
