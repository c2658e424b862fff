"""The catalogue that a till keeps, so that it can sell while nobody answers: whole at first, then what changed."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.actors.queries import PAGE_ROWS_MAX, Selection, Sort
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.path_ids import checked
from consign.http.reading import AFTER_POSITION, POSITION_MAX, Reading, answer, known_parameters, parameter
from consign.http.resources import Cursor
from consign.projections.catalogue import CATALOGUE, ArticleRow

Since = Annotated[int, Meta(ge=0, le=POSITION_MAX)]

_PARAMETERS: Sequence[Parameter] = (
    Parameter(
        "since", Since, "Only what changed after this position: the `position` of the first page of the time before."
    ),
    Parameter("cursor", Cursor, "`next_cursor` of the page before, with the same `since`."),
    AFTER_POSITION,
)


class Article(Struct, frozen=True, omit_defaults=True):
    """An item in few words; `for_sale` is left out where it is true."""

    tag: str
    price_minor: int
    category: str
    description: str
    consignor: int
    for_sale: bool = True
    reduce: bool = False
    list_number: int = 1


class Catalogue(Struct, frozen=True):
    """What changes while pages are read comes on a later page, or with the next `since`."""

    position: int
    articles: list[Article]
    next_cursor: str | None


def catalogue_handlers(reading: Reading) -> list[HTTPRouteHandler]:
    """Make the handler of a sale's catalogue."""
    endpoint = Endpoint(
        rule="catalogue",
        summary=f"What a till needs to sell offline, {PAGE_ROWS_MAX} items a page, in the order of their last change.",
        tag="offline",
        answer=Catalogue,
        parameters=_PARAMETERS,
        reads=True,
    )

    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        known_parameters(request, frozenset(each.name for each in _PARAMETERS))
        sale = checked(request.path_params)["sale"]
        since: int | None = parameter(request, "since", Since)
        cursor = parameter(request, "cursor", Cursor)
        unchanged = await reading.begin(request, CATALOGUE)
        if unchanged is not None:
            return unchanged
        wanted = Selection(
            {"sale": sale}, {"changed_position": since or 0}, (Sort("changed_position"),), PAGE_ROWS_MAX, cursor
        )
        organization = exchange_of(request.scope).organization
        page = await reading.models.select(organization, CATALOGUE, "articles", wanted)
        articles = [_article(row) for row in page.rows]
        return answer(CATALOGUE, page.at, Catalogue(page.at.position, articles, page.next_cursor))

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/catalogue"
    return [get(path, name=endpoint.rule, opt=endpoint.opt())(read)]


def _article(row: ArticleRow) -> Article:
    return Article(
        row.tag,
        row.price_minor,
        row.category,
        row.description,
        row.consignor,
        row.for_sale,
        row.reduce,
        row.list_number,
    )
