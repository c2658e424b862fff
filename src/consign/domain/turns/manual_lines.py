"""Things without a readable tag: typed in at a till, and matched, credited or kept afterwards."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.manual_lines import (
    CreditedTo,
    GivenBack,
    Kept,
    ManualLineCredited,
    ManualLineEvent,
    ManualLineKept,
    ManualLineMatched,
    Matched,
    Outcome,
    PaidLine,
    Undone,
    Unmatched,
)
from consign.domain.ledger.state import Ledger
from consign.domain.manual_commands import (
    AddManualLine,
    CreditManualLine,
    KeepManualLine,
    ManualLineAnswer,
    MatchManualLine,
)
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned, SaleSettings
from consign.domain.session.commands import BasketAnswer
from consign.domain.session.events import BasketLine, LineAdded
from consign.domain.session.state import Basket, Open
from consign.domain.tag import shown
from consign.domain.turns.actors import REFUNDING, ledger_stream, require_phase, session_stream
from consign.domain.turns.basket import answer_of, basket_to_fill, holds_of, require_room, with_line
from consign.domain.turns.holding import is_free, is_unchecked
from consign.domain.turns.lines import sold_item, sold_line
from consign.domain.turns.presale import group_of, require_selling
from consign.domain.turns.whereabouts import not_there, tagged
from consign.domain.values import ParticipationId, TagCode


def add(command: AddManualLine, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Add a line for a thing without a tag; no window lowers what is typed in."""
    basket = basket_to_fill(command.basket, session)
    group = group_of(command.presale_group, basket, sale)
    require_selling(sale, group, now)
    holds_of(session, command.basket, ledger)
    line = _new_line(command, sale)
    for other in () if basket is None else basket.lines:
        if other.tag == line.tag:
            return _added_before(command, basket, other, line, sale)
    sold = ledger.manual_lines.get(line.tag)
    if sold is not None:
        raise Rejected(Reason.ALREADY_SOLD, f"A line with this id was sold with receipt {sold.receipt}. Use a new id.")
    answer = answer_of(command.basket, with_line(basket, line), sale)
    require_room(answer)
    event = LineAdded(session.sale, command.basket, line, group if basket is None else None)
    return Decision((Emitted(session_stream(session.session), event),), answer)


def _new_line(command: AddManualLine, sale: Planned) -> BasketLine:
    consignor, category = command.consignor or 0, command.category or ""
    if consignor and consignor not in sale.consignors:
        raise Rejected(
            Reason.UNKNOWN_CONSIGNOR,
            f"Consignor {consignor} is not registered for this sale. Leave the number out if it cannot be read.",
        )
    _require_category(category, sale.settings)
    tax = sale.settings.tax_on(category)
    return BasketLine(
        command.line,
        ParticipationId(""),
        consignor,
        category,
        command.description,
        command.price_minor,
        tax_rate_ppm=tax.rate_ppm,
        tax_included=tax.included and tax.rate_ppm > 0,
        manual=True,
        credited_to="suspense",
    )


def _require_category(category: str, settings: SaleSettings) -> None:
    if category and all(each.code != category for each in settings.categories):
        raise Rejected(Reason.UNKNOWN_CATEGORY, f"This sale has no category “{category}”. Leave it out if in doubt.")


def _added_before(
    command: AddManualLine, basket: Basket | None, known: BasketLine, line: BasketLine, sale: Planned
) -> Decision:
    same = (known.description, known.consignor, known.category) == (line.description, line.consignor, line.category)
    if basket is None or not same or known.price_minor != line.price_minor:
        raise Rejected(Reason.ALREADY_IN_BASKET, f"This id is used for “{known.description}” in this basket already.")
    answer: BasketAnswer = answer_of(command.basket, basket, sale)
    return Decision((), answer)


def match(command: MatchManualLine, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Sell the item that it was, for what the shopper paid for the line."""
    require_phase(sale, REFUNDING, "Matching")
    paid = _paid_line(command.line, ledger)
    code, item = tagged(command.tag, sale, ledger)
    answer = ManualLineAnswer(command.line, paid.receipt, tag=code, participation=item.listed.participation)
    match paid.outcome:
        case Matched(tag=tag) if tag == code:
            return Decision((), answer)
        case _:
            _require_unmatched(paid)
    if not is_free(item, ledger, now):
        raise not_there(code, item, ledger)
    listed, receipt = item.listed, ledger.receipts[paid.receipt]
    sold = sold_item(listed, paid.line, unchecked=is_unchecked(item))
    event = ManualLineMatched(sale.sale, command.line, paid.receipt, receipt.till, receipt.sold_at, sold)
    return _resolved(event, answer)


def credit(command: CreditManualLine, ledger: Ledger, sale: Planned) -> Decision:
    """Credit a consignor without saying which item it was."""
    require_phase(sale, REFUNDING, "Matching")
    paid = _paid_line(command.line, ledger)
    participation = sale.consignors.get(command.consignor)
    if participation is None:
        raise Rejected(Reason.UNKNOWN_CONSIGNOR, f"Consignor {command.consignor} is not registered for this sale.")
    answer = ManualLineAnswer(command.line, paid.receipt, participation=participation)
    match paid.outcome:
        case CreditedTo(participation=credited_to) if credited_to == participation:
            return Decision((), answer)
        case _:
            _require_unmatched(paid)
    credited = sold_line(command.line, participation, paid.line.category, paid.line)
    return _resolved(ManualLineCredited(sale.sale, command.line, paid.receipt, command.consignor, credited), answer)


def keep(command: KeepManualLine, ledger: Ledger, sale: Planned) -> Decision:
    """Give up finding out whose it was."""
    require_phase(sale, REFUNDING, "Matching")
    paid = _paid_line(command.line, ledger)
    answer = ManualLineAnswer(command.line, paid.receipt)
    match paid.outcome:
        case Kept():
            return Decision((), answer)
        case _:
            _require_unmatched(paid)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why nobody is credited for it.")
    return _resolved(ManualLineKept(sale.sale, command.line, paid.receipt, paid.line, command.reason), answer)


def _paid_line(line: TagCode, ledger: Ledger) -> PaidLine:
    paid = ledger.manual_lines.get(line)
    if paid is None:
        raise Rejected(Reason.UNKNOWN_LINE, "No receipt of this sale has a manual line with this id.")
    return paid


def _require_unmatched(paid: PaidLine) -> None:
    became = _became(paid.outcome)
    if became:
        raise Rejected(Reason.LINE_RESOLVED, f"This line {became}.")


def _became(outcome: Outcome) -> str:
    match outcome:
        case Unmatched():
            return ""
        case Matched(tag=tag):
            return f"was matched with {shown(tag)}"
        case CreditedTo(consignor=consignor):
            return f"was credited to consignor {consignor}"
        case Kept():
            return "was given up"
        case GivenBack():
            return "was given back to the shopper"
        case Undone():
            return "went with its receipt, which was voided"


def _resolved(event: ManualLineEvent, answer: ManualLineAnswer) -> Decision:
    return Decision((Emitted(ledger_stream(event.sale), event),), answer)
