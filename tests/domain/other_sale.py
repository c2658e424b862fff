"""An earlier sale beside the usual one: Anna brought things there, too, under another number."""

from consign.domain.ledger.commands import CheckInConsignor, ListItems
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.sale import ChangeSalePhase, Phase, PlanSale, SaleSettings
from consign.domain.session.commands import OpenSession, Pay, Scan
from consign.domain.tag import tag_code
from consign.domain.values import AccountId, BasketId, ParticipationId, SaleId, SessionId
from tests.domain.log import MemoryLog
from tests.domain.market import CASHIER, ORGANIZATION, SETTINGS, cash, registered, row

EARLIER = SaleId("01900000-0000-7000-8000-000000000003")
EARLIER_NUMBER = 3
ANNA_THEN = ParticipationId("01900000-0000-7000-8000-0000000000a3")
ANNAS_NUMBER_THEN = 12
THE_TILL = SessionId("01900000-0000-7000-8000-0000000000c9")
A_BASKET = BasketId("01900000-0000-7000-8000-0000000000d9")

BEAR, SCARF, SLED = (tag_code(EARLIER_NUMBER, ANNAS_NUMBER_THEN, number) for number in (1, 2, 3))


def with_earlier_sale(settings: SaleSettings = SETTINGS, account: AccountId | None = None) -> MemoryLog:
    """The usual sale in registration; at the earlier one a bear was sold, a scarf and a sled were not."""
    log = registered(settings)
    log.issue(PlanSale(ORGANIZATION, EARLIER, "Spring bourse", SETTINGS, EARLIER_NUMBER))
    log.issue(ChangeSalePhase(EARLIER, Phase.REGISTRATION))
    log.issue(RegisterConsignor(EARLIER, ANNA_THEN, number=ANNAS_NUMBER_THEN, account=account))
    things = (("Bear", 800), ("Scarf", 350), ("Sled", 1250))
    rows = tuple(
        row(index, ANNAS_NUMBER_THEN, "toy", price_minor, description=what)
        for index, (what, price_minor) in enumerate(things)
    )
    log.issue(ListItems(EARLIER, rows))
    log.issue(ChangeSalePhase(EARLIER, Phase.DROP_OFF))
    log.issue(CheckInConsignor(EARLIER, ANNAS_NUMBER_THEN))
    log.issue(ChangeSalePhase(EARLIER, Phase.LIVE))
    log.issue(OpenSession(THE_TILL, EARLIER, "1", CASHIER, 0))
    log.issue(Scan(THE_TILL, A_BASKET, BEAR))
    log.issue(Pay(THE_TILL, A_BASKET, (cash(800),)))
    return log
