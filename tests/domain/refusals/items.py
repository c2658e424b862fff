"""The refusals of describing things: entry, drafts, copies and tags that are void."""

from msgspec.structs import replace

from consign.domain.ledger.commands import ListItems
from consign.domain.ledger.item_commands import ChangeItems, CopyItems, ItemChange, ListItem, MarkTagsPrinted, SaveDraft
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.rejection import Reason
from consign.domain.session.commands import Scan
from consign.domain.values import AccountId, Actor, DraftId, ParticipationId
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, BENS_NUMBER, SALE, SESSION, SKIRT, live, registered, row
from tests.domain.other_sale import EARLIER, with_earlier_sale
from tests.domain.refusals.case import Case, after

DRAFT = DraftId("01900000-0000-7000-8000-0000000000e1")
CARLAS = ParticipationId("01900000-0000-7000-8000-0000000000c7")
CARLAS_NUMBER = 3
CARLA = Actor(AccountId("carla"), "consignor", "own")
VOLUNTEER = Actor(AccountId("vera"), "volunteer")
PUZZLE = ListItem(SALE, DRAFT, 1, "toy", "Puzzle", 500)
COPY = CopyItems(SALE, SALE, 1, tags=(SKIRT,))


def with_carla() -> MemoryLog:
    """Anna, Ben and Carla take part; Carla has an account."""
    return after(registered, RegisterConsignor(SALE, CARLAS, number=CARLAS_NUMBER, account=CARLA.account))()


CASES: dict[Reason, list[Case]] = {
    Reason.ITEM_INVALID: [(registered, replace(PUZZLE, price_minor=501))],
    Reason.DRAFT_ELSEWHERE: [
        (after(registered, SaveDraft(SALE, DRAFT, 1)), SaveDraft(SALE, DRAFT, BENS_NUMBER)),
        (after(registered, SaveDraft(SALE, DRAFT, BENS_NUMBER)), PUZZLE),
    ],
    Reason.DRAFT_LISTED: [(after(registered, PUZZLE), SaveDraft(SALE, DRAFT, 1))],
    Reason.SAME_SALE: [(registered, COPY)],
    Reason.NOTHING_NAMED: [(with_earlier_sale, CopyItems(SALE, EARLIER, 1))],
    Reason.ROLE_NEEDED: [
        (registered, replace(PUZZLE, actor=VOLUNTEER, beyond_quota=True)),
        (registered, ListItems(SALE, (row(0, 1, "toy", 500),), actor=VOLUNTEER, beyond_quota=True)),
    ],
    Reason.TAG_VOIDED: [
        (
            after(live, MarkTagsPrinted(SALE, (SKIRT,)), ChangeItems(SALE, (ItemChange(SKIRT, price_minor=400),))),
            Scan(SESSION, BASKET, SKIRT),
        )
    ],
    Reason.UNKNOWN_CONSIGNOR: [(with_carla, replace(PUZZLE, actor=CARLA)), (registered, replace(PUZZLE, consignor=77))],
}
