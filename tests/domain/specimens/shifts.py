"""The events of volunteers' shifts and of the tiers they give."""

from datetime import timedelta

from msgspec import Struct

from consign.domain.commission import CommissionRule, Totals, Unit
from consign.domain.shifts.events import (
    ConsignorTierEarned,
    ShiftDropped,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkRecorded,
)
from tests.domain.log import OPENING
from tests.domain.market import ANNA, SALE

RULE = CommissionRule(200_000, 10, 50, 5000)
TOTALS = Totals({"200000:10:50:5000": Unit(RULE, 1550, 2, 330)}, 1550, 2, 330, 66)

SPECIMENS: tuple[Struct, ...] = (
    ShiftPlanned(SALE, "door", "Stand at the door", OPENING, OPENING + timedelta(hours=2), 3, 120, "Main hall"),
    ShiftDropped(SALE, "door"),
    ShiftTaken(SALE, "door", ANNA, 1, 120),
    ShiftGivenUp(SALE, "door", ANNA, 1),
    WorkRecorded(SALE, "door", ANNA, 1, "worked", 90, 120),
    ConsignorTierEarned(ANNA, SALE, 1, "volunteer", 120, 90, broken=True, totals=TOTALS),
)
