"""The one way the business says no: a reason from a closed list, and a sentence that says what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a command was refused. The value is part of the public contract: `/problems/<reason>`."""

    WRONG_PHASE = "wrong_phase"


class Rejected(Exception):
    """A command was refused for `reason`; `detail` says what is the matter and what to do, for people.

    `errors` names single fields or rows: `{"pointer": "/rows/3/price", "reason": "…", "detail": "…"}`.
    """

    def __init__(self, reason: Reason, detail: str, errors: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.errors = errors
