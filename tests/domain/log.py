"""An in-memory log of one organization that decides with the pure business only: what all domain tests stand on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from consign.domain.business import CONSIGN
from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.recorded import StreamName
from consign.domain.values import SYSTEM, Actor

OPENING = datetime(2026, 9, 26, 8, 0, tzinfo=UTC)
_ROUNDS_LIMIT = 5


class MemoryLog:
    """Events, folded states and pending timers; `now` is moved by tests alone."""

    def __init__(self) -> None:
        self.now = OPENING
        self.events: list[Emitted] = []
        self.states: dict[StreamName, Any] = {}
        self.timers: list[Timer] = []

    def state(self, stream: StreamName) -> Any:
        if stream not in self.states:
            self.states[stream] = CONSIGN.initial(stream)
        return self.states[stream]

    def decide(self, command: Any, actor: Actor = SYSTEM) -> Decision:
        """Load what the command needs, round by round, and decide; nothing is kept."""
        loaded: dict[StreamName, Any] = {}
        for _ in range(_ROUNDS_LIMIT):
            missing = [stream for stream in CONSIGN.needs(command, loaded) if stream not in loaded]
            if not missing:
                decision = CONSIGN.decide(command, loaded, self.now, actor)
                # The runtime folds new events into the states it loaded: there must be one for each.
                assert {emitted.stream for emitted in decision.events} <= loaded.keys()
                return decision
            loaded.update((stream, self.state(stream)) for stream in missing)
        raise AssertionError(f"{command} never has enough streams")

    def append(self, decision: Decision) -> None:
        for emitted in decision.events:
            self.states[emitted.stream] = CONSIGN.evolve(emitted.stream, self.state(emitted.stream), emitted.event)
        self.events.extend(decision.events)
        self.timers.extend(decision.timers)

    def issue(self, command: Any) -> Any:
        """Decide, keep the events and return the answer; raises Rejected."""
        decision = self.decide(command)
        self.append(decision)
        return decision.answer

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def fire_due_timers(self) -> None:
        """Fire what is due, in order; a timer that sets another one is due again only later."""
        due = sorted((timer for timer in self.timers if timer.due_at <= self.now), key=lambda timer: timer.due_at)
        self.timers = [timer for timer in self.timers if timer.due_at > self.now]
        for timer in due:
            self.issue(timer.command)

    def events_of(self, *types: type) -> list[Any]:
        return [emitted.event for emitted in self.events if isinstance(emitted.event, types)]
