"""Statements as they would be if the sale were settled now, drawn from the books and the items at one position."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.actors.queries import Collected
from consign.domain.commission import CommissionRule
from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.papers.lists import ROWS_MAX, People
from consign.http.papers.parameters import CONSIGNORS, consignors_given
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, collected, printed_sale, reach
from consign.http.path_ids import checked
from consign.http.persons import Profile
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, not_yet
from consign.papers.amounts import Style
from consign.papers.statements import Statement, StatementFigure, StatementLine, statement_papers
from consign.projections.books.projection import BOOKS
from consign.projections.books.rows import ConsignorRow
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS
from consign.projections.settlement import ConsignorPreview, consignor_preview

_TRIES = 5
"""How often to look for a moment at which books and items stand at the same position."""


class StatementPapers:
    """The handler, and what it needs."""

    def __init__(self, reading: Reading, printing: Printing, people: People) -> None:
        self._reading = reading
        self._printing = printing
        self._people = people

    async def previews(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a statement for each consignor that is asked for."""
        known_parameters(request, frozenset((CONSIGNORS.name, AFTER_POSITION.name)))
        sale_id = checked(request.path_params)["sale"]
        numbers = consignors_given(request)
        sale = await printed_sale(self._reading, request, sale_id)
        own = await reach(self._reading, request, sale_id)
        books, items = await self._at_one_position(request, sale_id, numbers, own)
        people = await self._people.of_sale(request, sale_id, numbers, own)
        rows: Sequence[ConsignorRow] = books.rows["consignors"]
        sold = _by_consignor(items.rows["items"])
        now = datetime.now(UTC)
        statements = [
            _statement(consignor_preview(row), sold.get(row.number, ()), people.get(row.number), sale, now)
            for row in sorted(rows, key=lambda row: row.number)
        ]
        title = f"{sale.style.words.statement} · {sale.row.name}"
        draw = partial(statement_papers, title, statements, sale.style, now)
        return paper(await self._printing.long(draw), f"statements-{sale.row.number:03}", books.at)

    async def _at_one_position(
        self, request: Request[Any, Any, Any], sale: str, numbers: tuple[int, ...] | None, own: Mapping[str, Any]
    ) -> tuple[Collected, Collected]:
        """Return consignors' totals and sold items of the same position; raises Refusal where none can be met."""
        of_books: dict[str, Any] = {"sale": sale, **own}
        of_items: dict[str, Any] = {"sale": sale, "status": "sold", **own}
        if numbers is not None:
            of_books["number"] = numbers
            of_items["consignor"] = numbers
        tries = 0
        while True:
            books = await collected(self._reading, request, BOOKS, {"consignors": of_books}, ROWS_MAX)
            items = await collected(self._reading, request, ITEMS, {"items": of_items}, ROWS_MAX)
            if books.at.position == items.at.position:
                return books, items
            tries += 1
            if tries == _TRIES:
                raise not_yet(ITEMS if items.at.position < books.at.position else BOOKS)


def statement_paper_handlers(reading: Reading, printing: Printing, people: People) -> list[HTTPRouteHandler]:
    """Make the handler."""
    papers = StatementPapers(reading, printing, people)
    endpoint = Endpoint(
        rule="print-statement-previews",
        summary="Statements as settling the sale now would make them, as a PDF; each begins a page.",
        tag="papers",
        parameters=(CONSIGNORS, AFTER_POSITION),
        answer_type=PDF,
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/statement-previews.pdf"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(papers.previews)]


def _by_consignor(rows: Sequence[ItemRow]) -> Mapping[int, Sequence[ItemRow]]:
    sold: dict[int, list[ItemRow]] = {}
    for row in rows:
        sold.setdefault(row.consignor, []).append(row)
    return sold


def _statement(
    preview: ConsignorPreview, sold: Sequence[ItemRow], profile: Profile | None, sale: PrintedSale, now: datetime
) -> Statement:
    words, schedule = sale.style.words, sale.row.settings.commission
    lines = [_line(row, sale) for row in sold]
    how, over = words.rounded_how[schedule.mode], words.rounded_over[schedule.basis]
    return Statement(
        number="",
        sale=sale.row.name,
        consignor=preview.number,
        address=() if profile is None else (profile.name, *profile.address.splitlines()),
        letterhead=sale.letterhead,
        lines=lines,
        gross_minor=sum(line.price_minor for line in lines),
        figures=list(_figures(preview, sum(line.price_minor for line in lines), sale.style)),
        net_minor=preview.net_minor,
        as_of=now,
        status="preview",
        notes=(words.rounded.format(how=how, over=over),),
    )


def _line(row: ItemRow, sale: PrintedSale) -> StatementLine:
    price_minor = row.price_minor if row.sold_for_minor is None else row.sold_for_minor
    return StatementLine(
        shown(TagCode(row.tag)), row.description, sale.category(row.category), row.sold_at, price_minor
    )


def _figures(preview: ConsignorPreview, lines_minor: int, style: Style) -> Iterator[StatementFigure]:
    """Yield what leads from the sum of the lines to the net; what comes to nothing is left out, but the commission."""
    words = style.words
    beside_minor = preview.gross_minor - lines_minor
    if beside_minor:
        yield StatementFigure(words.beside_lines, beside_minor)
    parts = [(part.rule, part.gross_minor, part.commission_minor) for part in preview.commission_parts]
    yield from commission_by_rule(parts, style)
    rest_minor = preview.net_minor - preview.gross_minor + preview.commission_minor
    rest_minor += preview.commission_tax_minor + preview.fees_minor - preview.fees_paid_minor
    for name, amount_minor in (
        (words.commission_tax, -preview.commission_tax_minor),
        (words.fees, -preview.fees_minor),
        (words.fees_paid, preview.fees_paid_minor),
        (words.adjustments, rest_minor),
    ):
        if amount_minor:
            yield StatementFigure(name, amount_minor)


def commission_by_rule(parts: Iterable[tuple[CommissionRule, int, int]], style: Style) -> Iterator[StatementFigure]:
    """Yield the commission of each rule, out of the rule, gross and commission of everything rounded by itself."""
    sums: dict[CommissionRule, tuple[int, int]] = {}
    for rule, part_gross_minor, part_commission_minor in parts:
        gross_minor, commission_minor = sums.get(rule, (0, 0))
        sums[rule] = (gross_minor + part_gross_minor, commission_minor + part_commission_minor)
    for rule, (gross_minor, commission_minor) in sums.items():
        yield StatementFigure(_commission(rule, gross_minor, style), -commission_minor)


def _commission(rule: CommissionRule, gross_minor: int, style: Style) -> str:
    words = style.words
    name = words.commission_of.format(rate=style.rate(rule.rate_ppm), gross=style.figure(gross_minor))
    fixed = words.commission_fixed.format(fixed=style.figure(rule.fixed_minor)) if rule.fixed_minor else ""
    return f"{name} + {fixed}" if fixed else name
