"""Commands about drop-off and pick-up slots."""

from consign.domain.slots.commands import (
    ChoiceAnswer,
    ChooseSlot,
    DropSlot,
    GiveUpSlot,
    PlanSlot,
    RecordArrival,
    SlotAnswer,
)
from consign.domain.values import Done
from consign.http import examples
from consign.http.commands.route import CommandRoute, actor_of

_ONE = "/sales/{sale}/slots/{slot}"
_TAG = "slots"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "plan-slot",
        f"{_ONE}/plan",
        PlanSlot,
        SlotAnswer,
        "Plan a slot in which consignors bring their things or fetch them, or plan it anew.",
        {
            "kind": "drop_off",
            "begins_at": "2026-09-25T14:00:00Z",
            "ends_at": "2026-09-25T14:30:00Z",
            "capacity": 12,
            "place": "Main hall",
        },
        _TAG,
    ),
    CommandRoute("drop-slot", f"{_ONE}/drop", DropSlot, Done, "Drop a slot that nobody chose.", {}, _TAG),
    CommandRoute(
        "choose-slot",
        f"{_ONE}/choose",
        ChooseSlot,
        ChoiceAnswer,
        "Choose a slot, instead of the one of its kind that was chosen before.",
        {"participation": examples.PARTICIPATION},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "give-up-slot",
        f"{_ONE}/give-up",
        GiveUpSlot,
        Done,
        "Give up a slot that was chosen.",
        {"participation": examples.PARTICIPATION},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "record-arrival",
        "/sales/{sale}/record-arrival",
        RecordArrival,
        ChoiceAnswer,
        "Record that a consignor came who chose a slot.",
        {"consignor": 17, "kind": "pick_up"},
        _TAG,
    ),
)
