"""What consignors get at the end: the statement of each, and for the organizer the list of all payouts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.fonts import Face
from consign.papers.tables import Column, Document, Row


class StatementLine(Struct, frozen=True):
    """One thing sold. `tag` as people read it."""

    tag: str
    description: str
    category: str
    sold_at: datetime | None
    price_minor: int


class StatementFigure(Struct, frozen=True):
    """A line of the summary between what was sold and what is paid; below zero it is taken off."""

    name: str
    amount_minor: int


class Statement(Struct, frozen=True):
    """A consignor's statement. `gross_minor` is the sum of the lines; figures lead from it to `net_minor`.

    `status` says whether it is only a preview, a later supplement, or stands no more; `notes` are what the law or the
    organizer wants said (the rounding, how the money comes).
    """

    number: str
    sale: str
    consignor: int
    address: Sequence[str]
    letterhead: Sequence[str]
    lines: Sequence[StatementLine]
    gross_minor: int
    figures: Sequence[StatementFigure]
    net_minor: int
    as_of: datetime
    status: Literal["preview", "final", "supplement", "cancelled"] = "final"
    notes: Sequence[str] = ()


class PayoutLine(Struct, frozen=True):
    """One payout; `method` and `status` in words."""

    consignor: int
    name: str
    method: str
    status: str
    amount_minor: int


class PayoutList(Struct, frozen=True):
    """`seal` is the hash that fixes the totals, where they are frozen."""

    sale: str
    letterhead: Sequence[str]
    lines: Sequence[PayoutLine]
    as_of: datetime
    seal: str = ""


def statement_papers(title: str, statements: Sequence[Statement], style: Style, as_of: datetime) -> bytes:
    """Return the statements as one PDF, each beginning a page and counting its own pages."""
    letterhead = statements[0].letterhead if statements else ()
    document = Document(title, style, letterhead=letterhead, as_of=as_of)
    for statement in statements:
        document.new_part()
        _write(document, statement, style)
    return document.finished()


def payout_paper(payouts: PayoutList, style: Style) -> bytes:
    """Return the list as a PDF, with a line to sign for whoever is paid in cash."""
    words = style.words
    document = Document(f"{words.payouts} · {payouts.sale}", style, letterhead=payouts.letterhead, as_of=payouts.as_of)
    document.letterhead()
    document.heading(words.payouts)
    document.lines([payouts.sale])
    document.gap(3)
    columns = (
        Column(words.number, 14, "figure"),
        Column(words.name),
        Column(words.method, 34),
        Column(words.amount, 26, "figure", carried=True),
        Column(words.signature, 44, "line"),
    )
    rows = [
        Row(
            (
                str(line.consignor),
                line.name,
                " · ".join(text for text in (line.method, line.status) if text),
                style.figure(line.amount_minor),
                "",
            ),
            line.amount_minor,
        )
        for line in payouts.lines
    ]
    document.table(columns, rows, total=True)
    if payouts.seal:
        document.gap(6)
        document.lines([f"{words.seal}: {payouts.seal}"], size_pt=7.5)
    return document.finished()


def _write(document: Document, statement: Statement, style: Style) -> None:
    words = style.words
    document.letterhead()
    document.gap(2)
    document.lines(statement.address, size_pt=10.5)
    document.gap(8)
    kinds = {
        "preview": words.preview,
        "supplement": words.supplement,
        "cancelled": words.cancelled,
        "final": "",
    }
    kind = kinds[statement.status]
    title = f"{words.statement} {statement.number}".rstrip() + (f" · {kind}" if kind else "")
    document.heading(title, right=style.day(statement.as_of))
    document.lines([f"{statement.sale} · {words.consignor} {statement.consignor}"])
    document.gap(4)
    columns = (
        Column(words.date, 24),
        Column(words.tag, 28),
        Column(words.description),
        Column(words.category, 34),
        Column(words.price, 26, "figure", carried=True),
    )
    rows = [
        Row(
            (
                "" if line.sold_at is None else style.day(line.sold_at),
                line.tag,
                line.description,
                line.category,
                style.figure(line.price_minor),
            ),
            line.price_minor,
        )
        for line in statement.lines
    ]
    document.table(columns, rows, total=True)
    _summary(document, statement, style)


def _summary(document: Document, statement: Statement, style: Style) -> None:
    """Write how the sum of the lines becomes what is paid, all on one page."""
    words = style.words
    figures = (StatementFigure(words.gross, statement.gross_minor), *statement.figures)
    if document.room_mm < 12 + 6 * (len(figures) + len(statement.notes) + 2):
        document.new_page()
    document.gap(8)
    for figure in figures:
        document.pair(figure.name, style.figure(figure.amount_minor))
    result = words.to_pay_in if statement.net_minor < 0 else words.to_pay_out
    document.gap(1)
    document.pair(result, style.amount(abs(statement.net_minor)), bold=True, rule=True)
    document.gap(6)
    document.lines(statement.notes, size_pt=8.5, face=Face.REGULAR)
