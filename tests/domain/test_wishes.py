"""What consignors wish for what does not sell, and until when they may change their minds."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import CheckInItems, ListItems
from consign.domain.ledger.item_commands import ChangeWishes
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.sale import Phase
from consign.domain.tag import tag_code
from consign.domain.values import AccountId, Actor, ParticipationId
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import SALE, SALE_NUMBER, SETTINGS, listed, reach, row

CARLAS = ParticipationId("01900000-0000-7000-8000-0000000000c7")
CARLA = Actor(AccountId("carla"), "consignor", "own")
VOLUNTEER = Actor(AccountId("vera"), "volunteer")
ORGANIZER = Actor(AccountId("olga"), "organizer")
PUZZLE = tag_code(SALE_NUMBER, 3, 1)
NOON = datetime(2026, 9, 26, 12)  # noqa: DTZ001 - as the clock on the wall shows it


def on_the_floor() -> MemoryLog:
    """Carla's puzzle is on the floor of a sale where she may say until noon what becomes of it unsold."""
    log = reach(listed(replace(SETTINGS, floor=FloorRules(unsold_wish_until=NOON))), Phase.DROP_OFF)
    log.issue(RegisterConsignor(SALE, CARLAS, number=3, account=CARLA.account))
    log.issue(ListItems(SALE, (row(0, 3, "toy", 500),)))
    log.issue(CheckInItems(SALE, (PUZZLE,)))
    return log


def wish(actor: Actor, *, donate: bool, reduce: bool | None = None) -> ChangeWishes:
    return ChangeWishes(SALE, (PUZZLE,), reduce, donate, actor)


def refused(log: MemoryLog, command: ChangeWishes) -> list[str]:
    return [error.reason for error in log.issue(command).errors]


def test_what_becomes_of_an_unsold_thing_is_said_until_the_deadline_also_on_the_floor() -> None:
    log = on_the_floor()
    assert refused(log, wish(CARLA, donate=True)) == []
    assert log.state(f"ledger-{SALE}").items[PUZZLE].listed.donate
    assert refused(log, wish(CARLA, donate=True, reduce=True)) == ["item_on_floor"]


def test_after_the_deadline_an_organizer_alone_changes_it() -> None:
    log = on_the_floor()
    log.issue(wish(CARLA, donate=True))
    log.now = OPENING + timedelta(hours=2)  # noon in Paris
    assert refused(log, wish(CARLA, donate=True)) == [], "what is wished already may be said again"
    for actor in (CARLA, VOLUNTEER):
        (error,) = log.issue(wish(actor, donate=False)).errors
        assert (error.reason, error.detail) == (
            "too_late",
            "That could be changed until 2026-09-26 10:00 UTC. Ask an organizer to change it.",
        )
    assert refused(log, wish(ORGANIZER, donate=False)) == []
    assert not log.state(f"ledger-{SALE}").items[PUZZLE].listed.donate
