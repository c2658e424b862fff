"""The slip that a consignor takes along from the desk: what was brought and refused, what is owed, what to fetch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.slip import Element, Gap, Heading, Note, Pair, Paper, Rule, Section, slip


class SlipItem(Struct, frozen=True):
    """A thing; `note` says why it is here (what was refused about it)."""

    tag: str
    description: str
    note: str = ""


class SlipSlot(Struct, frozen=True):
    """When to come, and whether somebody came."""

    kind: Literal["drop_off", "pick_up"]
    begins_at: datetime
    ends_at: datetime
    arrived: bool = False


class DeskSlip(Struct, frozen=True):
    """What the desk tells one consignor. `name` is empty where it may not be shown or is forgotten.

    Counts are of things with a tag; the amounts are what was not paid by itself and comes off the proceeds.
    """

    letterhead: Sequence[str]
    sale: str
    number: int
    name: str
    as_of: datetime
    listed: int
    checked_in: int
    sold: int
    refused: Sequence[SlipItem]
    not_brought: Sequence[SlipItem]
    to_fetch: Sequence[SlipItem]
    to_give_away: Sequence[SlipItem]
    slots: Sequence[SlipSlot]
    fee_minor: int
    late_fee_minor: int
    lists_minor: int

    @property
    def owed_minor(self) -> int:
        return self.fee_minor + self.late_fee_minor + self.lists_minor


def desk_slip_paper(told: DeskSlip, style: Style, paper: Paper) -> bytes:
    """Return the slip as a PDF; what there is nothing to say of is left out."""
    words = style.words
    elements: list[Element] = [
        *(Heading(line) for line in told.letterhead[:1]),
        *(Note(line) for line in told.letterhead[1:]),
        Note(told.sale),
        Gap(),
        Heading(f"{words.consignor} {told.number}"),
        *([Note(told.name)] if told.name else []),
        Gap(),
        Pair(words.listed, style.count(told.listed)),
        Pair(words.brought_in, style.count(told.checked_in)),
        Pair(words.sold_items, style.count(told.sold)),
    ]
    for title, items in (
        (words.refused, told.refused),
        (words.not_brought, told.not_brought),
        (words.to_fetch, told.to_fetch),
        (words.to_give_away, told.to_give_away),
    ):
        elements += _things(title, items, style)
    elements += [*_owed(told, style), *_slots(told, style)]
    printed = words.printed.format(moment=style.moment(told.as_of))
    elements += [Gap(), Note(printed), Gap(), Gap(), Gap(), Rule(), Note(words.signature)]
    return slip(f"{words.consignor} {told.number}", elements, paper)


def _things(title: str, items: Sequence[SlipItem], style: Style) -> list[Element]:
    if not items:
        return []
    return [
        Section(f"{title} ({style.count(len(items))})"),
        *(Pair(item.description, detail=f"{item.tag}  {item.note}".strip()) for item in items),
    ]


def _owed(told: DeskSlip, style: Style) -> list[Element]:
    words = style.words
    parts = ((words.fee, told.fee_minor), (words.late_fee, told.late_fee_minor), (words.more_lists, told.lists_minor))
    if not told.owed_minor:
        return []
    return [
        Section(words.owed),
        *(Pair(name, style.figure(minor)) for name, minor in parts if minor),
        Rule(),
        Pair(words.total, style.amount(told.owed_minor), bold=True),
        Note(words.off_the_proceeds),
    ]


def _slots(told: DeskSlip, style: Style) -> list[Element]:
    words = style.words
    if not told.slots:
        return []
    kinds = {"drop_off": words.bring_at, "pick_up": words.fetch_at}
    return [
        Section(words.times),
        *(
            Pair(kinds[slot.kind], words.came if slot.arrived else "", detail=_hours(slot, style))
            for slot in told.slots
        ),
    ]


def _hours(slot: SlipSlot, style: Style) -> str:
    return f"{style.moment(slot.begins_at)} - {style.moment(slot.ends_at)}"
