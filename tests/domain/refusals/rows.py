"""Why single rows of a batch are left out, while the good ones are kept."""

from msgspec.structs import replace

from consign.domain.ledger.commands import CheckInItems, ItemRow, ListItems, WithdrawItems
from consign.domain.ledger.events import Photo
from consign.domain.ledger.floor_commands import CollectItems
from consign.domain.ledger.item_commands import ChangeItems, CompleteDrafts, CopyItems, ItemChange, SaveDraft
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.rejection import RowReason
from consign.domain.sale import Phase
from consign.domain.settlement.commands import PreparePayouts
from consign.domain.settlement.events import PayoutNumber
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.tag import tag_code
from consign.domain.values import AccountId, Actor, DraftId, ParticipationId, PhotoId
from tests.domain.log import MemoryLog
from tests.domain.market import SALE, SALE_NUMBER, SETTINGS, SKIRT, listed, reach, registered, row
from tests.domain.other_sale import BEAR, EARLIER, with_earlier_sale
from tests.domain.refusals.case import Case, after
from tests.domain.settled import PAYDAY, frozen, with_policy

DRAFT = DraftId("01900000-0000-7000-8000-0000000000e1")
CARLAS = ParticipationId("01900000-0000-7000-8000-0000000000c7")
CARLA = Actor(AccountId("carla"), "consignor", "own")
ANNAS_PAYOUT = PayoutNumber("P1")
TOY = row(0, 1, "toy", 500)
SAME_PHOTO = Photo(PhotoId("01900000-0000-7000-8000-0000000000f5"), "a" * 64)
CARLAS_TOY = tag_code(SALE_NUMBER, 3, 1)
RAISED = ItemChange(SKIRT, price_minor=400)


def listing(**said: object) -> Case:
    return registered, ListItems(SALE, (replace(TOY, **said),))


def all_numbers_used() -> MemoryLog:
    log = registered()
    for start in (1, 500):
        rows: tuple[ItemRow, ...] = tuple(
            replace(TOY, row=number, number=number) for number in range(start, min(start + 499, 999) + 1)
        )
        log.issue(ListItems(SALE, rows[:500]))
    return log


def carlas_on_the_floor() -> MemoryLog:
    """Carla's toy, the first of hers, was checked in."""
    log = registered()
    log.issue(RegisterConsignor(SALE, CARLAS, number=3, account=CARLA.account))
    log.issue(ListItems(SALE, (replace(TOY, consignor=3),)))
    reach(log, Phase.DROP_OFF).issue(CheckInItems(SALE, (CARLAS_TOY,)))
    return log


CASES: dict[RowReason, Case] = {
    RowReason.ITEM_EXISTS: (listed, ListItems(SALE, (replace(TOY, number=1),))),
    RowReason.NUMBER_INVALID: listing(number=1000),
    RowReason.NUMBERS_EXHAUSTED: (all_numbers_used, ListItems(SALE, (TOY,))),
    RowReason.CATEGORY_UNKNOWN: listing(category="boat"),
    RowReason.DESCRIPTION_INVALID: listing(description=" "),
    RowReason.PRICE_INVALID: listing(price_minor=-5),
    RowReason.PRICE_TOO_LOW: listing(price_minor=50),
    RowReason.PRICE_TOO_HIGH: listing(price_minor=15_050),
    RowReason.PRICE_STEP: listing(price_minor=501),
    RowReason.NOT_ACCEPTED: listing(description="Necktie, with a tie"),
    RowReason.LIST_INVALID: listing(list_number=0),
    RowReason.TEXT_INVALID: listing(image_source="ftp://example.org/toy.jpg"),
    RowReason.PHOTOS_INVALID: listing(photos=(SAME_PHOTO, SAME_PHOTO)),
    RowReason.LOT_INVALID: listing(pieces=2),
    RowReason.QUOTA_EXCEEDED: (
        lambda: registered(replace(SETTINGS, items_per_consignor=1)),
        ListItems(SALE, (TOY, replace(TOY, row=1))),
    ),
    RowReason.INCOMPLETE: (after(registered, SaveDraft(SALE, DRAFT, 1)), CompleteDrafts(SALE, 1)),
    RowReason.UNKNOWN_DRAFT: (registered, CompleteDrafts(SALE, 1, (DRAFT,))),
    RowReason.ITEM_ON_FLOOR: (carlas_on_the_floor, WithdrawItems(SALE, (CARLAS_TOY,), actor=CARLA)),
    RowReason.ITEM_NOT_BROUGHT: (lambda: reach(listed(), Phase.LIVE), CollectItems(SALE, (SKIRT,))),
    RowReason.SAID_TWICE: (listed, ChangeItems(SALE, (RAISED, RAISED))),
    RowReason.NOT_TO_COPY: (with_earlier_sale, CopyItems(SALE, EARLIER, 1, tags=(BEAR,))),
    RowReason.NO_PAYOUT_DETAILS: (
        lambda: frozen(with_policy()),
        PreparePayouts(SALE, PayoutMethod.SEPA, (ANNAS_PAYOUT,), execute_on=PAYDAY),
    ),
    RowReason.FEE_EXCEEDS_PAYOUT: (
        lambda: frozen(with_policy(fees_minor={PayoutMethod.CHEQUE: 100_000})),
        PreparePayouts(SALE, PayoutMethod.CHEQUE, (ANNAS_PAYOUT,), first_cheque=1),
    ),
}
