"""Commands about volunteers' shifts."""

from consign.domain.shifts.commands import (
    DropShift,
    GiveUpShift,
    PlanShift,
    RecordNoShow,
    RecordWork,
    RetractWork,
    ShiftAnswer,
    TakeShift,
    WorkAnswer,
)
from consign.domain.values import Done
from consign.http import examples
from consign.http.commands.route import CommandRoute, actor_of

_ONE = "/sales/{sale}/shifts/{shift}"
_TAG = "shifts"

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "plan-shift",
        f"{_ONE}/plan",
        PlanShift,
        ShiftAnswer,
        "Plan a shift for volunteers, or plan it anew.",
        {
            "task": "Receive things",
            "begins_at": "2026-09-25T14:00:00Z",
            "ends_at": "2026-09-25T18:00:00Z",
            "capacity": 6,
            "place": "Main hall",
        },
        _TAG,
    ),
    CommandRoute("drop-shift", f"{_ONE}/drop", DropShift, Done, "Drop a shift that nobody took.", {}, _TAG),
    CommandRoute(
        "take-shift",
        f"{_ONE}/take",
        TakeShift,
        WorkAnswer,
        "Promise to work a shift, which may give a tier.",
        {"participation": examples.PARTICIPATION},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "give-up-shift",
        f"{_ONE}/give-up",
        GiveUpShift,
        WorkAnswer,
        "Take back the promise to work a shift.",
        {"participation": examples.PARTICIPATION},
        _TAG,
        {"actor": actor_of},
    ),
    CommandRoute(
        "record-work",
        f"{_ONE}/record-work",
        RecordWork,
        WorkAnswer,
        "Record that a consignor worked; what they sold so far then counts by the tier that follows.",
        {"consignor": 17, "minutes": 240},
        _TAG,
    ),
    CommandRoute(
        "record-no-show",
        f"{_ONE}/record-no-show",
        RecordNoShow,
        WorkAnswer,
        "Record that a consignor did not come to a shift they promised.",
        {"consignor": 17},
        _TAG,
    ),
    CommandRoute(
        "retract-work",
        f"{_ONE}/retract-work",
        RetractWork,
        WorkAnswer,
        "Take back what was recorded by mistake.",
        {"consignor": 17},
        _TAG,
    ),
)
