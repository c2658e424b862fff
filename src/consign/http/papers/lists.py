"""Lists to work by at drop-off and pick-up, by consignor."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.domain.floor_rules import is_given_away, is_pick_up_over
from consign.domain.sale import Phase
from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.papers.parameters import CONSIGNORS, consignors_given
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, collected, printed_sale, reach
from consign.http.path_ids import checked
from consign.http.persons import NAMES_FOR, Profile
from consign.http.ports import Vault
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, parameter
from consign.papers.lists import ConsignorItems, ItemList, ListedItem, ListKind, item_list_paper
from consign.projections.item_rows import ItemRow
from consign.projections.items import ITEMS
from consign.projections.participations import PARTICIPATIONS, ParticipationRow

ROWS_MAX = 5_000
_PEOPLE_MAX = 10_000

_APART = Parameter("apart", bool, "Begin a page with each consignor, to hand it out.", example=True)

_SUMMARIES: Mapping[ListKind, str] = {
    ListKind.DROP_OFF: "What consignors said they bring, to tick off, as a PDF.",
    ListKind.PICK_UP: "What consignors take home again, to tick off, as a PDF.",
    ListKind.DONATIONS: "What is given away, to tick off, as a PDF.",
}

_STATUSES: Mapping[ListKind, tuple[str, ...]] = {
    ListKind.DROP_OFF: ("listed", "not_brought"),
    ListKind.PICK_UP: ("on_floor", "refused", "returned", "missing"),
    ListKind.DONATIONS: ("on_floor",),
}


class People:
    """Opens the names of consignors, for roles that need them."""

    def __init__(self, reading: Reading, vault: Vault) -> None:
        self._reading = reading
        self._vault = vault

    async def of_sale(
        self, request: Request[Any, Any, Any], sale: str, numbers: tuple[int, ...] | None, own: Mapping[str, Any]
    ) -> Mapping[int, Profile]:
        """Return who the consignors are; whoever was forgotten or is nobody's business is not there."""
        exchange = exchange_of(request.scope)
        if exchange.role not in NAMES_FOR and not own:
            return {}
        await self._reading.begin(request, PARTICIPATIONS)
        where: dict[str, Any] = {"sale": sale, **own}
        if numbers is not None:
            where["number"] = numbers
        found = await self._reading.models.collect(
            exchange.organization, PARTICIPATIONS, {"participations": where}, _PEOPLE_MAX
        )
        rows: Sequence[ParticipationRow] = found.rows["participations"]
        sealed = [(row.number, row.profile) for row in rows if row.profile is not None]
        opened = await self._vault.unseal(
            exchange.organization, [(profile.subject, profile.ciphertext) for _, profile in sealed]
        )
        return {
            number: msgspec.json.decode(plain, type=Profile)
            for (number, _), plain in zip(sealed, opened, strict=True)
            if plain is not None
        }


class ListPapers:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing, people: People) -> None:
        self._reading = reading
        self._printing = printing
        self._people = people

    async def drawn(self, request: Request[Any, Any, Any], kind: ListKind) -> Response[bytes]:
        """Return a list of a sale's items by consignor."""
        known_parameters(request, frozenset((CONSIGNORS.name, _APART.name, AFTER_POSITION.name)))
        sale_id = checked(request.path_params)["sale"]
        numbers = consignors_given(request)
        sale = await printed_sale(self._reading, request, sale_id)
        own = await reach(self._reading, request, sale_id)
        where: dict[str, Any] = {"sale": sale_id, "status": _STATUSES[kind], **own}
        if numbers is not None:
            where["consignor"] = numbers
        found = await collected(self._reading, request, ITEMS, {"items": where}, ROWS_MAX)
        people = await self._people.of_sale(request, sale_id, numbers, own)
        now = datetime.now(UTC)
        listed = ItemList(
            kind,
            sale.row.name,
            sale.letterhead,
            _by_consignor([row for row in found.rows["items"] if _is_listed(kind, row, sale, now)], people, sale),
            now,
            apart=bool(parameter(request, _APART.name, bool)),
        )
        draw = partial(item_list_paper, listed, sale.style)
        return paper(await self._printing.long(draw), f"{kind}-{sale.row.number:03}", found.at)


def list_paper_handlers(reading: Reading, printing: Printing, people: People) -> list[HTTPRouteHandler]:
    """Make a handler for each kind of list."""
    papers = ListPapers(reading, printing, people)
    return [_handler(papers, kind) for kind in ListKind]


def _handler(papers: ListPapers, kind: ListKind) -> HTTPRouteHandler:
    endpoint = Endpoint(
        rule=f"print-{kind}",
        summary=_SUMMARIES[kind],
        tag="papers",
        parameters=(CONSIGNORS, _APART, AFTER_POSITION),
        answer_type=PDF,
    )

    async def drawn(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await papers.drawn(request, kind)

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/{kind}.pdf"
    return get(path, name=endpoint.rule, opt=endpoint.opt())(drawn)


def _is_listed(kind: ListKind, row: ItemRow, sale: PrintedSale, now: datetime) -> bool:
    """Say whether a thing is on the list; what is left on the floor goes home, or is given away by wish or policy."""
    settings = sale.row.settings
    at_the_end = is_pick_up_over(settings.floor, now, is_settling=sale.row.phase == Phase.SETTLEMENT)
    away = row.status == "on_floor" and is_given_away(settings.unsold_policy, wished=row.donate, at_the_end=at_the_end)
    match kind:
        case ListKind.DROP_OFF:
            return True
        case ListKind.PICK_UP:
            return not away
        case ListKind.DONATIONS:
            return away


def _by_consignor(
    rows: Sequence[ItemRow], people: Mapping[int, Profile], sale: PrintedSale
) -> Sequence[ConsignorItems]:
    items: dict[int, list[ListedItem]] = {}
    for row in rows:
        items.setdefault(row.consignor, []).append(_listed(row, sale))
    return [
        ConsignorItems(number, people[number].name if number in people else "", items[number])
        for number in sorted(items)
    ]


def _listed(row: ItemRow, sale: PrintedSale) -> ListedItem:
    words = sale.style.words
    notes = [row.refused_because] if row.refused_because else []
    notes += [words.missing] if row.status == "missing" else []
    notes += [words.returned] if row.status == "returned" else []
    notes += [words.late] if row.late else []
    notes += [words.donate.lower()] if row.donate else []
    return ListedItem(
        shown(TagCode(row.tag)), row.description, sale.category(row.category), row.price_minor, ", ".join(notes)
    )
