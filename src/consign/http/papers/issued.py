"""Statements and supplements as they were issued: figures and lines are the statement's own, names are the items'."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.actors.queries import ReadAt
from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.papers.lists import ROWS_MAX, People
from consign.http.papers.parameters import CONSIGNORS, consignors_given
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, collected, printed_sale, reach
from consign.http.papers.statements import commission_by_rule
from consign.http.path_ids import checked
from consign.http.persons import Profile
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, not_yet
from consign.papers.statements import Statement, StatementFigure, StatementLine, statement_papers
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS
from consign.projections.manual_lines import MANUAL_LINES, ManualLineRow
from consign.projections.projection import Projection
from consign.projections.settlements import SETTLEMENTS, StatementRow

STATEMENTS_MAX = 1_000
"""Statements and supplements of one paper; a larger sale is printed in parts, by consignors."""


class IssuedPapers:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing, people: People) -> None:
        self._reading = reading
        self._printing = printing
        self._people = people

    async def one(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one statement, also one that was cancelled."""
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        ids = checked(request.path_params)
        return await self._drawn(request, ids["sale"], None, ids["statement"])

    async def of_sale(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the statements that stand, of all consignors or of those that are asked for."""
        known_parameters(request, frozenset((CONSIGNORS.name, AFTER_POSITION.name)))
        return await self._drawn(request, checked(request.path_params)["sale"], consignors_given(request), None)

    async def _drawn(
        self, request: Request[Any, Any, Any], sale_id: str, numbers: tuple[int, ...] | None, wanted: str | None
    ) -> Response[bytes]:
        sale = await printed_sale(self._reading, request, sale_id)
        own = await reach(self._reading, request, sale_id)
        where: dict[str, Any] = {"sale": sale_id, **own}
        where |= {"status": "issued"} if wanted is None else {"statement": wanted}
        if numbers is not None:
            where["consignor"] = numbers
        found = await collected(self._reading, request, SETTLEMENTS, {"statements": where}, STATEMENTS_MAX)
        rows: list[StatementRow] = sorted(found.rows["statements"], key=lambda row: (row.consignor, row.counter))
        if wanted is not None and not rows:
            raise missing("unknown_statement", "statement", wanted)
        things = await self._things(request, found.at, rows)
        people = await self._people.of_sale(request, sale_id, numbers or tuple({row.consignor for row in rows}), own)
        statements = [_statement(row, things, people.get(row.consignor), sale) for row in rows]
        title = f"{sale.style.words.statement} · {sale.row.name}"
        draw = partial(statement_papers, title, statements, sale.style, datetime.now(UTC))
        name = f"statements-{sale.row.number:03}" if wanted is None else f"statement-{sale.row.number:03}-{wanted}"
        return paper(await self._printing.long(draw), name, found.at)

    async def _things(
        self, request: Request[Any, Any, Any], at: ReadAt, rows: Sequence[StatementRow]
    ) -> Mapping[str, ItemRow | ManualLineRow]:
        """Return what the lines are about; raises Refusal where it is too much or not known yet."""
        tags = tuple({line.tag for row in rows for line in row.lines})
        if len(tags) > ROWS_MAX:
            raise Refusal("parameter_invalid", f"A paper may hold {ROWS_MAX} items: name the consignors to print.")
        things: dict[str, ItemRow | ManualLineRow] = {}
        named: Sequence[tuple[Projection, str, str]] = ((ITEMS, "items", "tag"), (MANUAL_LINES, "manual_lines", "line"))
        for projection, table, key in named:
            asked = tuple(tag for tag in tags if tag not in things)
            if not asked:
                break
            found = await collected(self._reading, request, projection, {table: {key: asked}}, ROWS_MAX)
            if found.at.position < at.position:
                raise not_yet(projection)
            things |= {getattr(row, key): row for row in found.rows[table]}
        return things


def issued_paper_handlers(reading: Reading, printing: Printing, people: People) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    papers = IssuedPapers(reading, printing, people)
    one = Endpoint(
        rule="print-statement",
        summary="A statement or supplement as it was issued, as a PDF.",
        tag="papers",
        parameters=(AFTER_POSITION,),
        answer_type=PDF,
    )
    of_sale = Endpoint(
        rule="print-statements",
        summary=f"The statements and supplements that stand, at most {STATEMENTS_MAX}, as a PDF; each begins a page.",
        tag="papers",
        parameters=(CONSIGNORS, AFTER_POSITION),
        answer_type=PDF,
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        get(f"{path}/statements.pdf", name=of_sale.rule, opt=of_sale.opt())(papers.of_sale),
        get(f"{path}/statements/{{statement:str}}/paper.pdf", name=one.rule, opt=one.opt())(papers.one),
    ]


def _statement(
    row: StatementRow, things: Mapping[str, ItemRow | ManualLineRow], profile: Profile | None, sale: PrintedSale
) -> Statement:
    words = sale.style.words
    how, over = words.rounded_how[row.mode], words.rounded_over[row.basis]
    notes = [words.rounded.format(how=how, over=over)]
    notes += [f"{words.reason}: {row.reason}"] if row.reason else []
    return Statement(
        number=row.statement,
        sale=sale.row.name,
        consignor=row.consignor,
        address=() if profile is None else (profile.name, *profile.address.splitlines()),
        letterhead=sale.letterhead_at(row.issued_at),
        lines=[_line(line.tag, line.gross_minor, things.get(line.tag), sale) for line in row.lines],
        gross_minor=row.figures.gross_minor,
        figures=list(_figures(row, sale)),
        net_minor=row.net_minor,
        as_of=row.issued_at,
        status=_status(row),
        notes=(*notes, f"{words.seal}: {row.seal}"),
    )


def _status(row: StatementRow) -> Literal["final", "supplement", "cancelled"]:
    if row.status == "cancelled":
        return "cancelled"
    return "supplement" if row.kind == "supplement" else "final"


def _line(tag: str, gross_minor: int, thing: ItemRow | ManualLineRow | None, sale: PrintedSale) -> StatementLine:
    match thing:
        case ItemRow() | ManualLineRow():
            code = shown(TagCode(tag)) if isinstance(thing, ItemRow) else ""
            category = sale.category(thing.category)
            return StatementLine(code, thing.description, category, thing.sold_at, gross_minor)
        case None:
            return StatementLine(tag, "", "", None, gross_minor)


def _figures(row: StatementRow, sale: PrintedSale) -> Iterator[StatementFigure]:
    """Yield what leads from gross to net; what comes to nothing is left out, but the commission of a statement.

    A supplement says by how much the commission changed: its rules tell the whole of it.
    """
    words, figures = sale.style.words, row.figures
    if row.kind == "statement":
        parts = [(line.rule, line.gross_minor, line.commission_minor) for line in row.commission_lines]
        yield from commission_by_rule(parts, sale.style)
    for name, amount_minor in (
        (words.commission, -figures.commission_minor if row.kind == "supplement" else 0),
        (words.commission_tax, -figures.commission_tax_minor),
        (words.fees, -figures.fees_minor),
        (words.fees_paid, figures.fees_paid_minor),
        (words.adjustments, figures.adjustments_minor),
        (words.brought_forward, figures.brought_minor),
        (words.borne, figures.borne_minor),
        (words.to_charity, -figures.donated_minor),
    ):
        if amount_minor:
            yield StatementFigure(name, amount_minor)
