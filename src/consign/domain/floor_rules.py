"""The rules of drop-off and pick-up: what is refused and why, until when things come, go and may be given away."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.ledger.floor_events import MadeGood
from consign.domain.price_rules import WallTime
from consign.domain.values import AmountMinor, Name

type UnsoldPolicy = Literal["collect", "donate", "collect_else_donate"]


class FloorRules(Struct, frozen=True, omit_defaults=True):
    """`refusal_reasons` are those that the desk picks from; others are typed in where `other_reasons` says so.

    What comes after `drop_off_until` (without one: after the phase drop-off) is late: it is taken until the end of the
    phase `late_until`, and marked. Until `pick_up_until` minds may change about what is given away.
    Until `unsold_wish_until` consignors say whether what does not sell goes home or is given away, also of what is on
    the floor; later only an organizer does. Without it they do as long as they may change their other wishes.
    Whose first things are late is charged `late_fee_minor`, once.
    `lost` says what a consignor gets for a lost item. The instants `…_at` are filled in by the service.
    """

    refusal_reasons: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    other_reasons: bool = True
    drop_off_until: WallTime | None = None
    late_until: Literal["never", "drop_off", "live"] = "live"
    pick_up_until: WallTime | None = None
    unsold_wish_until: WallTime | None = None
    lost: MadeGood = "less_commission"
    late_fee_minor: AmountMinor = 0
    drop_off_until_at: datetime | None = None
    pick_up_until_at: datetime | None = None
    unsold_wish_until_at: datetime | None = None


def is_given_away(policy: UnsoldPolicy, *, wished: bool, at_the_end: bool) -> bool:
    """Whether what is unsold is donated: by its consignor's wish, or by the sale's policy."""
    match policy:
        case "donate":
            return True
        case "collect":
            return wished
        case "collect_else_donate":
            return wished or at_the_end


def is_pick_up_over(rules: FloorRules, now: datetime, *, is_settling: bool) -> bool:
    """Whether the time for picking up is over; without such a time, it is over once the sale is being settled."""
    return is_settling if rules.pick_up_until_at is None else now >= rules.pick_up_until_at
