"""A basket at the till: scan, remove, abandon, suspend. Every scan decides over session and ledger at once."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import BasketReleased, ItemHeld, ItemReleased
from consign.domain.ledger.state import BasketHolds, Held, Item, Ledger
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import (
    AbandonBasket,
    BasketAnswer,
    RemoveLine,
    Scan,
    ScanAnswer,
    SuspendBasket,
)
from consign.domain.session.events import BasketAbandoned, BasketLine, BasketSuspended, LineAdded, LineRemoved
from consign.domain.session.state import Basket, Open
from consign.domain.session.totals import as_paid, due
from consign.domain.tag import read, shown
from consign.domain.turns.actors import ledger_stream, session_stream
from consign.domain.turns.holding import hold_timer, is_free, is_unchecked
from consign.domain.turns.presale import group_of, require_selling
from consign.domain.turns.whereabouts import not_there, tagged
from consign.domain.turns.windows import in_window
from consign.domain.values import AMOUNT_LIMIT_MINOR, BasketId, TagCode

LINES_LIMIT = 500
"""How many lines one basket may hold."""

OPEN_BASKETS_LIMIT = 50
"""How many baskets one session may keep open or suspended."""

NOT_CHECKED_IN = "not_checked_in"
HELD_AGAIN = "held_again"


def scan(command: Scan, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Hold the item for the basket and add its line; every hold of the basket then lasts as long as this one."""
    basket_id = command.basket
    known = basket_to_fill(basket_id, session)
    group = group_of(command.presale_group, known, sale)
    require_selling(sale, group, now)
    basket = known
    holds_before = holds_of(session, basket_id, ledger)
    code, item = tagged(command.tag, sale, ledger)
    line = _line_of(basket, code)
    if not is_free(item, ledger, now):
        match item.status:
            case Held(basket=holder) if holder == basket_id and line is not None:
                raise Rejected(Reason.ALREADY_IN_BASKET, f"{shown(code)} is in this basket already.")
            case _:
                raise not_there(code, item, ledger)
    expires_at = now + timedelta(seconds=sale.settings.hold_duration_s)
    held = ItemHeld(session.sale, code, basket_id, session.session, session.till, now, expires_at)
    warnings = (NOT_CHECKED_IN,) if is_unchecked(item) else ()
    if line is None:
        line = in_window(_new_line(item, sale), item.listed, sale.settings, now)
        basket = with_line(basket, line)
        events: tuple[Emitted, ...] = (
            Emitted(ledger_stream(session.sale), held),
            Emitted(
                session_stream(session.session),
                LineAdded(session.sale, basket_id, line, group if known is None else None),
            ),
        )
    else:
        if was_changed(line, item):
            raise changed(line)
        events = (Emitted(ledger_stream(session.sale), held),)
        warnings = (*warnings, HELD_AGAIN)
    timers = (hold_timer(session.sale, basket_id, expires_at),) if holds_before is None else ()
    answer = _scanned(basket_id, basket, line, sale, warnings)
    require_room(answer)
    return Decision(events, answer, timers)


def was_changed(line: BasketLine, item: Item) -> bool:
    """Whether an item whose hold ran out was listed as something else meanwhile: commission would go by the old one."""
    return (line.category, line.list_number) != (item.listed.category, item.listed.list_number)


def changed(line: BasketLine) -> Rejected:
    """Return the refusal for a line whose item is listed as something else now."""
    return Rejected(Reason.LINE_LOST, f"{shown(line.tag)} was changed after its scan. Remove its line and scan it.")


def _scanned(
    basket_id: BasketId, basket: Basket | None, line: BasketLine, sale: Planned, warnings: tuple[str, ...]
) -> ScanAnswer:
    lines = () if basket is None else lines_as_paid(basket, sale)
    owed = due(lines)
    return ScanAnswer(
        basket_id,
        line,
        len(lines),
        owed.total_minor,
        sale.currency,
        warnings,
        owed.discount_minor,
        owed.tax_minor,
        owed.surcharge_minor,
    )


