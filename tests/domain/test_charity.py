"""Proceeds that consignors leave to the sale's charity: pledged, taken out at the settlement, handed on."""

from typing import Any

from msgspec.structs import replace

from consign.domain import accounts
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.charity_commands import CharityAnswer, PayCharity, PledgeAnswer, PledgeProceeds
from consign.domain.ledger.item_commands import ChangeWishes
from consign.domain.money import PARTS_PER_MILLION
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.participation.events import ProceedsPledged
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import GivenRefundLine, OpenSession, RefundReceipt
from consign.domain.session.events import TenderKind
from consign.domain.settlement.commands import AdjustConsignor, ReopenSettlement
from consign.domain.settlement.events import CharityPaid, PayoutDue
from consign.domain.values import ParticipationId, SessionId
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BEN,
    CASHIER,
    COAT,
    DRESS,
    SALE,
    SKIRT,
    live,
    reach,
    registered,
    sold,
)
from tests.domain.newcomers import CLEO, CLEOS, DESK, consignor
from tests.domain.scenario import given
from tests.domain.settled import (
    ANNAS_NET_MINOR,
    BENS_NET_MINOR,
    close_tills,
    freeze,
    settlement,
    supplement,
    with_policy,
)

FOOD_BANK = with_policy(charity="Food bank")
LATE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
HALF, ALL = PARTS_PER_MILLION // 2, PARTS_PER_MILLION
DRESSES_PROCEEDS_MINOR = 1200 - 240


def pledge(share_ppm: int = ALL, participation: ParticipationId = ANNA, **more: Any) -> PledgeProceeds:
    return PledgeProceeds(participation, share_ppm, more.pop("actor", DESK), **more)


def settled(*commands: Any) -> MemoryLog:
    """Everything is sold and stated after these commands."""
    log = live(FOOD_BANK)
    for command in commands:
        log.issue(command)
    sold(log, SKIRT, DRESS, COAT)
    close_tills(log)
    return freeze(reach(log, Phase.SETTLEMENT))


