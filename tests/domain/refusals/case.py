"""A case: where a log stands, and the command that is refused there."""

from collections.abc import Callable

from msgspec import Struct

from tests.domain.log import MemoryLog

type Case = tuple[Callable[[], MemoryLog], Struct]


def after(start: Callable[[], MemoryLog], *commands: Struct) -> Callable[[], MemoryLog]:
    def log() -> MemoryLog:
        begun = start()
        for command in commands:
            begun.issue(command)
        return begun

    return log
