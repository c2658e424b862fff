"""A gateway that takes every command and does nothing with it, for what stands before the business."""

from consign.actors.ports import Accepted, Issued, Reply, Unavailable


class Gateway:
    """Keeps what it is given; one that is `away` takes nothing."""

    def __init__(self, *, away: bool = False) -> None:
        self.issued: list[Issued] = []
        self._away = away

    async def submit(self, issued: Issued) -> Reply:
        if self._away:
            return Unavailable("log_unavailable", "The log cannot be reached. Try again.", 1.0)
        self.issued.append(issued)
        return Accepted(len(self.issued), b"{}")
