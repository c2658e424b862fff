"""The events of drop-off and pick-up slots."""

from datetime import timedelta

from msgspec import Struct

from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotDropped, SlotGivenUp, SlotPlanned
from tests.domain.log import OPENING
from tests.domain.market import ANNA, SALE

SPECIMENS: tuple[Struct, ...] = (
    SlotPlanned(SALE, "early", "drop_off", OPENING, OPENING + timedelta(minutes=30), 12, "Main hall"),
    SlotDropped(SALE, "early"),
    SlotChosen(SALE, "early", "drop_off", ANNA, 1, "late", beyond_capacity=True),
    SlotGivenUp(SALE, "early", "drop_off", ANNA, 1),
    ArrivalRecorded(SALE, "early", "drop_off", ANNA, 1, OPENING),
)
