"""Many tags in one command: each is taken once, and what is wrong with one does not hold up the others."""

from collections.abc import Callable

from consign.domain.ledger.commands import TagsAnswer
from consign.domain.ledger.state import Item, Ledger
from consign.domain.rejection import Rejected
from consign.domain.sale import Planned
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.reach import Reach
from consign.domain.turns.whereabouts import tagged
from consign.domain.values import RowError, TagCode


def each_tag[T](
    scanned: tuple[str, ...],
    sale: Planned,
    ledger: Ledger,
    take: Callable[[TagCode, Item], T | None],
    reach: Reach | None = None,
) -> tuple[TagsAnswer, tuple[T, ...]]:
    """Take each tag once; `take` returns None where nothing has to change and raises Rejected for a bad row."""
    taken: dict[TagCode, T | None] = {}
    errors: list[RowError] = []
    for index, text in enumerate(scanned):
        try:
            code, item = tagged(text, sale, ledger)
            if reach is not None:
                reach.require_item(item)
            if code not in taken:
                taken[code] = take(code, item)
        except (Rejected, BadRow) as rejected:
            errors.append(RowError(index, f"/tags/{index}", rejected.reason.value, rejected.detail))
    return TagsAnswer(tuple(taken), tuple(errors)), tuple(change for change in taken.values() if change is not None)