def books(log: MemoryLog) -> Books:
    found = EMPTY
    for emitted in log.events:
        found, postings = post(found, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0, emitted
    return found


def told(log: MemoryLog, participation: ParticipationId = ANNA) -> tuple[int, int, int]:
    """Return what Anna's statements leave to charity and to her, and what the books owe her."""
    stated = settlement(log).standing(participation).stated
    owed_minor = -books(log).balance(SALE, accounts.payable_account(participation))
    return stated.donated_minor, stated.net_minor, owed_minor


def left(log: MemoryLog) -> int:
    """Return what the books owe the charity."""
    owed_minor = -books(log).balance(SALE, accounts.CHARITY)
    assert owed_minor == settlement(log).charity_minor
    return owed_minor


def test_a_share_of_the_proceeds_is_pledged_and_taken_back() -> None:
    log = registered(FOOD_BANK)
    given(log).when(pledge(HALF)).then(ProceedsPledged(ANNA, SALE, ANNAS_NUMBER, HALF, "everything")).answered(
        PledgeAnswer(ANNA, ANNAS_NUMBER, HALF, "everything", "Food bank")
    )
    given(log).when(pledge(HALF)).then()
    given(log).when(pledge(0)).then(ProceedsPledged(ANNA, SALE, ANNAS_NUMBER, 0, "everything"))
    given(log).when(pledge(0, of="flagged")).then()


def test_the_settlement_leaves_the_pledged_share_to_charity_and_pays_out_the_rest() -> None:
    log = settled(pledge(HALF))
    assert told(log) == (ANNAS_NET_MINOR // 2, ANNAS_NET_MINOR // 2, ANNAS_NET_MINOR // 2)
    assert told(log, BEN) == (0, BENS_NET_MINOR, BENS_NET_MINOR)
    assert left(log) == ANNAS_NET_MINOR // 2
    assert {due.participation: due.amount_minor for due in log.events_of(PayoutDue)} == {
        ANNA: ANNAS_NET_MINOR // 2,
        BEN: BENS_NET_MINOR,
    }


def test_who_leaves_everything_is_paid_nothing() -> None:
    log = settled(pledge(ALL))
    assert told(log) == (ANNAS_NET_MINOR, 0, 0)
    assert [due.participation for due in log.events_of(PayoutDue)] == [BEN]


def test_only_what_flagged_things_bring_may_be_left_to_charity() -> None:
    log = settled(ChangeWishes(SALE, (DRESS,), donate=True), pledge(HALF, of="flagged"))
    donated_minor = DRESSES_PROCEEDS_MINOR // 2
    assert told(log) == (donated_minor, ANNAS_NET_MINOR - donated_minor, ANNAS_NET_MINOR - donated_minor)


def test_no_more_is_left_to_charity_than_there_is_to_pay_out() -> None:
    """The dress brings 9.60, but the fee leaves 7.40; a debt leaves nothing."""
    flagged = (ChangeWishes(SALE, (DRESS,), donate=True), pledge(ALL, of="flagged"))
    assert told(settled(*flagged)) == (ANNAS_NET_MINOR, 0, 0)
    log = settled(*flagged, AdjustConsignor(SALE, ANNA, -1000, "broke a shelf"))
    assert told(log)[:2] == (0, ANNAS_NET_MINOR - 1000)
    assert left(log) == 0


def test_a_supplement_takes_back_what_came_back() -> None:
    log = settled(pledge(HALF))
    log.issue(OpenSession(LATE_SESSION, SALE, "9", CASHIER, 10_000))
    (receipt,) = log.state(f"ledger-{SALE}").receipts
    log.issue(RefundReceipt(LATE_SESSION, receipt, TenderKind.CASH, "torn", "cashier", (GivenRefundLine(SKIRT),)))
    assert supplement(log) == 1
    rest_minor = ANNAS_NET_MINOR - 280
    assert told(log) == (rest_minor // 2, rest_minor // 2, rest_minor // 2)
    assert left(log) == rest_minor // 2


def test_the_charity_is_paid_by_reference_once_and_then_statements_stay() -> None:
    log = settled(pledge(ALL))
    given(log).when(PayCharity(SALE, " ")).rejected(Reason.REASON_NEEDED)
    given(log).when(PayCharity(SALE, "transfer 7", ANNAS_NET_MINOR + 1)).rejected(Reason.LIMIT_EXCEEDED, "740")
    given(log).when(PayCharity(SALE, "transfer 7", 40)).then(CharityPaid(SALE, 40, "transfer 7", log.now))
    given(log).when(PayCharity(SALE, "transfer 8")).answered(CharityAnswer(ANNAS_NET_MINOR - 40, 0, "Food bank", "EUR"))
    assert left(log) == 0
    given(log).when(PayCharity(SALE, "transfer 9")).rejected(Reason.NOTHING_TO_PAY)
    given(log).when(ReopenSettlement(SALE, "a till was forgotten")).rejected(Reason.PAYOUTS_MADE)


def test_reopening_gives_back_what_was_left_to_charity() -> None:
    log = settled(pledge(ALL))
    log.issue(ReopenSettlement(SALE, "a till was forgotten"))
    assert (told(log), left(log)) == ((0, 0, ANNAS_NET_MINOR), 0)
    log.issue(pledge(0))
    freeze(log)
    assert told(log) == (0, ANNAS_NET_MINOR, ANNAS_NET_MINOR)


def test_consignors_pledge_their_own_until_the_sale_is_settled_an_organizer_until_it_is_frozen() -> None:
    log = live(FOOD_BANK)
    log.issue(RegisterConsignor(SALE, CLEO, account=CLEOS))
    own = pledge(participation=CLEO, actor=consignor(CLEOS))
    log.issue(own)
    given(log).when(replace(own, participation=ANNA)).rejected(Reason.UNKNOWN_PARTICIPATION)
    close_tills(log)
    reach(log, Phase.SETTLEMENT)
    given(log).when(replace(own, share_ppm=0)).rejected(Reason.WRONG_PHASE)
    given(log).when(pledge(0, CLEO)).then(ProceedsPledged(CLEO, SALE, 3, 0, "everything"))
    freeze(log)
    given(log).when(pledge(HALF, CLEO)).rejected(Reason.TOO_LATE, "Reopen")
