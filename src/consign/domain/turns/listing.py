"""Listing items: in bulk, where each bad row is named and the good ones get their tags, or one by one."""

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import ItemRow, ListedRow, ListItems, ListItemsAnswer
from consign.domain.ledger.item_commands import ItemAnswer, ListItem
from consign.domain.ledger.state import Ledger
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import ledger_stream, require_currency
from consign.domain.turns.entering import Entries
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.reach import Reach
from consign.domain.turns.whereabouts import newest_tag
from consign.domain.values import DraftId, RowError, TagCode


def list_items(command: ListItems, sale: Planned, ledger: Ledger) -> Decision:
    """List the good rows, and name what is wrong with each of the others."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Listing items", beyond_quota=command.beyond_quota)
    require_currency(command.currency, sale.currency)
    entries = Entries(sale, ledger, beyond_quota=command.beyond_quota)
    done: list[ListedRow] = []
    errors: list[RowError] = []
    for index, row in enumerate(command.rows):
        try:
            reach.require_consignor(row.consignor)
            done.append(entries.add(row))
        except BadRow as bad:
            errors.append(row_error(row.row, f"/rows/{index}", bad))
        except Rejected as rejected:
            errors.append(RowError(row.row, f"/rows/{index}/consignor", rejected.reason.value, rejected.detail))
    return Decision(listed_events(entries, sale), ListItemsAnswer(tuple(done), tuple(errors)))


def list_item(command: ListItem, sale: Planned, ledger: Ledger) -> Decision:
    """List one item; a draft of this id becomes it."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Listing items", beyond_quota=command.beyond_quota)
    require_currency(command.currency, sale.currency)
    reach.require_consignor(command.consignor)
    tag = tag_of_draft(ledger, command.draft)
    if tag is not None:
        return Decision((), ItemAnswer(command.draft, tag, already=True))
    require_draft_of(ledger, command.draft, command.consignor)
    entries = Entries(sale, ledger, beyond_quota=command.beyond_quota)
    row = ItemRow(
        0,
        command.consignor,
        command.category,
        command.description,
        command.price_minor,
        command.number,
        command.list_number,
        command.reduce,
        command.donate,
        command.pieces,
        command.size,
        command.brand,
        command.reference,
        command.photos,
        command.image_source,
    )
    try:
        done = entries.add(row, draft=command.draft)
    except BadRow as bad:
        raise refused(bad) from bad
    return Decision(listed_events(entries, sale), ItemAnswer(command.draft, done.tag, done.already))


def listed_events(entries: Entries, sale: Planned) -> tuple[Emitted, ...]:
    """Return what the entries listed, as events of the sale's ledger."""
    stream = ledger_stream(sale.sale)
    return tuple(Emitted(stream, event) for event in entries.listed)


def row_error(row: int, pointer: str, bad: BadRow) -> RowError:
    """Return what is wrong with a row, pointing at its field."""
    return RowError(row, f"{pointer}/{bad.field}" if bad.field else pointer, bad.reason.value, bad.detail)


def refused(bad: BadRow) -> Rejected:
    """Return what a single item is refused with, pointing at its field."""
    if isinstance(bad.reason, Reason):
        return Rejected(bad.reason, bad.detail)
    error = {"pointer": f"/{bad.field}", "reason": bad.reason.value, "detail": bad.detail}
    return Rejected(Reason.ITEM_INVALID, bad.detail, (error,))


def tag_of_draft(ledger: Ledger, draft: DraftId) -> TagCode | None:
    """Return the tag that the item has now which was once this draft, if it is listed."""
    tag = ledger.listed_drafts.get(draft)
    return None if tag is None else newest_tag(ledger, tag)


def require_draft_of(ledger: Ledger, draft: DraftId, consignor: int) -> None:
    """Raise Rejected with `draft_elsewhere` where another consignor's draft has this id."""
    known = ledger.drafts.get(draft)
    if known is not None and known.consignor != consignor:
        raise Rejected(
            Reason.DRAFT_ELSEWHERE, f"This is a draft of consignor {known.consignor}. Give each draft an id of its own."
        )
