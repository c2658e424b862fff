"""A basket at the till: scan, remove, abandon, suspend. Every scan decides over session and ledger at once."""

from datetime import datetime, timedelta

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
from consign.domain.tag import read, shown
from consign.domain.turns.actors import SELLING, ledger_stream, require_phase, session_stream
from consign.domain.turns.holding import hold_timer, is_free, is_unchecked
from consign.domain.turns.whereabouts import not_there, tagged
from consign.domain.values import AMOUNT_LIMIT_MINOR, BasketId, TagCode

LINES_LIMIT = 500
"""How many lines one basket may hold."""

OPEN_BASKETS_LIMIT = 50
"""How many baskets one session may keep open or suspended."""

NOT_CHECKED_IN = "not_checked_in"
HELD_AGAIN = "held_again"


def scan(command: Scan, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Hold the item for the basket and add its line; every hold of the basket then lasts as long as this one."""
    require_phase(sale, SELLING, "Selling")
    basket_id = command.basket
    basket = session.baskets.get(basket_id)
    if basket is None:
        _require_new_basket(basket_id, session)
    elif basket.suspended:
        raise Rejected(Reason.BASKET_SUSPENDED, "This basket is suspended. Recall it first.")
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
        line = _new_line(item)
        count, total_minor = _with(basket, line)
        events: tuple[Emitted, ...] = (
            Emitted(ledger_stream(session.sale), held),
            Emitted(session_stream(session.session), LineAdded(session.sale, basket_id, line)),
        )
    else:
        count, total_minor = (0, 0) if basket is None else (len(basket.lines), basket.total_minor)
        events = (Emitted(ledger_stream(session.sale), held),)
        warnings = (*warnings, HELD_AGAIN)
    timers = (hold_timer(session.sale, basket_id, expires_at),) if holds_before is None else ()
    return Decision(events, ScanAnswer(basket_id, line, count, total_minor, session.currency, warnings), timers)


def holds_of(session: Open, basket: BasketId, ledger: Ledger) -> BasketHolds | None:
    """Return what the basket holds, if anything.

    Raises Rejected with `basket_elsewhere` when another session uses this basket's id: holds are the session's own.
    """
    holds = ledger.baskets.get(basket)
    if holds is not None and holds.session != session.session:
        raise Rejected(Reason.BASKET_ELSEWHERE, f"This basket is at till {holds.till}. Recall it to go on here.")
    return holds


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


def _new_line(item: Item) -> BasketLine:
    listed = item.listed
    return BasketLine(
        listed.tag,
        listed.participation,
        listed.consignor,
        listed.category,
        listed.description,
        listed.price_minor,
        listed.list_number,
    )


def _with(basket: Basket | None, line: BasketLine) -> tuple[int, int]:
    if basket is None:
        return 1, line.price_minor
    count, total_minor = len(basket.lines) + 1, basket.total_minor + line.price_minor
    if count > LINES_LIMIT or total_minor > AMOUNT_LIMIT_MINOR:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"This basket is full at {count - 1} lines. Pay it and open another one.")
    return count, total_minor


def finished(basket: BasketId, receipt: str) -> Rejected:
    """Return the refusal for a basket that was paid, abandoned or handed over."""
    became = f"was paid with receipt {receipt}" if receipt else "was abandoned or handed over"
    return Rejected(Reason.BASKET_FINISHED, f"Basket {basket} {became}. Use a new basket.")


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


def answer_of(session: Open, basket: BasketId, lines: tuple[BasketLine, ...]) -> BasketAnswer:
    total_minor = sum(line.price_minor for line in lines)
    return BasketAnswer(basket, lines, len(lines), total_minor, session.currency)


def remove_line(command: RemoveLine, session: Open, ledger: Ledger) -> Decision:
    """Put the item back: its line goes, and its hold if the basket still has it."""
    basket = basket_of(session, command.basket)
    code = read(command.tag)
    if _line_of(basket, code) is None:
        raise Rejected(Reason.UNKNOWN_LINE, f"{shown(code)} is not in this basket.")
    holds_of(session, command.basket, ledger)
    events = [Emitted(session_stream(session.session), LineRemoved(session.sale, command.basket, code))]
    if holds(ledger, code, command.basket):
        events.append(Emitted(ledger_stream(session.sale), ItemReleased(session.sale, code, command.basket)))
    rest = tuple(line for line in basket.lines if line.tag != code)
    return Decision(tuple(events), answer_of(session, command.basket, rest))


def abandon(command: AbandonBasket, session: Open, ledger: Ledger) -> Decision:
    """Give up the basket: all its items are free at once."""
    if session.finished.get(command.basket) == "":
        return Decision((), answer_of(session, command.basket, ()))
    basket_of(session, command.basket)
    entry = holds_of(session, command.basket, ledger)
    events = [Emitted(session_stream(session.session), BasketAbandoned(session.sale, command.basket))]
    if entry is not None:
        released = BasketReleased(session.sale, command.basket, entry.tags)
        events.append(Emitted(ledger_stream(session.sale), released))
    return Decision(tuple(events), answer_of(session, command.basket, ()))


def suspend(command: SuspendBasket, session: Open) -> Decision:
    """Set the basket aside; its holds go on until they expire."""
    basket = basket_of(session, command.basket)
    answer = answer_of(session, command.basket, basket.lines)
    if basket.suspended:
        return Decision((), answer)
    event = BasketSuspended(session.sale, command.basket, command.note)
    return Decision((Emitted(session_stream(session.session), event),), answer)
