"""given / when / then over whole events, through the business that the runtime sees."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from consign.domain.decision import Decision
from consign.domain.rejection import Reason, Rejected
from consign.domain.values import SYSTEM, Actor
from tests.domain.log import MemoryLog


class Outcome:
    """What a command came to: a decision or a rejection."""

    def __init__(self, outcome: Decision | Rejected) -> None:
        self._outcome = outcome

    def then(self, *events: Struct) -> Outcome:
        """The command was accepted with exactly these events, in this order."""
        assert isinstance(self._outcome, Decision), f"rejected: {self._outcome}"
        assert [emitted.event for emitted in self._outcome.events] == list(events)
        return self

    def answered(self, answer: Struct) -> Outcome:
        assert isinstance(self._outcome, Decision), f"rejected: {self._outcome}"
        assert self._outcome.answer == answer
        return self

    def rejected(self, reason: Reason, *words: str) -> Rejected:
        """The command was refused for this reason, in a sentence that holds these words."""
        assert isinstance(self._outcome, Rejected), f"accepted: {self._outcome}"
        assert self._outcome.reason is reason, f"{self._outcome.reason}: {self._outcome.detail}"
        for word in words:
            assert word in self._outcome.detail
        return self._outcome

    @property
    def on_behalf_of(self) -> str | None:
        assert isinstance(self._outcome, Decision), f"rejected: {self._outcome}"
        return self._outcome.on_behalf_of

    @property
    def answer(self) -> Any:
        assert isinstance(self._outcome, Decision), f"rejected: {self._outcome}"
        return self._outcome.answer


class Given:
    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def when(self, command: Struct, actor: Actor = SYSTEM) -> Outcome:
        """Decide the command and keep its events."""
        try:
            decision = self._log.decide(command, actor)
        except Rejected as rejected:
            return Outcome(rejected)
        self._log.append(decision)
        return Outcome(decision)


def given(log: MemoryLog, *commands: Struct) -> Given:
    """A log in which these commands were accepted, too."""
    for command in commands:
        log.issue(command)
    return Given(log)