def basket_to_fill(basket_id: BasketId, session: Open) -> Basket | None:
    """Return the basket that something is to be put into; None: that begins it.

    Raises Rejected with `basket_finished`, `basket_suspended` or `limit_exceeded`.
    """
    basket = session.baskets.get(basket_id)
    if basket is None:
        _require_new_basket(basket_id, session)
    else:
        require_open(basket)
    return basket


def require_open(basket: Basket) -> None:
    """Raise Rejected with `basket_suspended` or `basket_paying` where nothing of the basket may be changed."""
    if basket.suspended:
        raise Rejected(Reason.BASKET_SUSPENDED, "This basket is suspended. Recall it first.")
    require_not_paying(basket)


def require_not_paying(basket: Basket) -> None:
    """Raise Rejected with `basket_paying` where the total stands because the basket is being paid."""
    if basket.paying is not None:
        raise Rejected(
            Reason.BASKET_PAYING,
            f"This basket is being paid: it comes to {basket.paying.total_minor} minor units. Cancel paying first; "
            "what was taken is given back then.",
        )


def holds_of(session: Open, basket: BasketId, ledger: Ledger) -> BasketHolds | None:
    """Return what the basket holds, if anything.

    Raises Rejected with `basket_elsewhere` when another session uses this basket's id: holds are the session's own.
    """
    holds = ledger.baskets.get(basket)
    if holds is not None and is_elsewhere(session, basket, ledger):
        raise Rejected(Reason.BASKET_ELSEWHERE, f"This basket is at till {holds.till}. Recall it to go on here.")
    return holds


def is_elsewhere(session: Open, basket: BasketId, ledger: Ledger) -> bool:
    """Whether another session holds items for a basket of this id."""
    holds = ledger.baskets.get(basket)
    return holds is not None and holds.session != session.session


def _require_new_basket(basket: BasketId, session: Open) -> None:
    receipt = session.finished.get(basket)
    if receipt is not None:
        raise finished(basket, receipt)
    if len(session.baskets) >= OPEN_BASKETS_LIMIT:
        raise Rejected(
            Reason.LIMIT_EXCEEDED, f"{OPEN_BASKETS_LIMIT} baskets are open at this till. Finish one of them first."
        )


def _line_of(basket: Basket | None, code: TagCode) -> BasketLine | None:
    if basket is not None:
        for line in basket.lines:
            if line.tag == code:
                return line
    return None


def line_named(basket: Basket, scanned: str) -> BasketLine:
    """Return the line with this tag, or with this id of a manual line; raises Rejected with `unknown_line`."""
    for line in basket.lines:
        if line.tag == scanned:
            return line
    code = read(scanned)
    found = _line_of(basket, code)
    if found is None:
        raise Rejected(Reason.UNKNOWN_LINE, f"{shown(code)} is not in this basket.")
    return found


def _new_line(item: Item, sale: Planned) -> BasketLine:
    listed = item.listed
    tax = sale.settings.tax_on(listed.category)
    return BasketLine(
        listed.tag,
        listed.participation,
        listed.consignor,
        listed.category,
        listed.description,
        listed.price_minor,
        listed.list_number,
        tax_rate_ppm=tax.rate_ppm,
        tax_included=tax.included and tax.rate_ppm > 0,
    )


def with_line(basket: Basket | None, line: BasketLine) -> Basket:
    """Return the basket with one more line."""
    return Basket((line,)) if basket is None else replace(basket, lines=(*basket.lines, line))


def require_room(answer: ScanAnswer | BasketAnswer) -> None:
    """Raise Rejected with `limit_exceeded` when the basket would have too many lines or come to too much."""
    if answer.count > LINES_LIMIT or answer.total_minor > AMOUNT_LIMIT_MINOR:
        raise Rejected(
            Reason.LIMIT_EXCEEDED, f"This basket is full at {answer.count - 1} lines. Pay it and open another one."
        )


