"""What tests of entry say: drafts, a consignor with an account, lots, and what is read of an answer."""

from typing import Any

from msgspec.structs import replace

from consign.domain.ledger.events import Photo
from consign.domain.ledger.item_commands import (
    ListItem,
)
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.sale import Category, LotRule
from consign.domain.tag import tag_code
from consign.domain.values import AccountId, Actor, DraftId, ParticipationId, PhotoId
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNAS_NUMBER,
    SALE,
    SALE_NUMBER,
    SETTINGS,
    listed,
)

DRAFT = DraftId("01900000-0000-7000-8000-0000000000e1")
OTHER_DRAFT = DraftId("01900000-0000-7000-8000-0000000000e2")
CARLAS = ParticipationId("01900000-0000-7000-8000-0000000000c7")
CARLAS_NUMBER = 3
CARLA = Actor(AccountId("carla"), "consignor", "own")
VOLUNTEER = Actor(AccountId("vera"), "volunteer")
ORGANIZER = Actor(AccountId("olga"), "organizer")
NEXT = tag_code(SALE_NUMBER, ANNAS_NUMBER, 3)
"""The tag that Anna's next item gets."""
PUZZLE = ListItem(SALE, DRAFT, ANNAS_NUMBER, "toy", "Puzzle", 500)
LOTS = replace(SETTINGS, categories=(*SETTINGS.categories, Category("bodysuit", "Bodysuit", lot=LotRule(3, True))))


def a_draft(number: int) -> DraftId:
    return DraftId(f"01900000-0000-7000-8000-{number:012}")


def a_photo(number: int) -> Photo:
    return Photo(PhotoId(f"01900000-0000-7000-8000-{number:012}"), f"{number:064x}")


def item(log: MemoryLog, tag: str) -> Any:
    return log.state(f"ledger-{SALE}").items[tag]


def reasons(answer: Any) -> list[tuple[int, str, str]]:
    return [(error.row, error.reason, error.pointer) for error in answer.errors]


def with_carla() -> MemoryLog:
    """Carla, who has an account, has listed a puzzle."""
    log = listed()
    log.issue(RegisterConsignor(SALE, CARLAS, number=CARLAS_NUMBER, account=CARLA.account))
    log.issue(replace(PUZZLE, consignor=CARLAS_NUMBER, actor=CARLA))
    return log


CARLAS_PUZZLE = tag_code(SALE_NUMBER, CARLAS_NUMBER, 1)
