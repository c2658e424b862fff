"""When a projection that the database fails is tried again."""


class Retries:
    """A pause for each failing projection, twice as long after each failure."""

    def __init__(self, pause_s: float, pause_max_s: float) -> None:
        self._pause_s = pause_s
        self._pause_max_s = pause_max_s
        self._pauses: dict[str, tuple[float, float]] = {}

    def is_due(self, projection: str, now_s: float) -> bool:
        """Return whether the projection's pause is over."""
        due_s, _ = self._pauses.get(projection, (now_s, 0.0))
        return due_s <= now_s

    def postpone(self, projection: str, now_s: float) -> None:
        """Begin a pause, after another failure."""
        _, before_s = self._pauses.get(projection, (now_s, 0.0))
        pause_s = min(before_s * 2 or self._pause_s, self._pause_max_s)
        self._pauses[projection] = (now_s + pause_s, pause_s)

    def forget(self, projection: str) -> None:
        """Take note that the projection is well again."""
        self._pauses.pop(projection, None)
