"""Drafts: things described before they are complete. A draft has no tag; completing it lists it."""

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.commands import ItemRow
from consign.domain.ledger.item_commands import (
    CompletedAnswer,
    CompletedDraft,
    CompleteDrafts,
    DiscardDrafts,
    DraftAnswer,
    DraftsAnswer,
    SaveDraft,
)
from consign.domain.ledger.item_events import DraftSaved, DraftsDiscarded
from consign.domain.ledger.state import Ledger
from consign.domain.rejection import Reason, Rejected, RowReason
from consign.domain.sale import Planned
from consign.domain.turns.actors import ledger_stream, require_currency
from consign.domain.turns.entering import Entries
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.listing import listed_events, require_draft_of, row_error, tag_of_draft
from consign.domain.turns.reach import Reach
from consign.domain.values import ROWS_LIMIT, DraftId, RowError

DRAFTS_LIMIT = ROWS_LIMIT
"""How many drafts one consignor may keep: one command can complete them all."""


def save(command: SaveDraft, sale: Planned, ledger: Ledger) -> Decision:
    """Keep what is said of an item so far, and tell what it lacks."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Saving drafts")
    require_currency(command.currency, sale.currency)
    reach.require_consignor(command.consignor)
    participation = sale.consignors.get(command.consignor)
    if participation is None:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.consignor} is not registered for this sale.")
    tag = tag_of_draft(ledger, command.draft)
    if tag is not None:
        raise Rejected(Reason.DRAFT_LISTED, "This draft was listed: change the item instead.")
    require_draft_of(ledger, command.draft, command.consignor)
    event = DraftSaved(
        sale.sale,
        command.draft,
        participation,
        command.consignor,
        command.category,
        command.description,
        command.price_minor,
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
    answer = DraftAnswer(command.draft, _lacking(event, sale, ledger))
    known = ledger.drafts.get(command.draft)
    if known == event:
        return Decision((), answer)
    theirs = ledger.consignors.get(command.consignor)
    if known is None and theirs is not None and len(theirs.drafts) >= DRAFTS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A consignor keeps at most {DRAFTS_LIMIT} drafts. Complete some first.")
    return Decision((Emitted(ledger_stream(sale.sale), event),), answer)


def _lacking(draft: DraftSaved, sale: Planned, ledger: Ledger) -> tuple[RowError, ...]:
    try:
        _complete(draft, 0, Entries(sale, ledger))
    except BadRow as bad:
        return (row_error(0, "", bad),)
    return ()


def complete(command: CompleteDrafts, sale: Planned, ledger: Ledger) -> Decision:
    """List the drafts that are complete, and name what each of the others lacks."""
    reach = Reach(command.actor, sale)
    reach.require_entry("Listing items", beyond_quota=command.beyond_quota)
    reach.require_consignor(command.consignor)
    entries = Entries(sale, ledger, beyond_quota=command.beyond_quota)
    done: dict[DraftId, CompletedDraft] = {}
    errors: list[RowError] = []
    for index, draft in enumerate(command.drafts or _drafts_of(command.consignor, ledger)):
        if draft in done:
            continue
        try:
            require_draft_of(ledger, draft, command.consignor)
            done[draft] = _completed(draft, index, ledger, entries)
        except BadRow as bad:
            errors.append(row_error(index, f"/drafts/{index}", bad))
        except Rejected as rejected:
            errors.append(RowError(index, f"/drafts/{index}", rejected.reason.value, rejected.detail))
    return Decision(listed_events(entries, sale), CompletedAnswer(tuple(done.values()), tuple(errors)))


def _drafts_of(consignor: int, ledger: Ledger) -> tuple[DraftId, ...]:
    theirs = ledger.consignors.get(consignor)
    return () if theirs is None else theirs.drafts


def _completed(draft: DraftId, row: int, ledger: Ledger, entries: Entries) -> CompletedDraft:
    tag = tag_of_draft(ledger, draft)
    if tag is not None:
        return CompletedDraft(draft, tag, already=True)
    saved = ledger.drafts.get(draft)
    if saved is None:
        raise BadRow("", RowReason.UNKNOWN_DRAFT, "There is no draft with this id.")
    return _complete(saved, row, entries)


def _complete(draft: DraftSaved, row: int, entries: Entries) -> CompletedDraft:
    if draft.category is None:
        raise BadRow("category", RowReason.INCOMPLETE, "Say its category.")
    if draft.price_minor is None:
        raise BadRow("price_minor", RowReason.INCOMPLETE, "Say its price.")
    described = ItemRow(
        row,
        draft.consignor,
        draft.category,
        draft.description,
        draft.price_minor,
        None,
        draft.list_number,
        draft.reduce,
        draft.donate,
        draft.pieces,
        draft.size,
        draft.brand,
        draft.reference,
        draft.photos,
        draft.image_source,
    )
    done = entries.add(described, draft=draft.draft)
    return CompletedDraft(draft.draft, done.tag, done.already)


def discard(command: DiscardDrafts, sale: Planned, ledger: Ledger) -> Decision:
    """Throw drafts away; what is listed is no draft any more and stays."""
    Reach(command.actor, sale).require_consignor(command.consignor)
    theirs = tuple(
        draft
        for draft in dict.fromkeys(command.drafts)
        if (saved := ledger.drafts.get(draft)) is not None and saved.consignor == command.consignor
    )
    gone = DraftsAnswer(tuple(draft for draft in dict.fromkeys(command.drafts) if _is_gone(draft, theirs, ledger)))
    if not theirs:
        return Decision((), gone)
    event = DraftsDiscarded(sale.sale, command.consignor, theirs)
    return Decision((Emitted(ledger_stream(sale.sale), event),), gone)


def _is_gone(draft: DraftId, discarded: tuple[DraftId, ...], ledger: Ledger) -> bool:
    return draft in discarded or (draft not in ledger.drafts and draft not in ledger.listed_drafts)