def lines_as_paid(basket: Basket, sale: Planned) -> tuple[BasketLine, ...]:
    """Return the basket's lines with their shares of basket discount, tax and surcharge."""
    return as_paid(basket.lines, basket.discount, sale.settings.surcharge)


def finished(basket: BasketId, receipt: str) -> Rejected:
    """Return the refusal for a basket that was paid, abandoned or handed over."""
    became = f"was paid with receipt {receipt}" if receipt else "was abandoned or handed over"
    errors = ({"basket": basket, "receipt": receipt},) if receipt else ()
    return Rejected(Reason.BASKET_FINISHED, f"Basket {basket} {became}. Use a new basket.", errors)


def basket_of(session: Open, basket: BasketId) -> Basket:
    """Return an open or suspended basket; raises Rejected with `basket_finished` or `unknown_basket`."""
    found = session.baskets.get(basket)
    if found is not None:
        return found
    receipt = session.finished.get(basket)
    if receipt is not None:
        raise finished(basket, receipt)
    raise Rejected(Reason.UNKNOWN_BASKET, f"There is no basket with this id at till {session.till}.")


def holds(ledger: Ledger, code: TagCode, basket: BasketId) -> bool:
    """Whether this basket holds the item right now."""
    match ledger.items[code].status:
        case Held(basket=holder):
            return holder == basket
        case _:
            return False


def answer_of(basket_id: BasketId, basket: Basket, sale: Planned, lost: tuple[TagCode, ...] = ()) -> BasketAnswer:
    """Return what the basket comes to."""
    lines = lines_as_paid(basket, sale)
    owed = due(lines)
    return BasketAnswer(
        basket_id,
        lines,
        len(lines),
        owed.total_minor,
        sale.currency,
        lost,
        owed.discount_minor,
        owed.tax_minor,
        owed.surcharge_minor,
    )


def remove_line(command: RemoveLine, session: Open, ledger: Ledger, sale: Planned) -> Decision:
    """Put the item back: its line goes, and its hold if the basket still has it."""
    basket = basket_of(session, command.basket)
    require_not_paying(basket)
    line = line_named(basket, command.tag)
    code = line.tag
    holds_of(session, command.basket, ledger)
    events = [Emitted(session_stream(session.session), LineRemoved(session.sale, command.basket, code))]
    if not line.manual and holds(ledger, code, command.basket):
        events.append(Emitted(ledger_stream(session.sale), ItemReleased(session.sale, code, command.basket)))
    rest = replace(basket, lines=tuple(line for line in basket.lines if line.tag != code))
    return Decision(tuple(events), answer_of(command.basket, rest, sale))


def abandon(command: AbandonBasket, session: Open, ledger: Ledger, sale: Planned) -> Decision:
    """Give up the basket: all its items are free at once."""
    given_up = answer_of(command.basket, Basket(()), sale)
    if session.finished.get(command.basket) == "":
        return Decision((), given_up)
    require_not_paying(basket_of(session, command.basket))
    entry = holds_of(session, command.basket, ledger)
    events = [Emitted(session_stream(session.session), BasketAbandoned(session.sale, command.basket))]
    if entry is not None:
        released = BasketReleased(session.sale, command.basket, entry.tags)
        events.append(Emitted(ledger_stream(session.sale), released))
    return Decision(tuple(events), given_up)


def suspend(command: SuspendBasket, session: Open, sale: Planned) -> Decision:
    """Set the basket aside; its holds go on until they expire."""
    basket = basket_of(session, command.basket)
    require_not_paying(basket)
    answer = answer_of(command.basket, basket, sale)
    if basket.suspended:
        return Decision((), answer)
    event = BasketSuspended(session.sale, command.basket, command.note)
    return Decision((Emitted(session_stream(session.session), event),), answer)
