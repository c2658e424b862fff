"""Work that is done in slices, without a break between them."""

from collections.abc import Generator


def at_once[Result](work: Generator[None, None, Result]) -> Result:
    """Return the work's result."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
