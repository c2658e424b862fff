"""Where an item is, said to a person: the refusals that name what became of a tag."""

from datetime import UTC, datetime
from typing import Any

from consign.domain.ledger.state import (
    Collected,
    Donated,
    Held,
    Item,
    Ledger,
    Listed,
    Lost,
    Missing,
    NotBrought,
    OnFloor,
    Refused,
    Returned,
    Sold,
    Voided,
    Withdrawn,
)
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.tag import parse, read, shown
from consign.domain.values import TagCode


def tagged(scanned: str, sale: Planned, ledger: Ledger) -> tuple[TagCode, Item]:
    """Return the item with this tag.

    Raises Rejected with `tag_invalid`, `wrong_sale` or `unknown_tag`.
    """
    known = ledger.items.get(TagCode(scanned))
    if known is not None:  # what the ledger has listed needs no second look at its digits
        return known.listed.tag, known
    code = read(scanned)
    item = ledger.items.get(code)
    if item is None:
        number = parse(code).sale_number
        if number != sale.number:
            raise Rejected(
                Reason.WRONG_SALE,
                f"Tag {shown(code)} belongs to sale number {number:03}; this is sale number {sale.number:03}.",
            )
        raise Rejected(Reason.UNKNOWN_TAG, f"No item with tag {shown(code)} is listed in this sale. Check its digits.")
    return code, item


def moment(instant: datetime) -> str:
    """Return an instant for a person, in UTC, to the minute."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def not_there(code: TagCode, item: Item, ledger: Ledger) -> Rejected:
    """Return the refusal that says where the item is instead: held, sold, refused, gone or lost."""
    match item.status:
        case Held(basket=basket, since=since):
            holds = ledger.baskets.get(basket)
            till = "unknown" if holds is None else holds.till
            held = f"{shown(code)} is held by till {till} since {moment(since)}."
            return _taken(Reason.HELD_ELSEWHERE, held, {"till": till, "since": since})
        case Sold(receipt=receipt):
            sold = ledger.receipts[receipt]
            at = {"till": sold.till, "receipt": receipt, "since": sold.sold_at}
            was_sold = f"{shown(code)} was sold at till {sold.till}, receipt {receipt}, {moment(sold.sold_at)}."
            return _taken(Reason.ALREADY_SOLD, was_sold, at)
        case Refused(reason=reason):
            return Rejected(Reason.ITEM_REFUSED, f"{shown(code)} was refused at check-in: {reason}.")
        case Withdrawn():
            return Rejected(Reason.ITEM_WITHDRAWN, f"{shown(code)} was withdrawn by its consignor.")
        case Returned():
            return Rejected(Reason.ITEM_RETURNED, f"{shown(code)} was returned to its consignor.")
        case Collected() | Donated() | Missing() | Lost():
            return _gone(code, item.status)
        case Voided():
            return _voided(code, ledger)
        case Listed() | NotBrought() | OnFloor():
            return Rejected(Reason.ITEM_NOT_REFUSED, f"{shown(code)} was not refused: there is nothing to admit.")


def _gone(code: TagCode, status: Collected | Donated | Missing | Lost) -> Rejected:
    match status:
        case Collected():
            return Rejected(Reason.ITEM_COLLECTED, f"{shown(code)} was collected by its consignor.")
        case Donated():
            return Rejected(Reason.ITEM_DONATED, f"{shown(code)} was given away.")
        case Missing():
            return Rejected(Reason.ITEM_MISSING, f"{shown(code)} is marked as missing. Say first that it is found.")
        case Lost():
            return Rejected(Reason.ITEM_LOST, f"{shown(code)} is marked as lost. Say first that it is found.")


def newest_tag(ledger: Ledger, code: TagCode) -> TagCode:
    """Follow a tag that may be void to the one its item has now."""
    while isinstance(status := ledger.items[code].status, Voided):
        code = status.replaced_by
    return code


def _voided(code: TagCode, ledger: Ledger) -> Rejected:
    now = newest_tag(ledger, code)
    detail = f"{shown(code)} is void: the item was changed and has the tag {shown(now)} now."
    return _taken(Reason.TAG_VOIDED, detail, {"replaced_by": now})


def _taken(reason: Reason, detail: str, where: dict[str, Any]) -> Rejected:
    """Return a refusal whose one error says, for programs too, where the item went."""
    return Rejected(reason, detail, ({"pointer": "/tag", "reason": reason.value, "detail": detail, **where},))
