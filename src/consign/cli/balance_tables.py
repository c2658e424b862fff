"""The demo's balance, drawn for people."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from consign.demo.balance import Balance
from consign.demo.bourse import Held, Plan
from consign.demo.rules import regulations
from consign.demo.shop import Tally

_PICTURE_COLUMNS = 118
_CONSIGNORS_SHOWN = 8

_ACCOUNTS = {
    "bank": "bank: counted cash, less floats",
    "cash": "cash in drawers",
    "card": "card",
    "payable": "owed to consignors",
    "commission": "commission",
    "fees": "fees",
    "cash_rounding": "cash rounding",
    "over_short": "over and short",
}


def show(held: Held, balance: Balance, plan: Plan, picture: Path | None) -> None:
    """Print the balance; save it as a picture as well where `picture` is given."""
    Console(highlight=False).print(_drawn(held, balance, plan))
    if picture is not None:
        with Path("/dev/null").open("w") as nowhere:
            drawing = Console(record=True, width=_PICTURE_COLUMNS, file=nowhere, highlight=False, force_terminal=True)
            drawing.print(_drawn(held, balance, plan))
            picture.write_text(_without_web_fonts(drawing.export_svg(title="consign demo")), encoding="utf-8")


def _without_web_fonts(svg: str) -> str:
    """Leave the fonts to whoever looks at the picture: it loads nothing from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _drawn(held: Held, balance: Balance, plan: Plan) -> RenderableType:
    totals = balance.totals
    headline = Text.assemble(
        (f"{plan.consignors} consignors brought {held.brought:,} items", "bold"),
        f" ({held.refused} refused at the desk). ",
        (f"{totals['items_sold']} were sold", "bold"),
        f" ({totals['items_sold'] / held.brought:.0%}) for {_amount(totals['gross_minor'])} {balance.currency}, ",
        f"true at position {balance.position:,}.",
    )
    return Group(
        Panel(headline, title="the sale", title_align="left"),
        _takings(balance),
        Columns((_settlement(balance), _books(balance)), padding=(0, 3)),
        Columns((_consignors(balance), _shoppers(held.shop.tally)), padding=(0, 3)),
        _claims(balance),
        Text(regulations().credit, style="dim"),
    )


def _takings(balance: Balance) -> Table:
    table = _table("takings by till", ("till", *("receipts", "items", "cash", "card", "given back", "taken", "short")))
    for each in balance.takings:
        table.add_row(
            each.till,
            str(each.receipts),
            str(each.items),
            *map(_amount, (each.cash_minor, each.card_minor, each.refunded_minor, each.total_minor)),
            _amount(-each.difference_minor) if each.difference_minor else "",
        )
    table.add_section()
    tills = balance.takings
    table.add_row(
        "all",
        str(sum(each.receipts for each in tills)),
        str(sum(each.items for each in tills)),
        _amount(sum(each.cash_minor for each in tills)),
        _amount(sum(each.card_minor for each in tills)),
        _amount(sum(each.refunded_minor for each in tills)),
        _amount(sum(each.total_minor for each in tills)),
        _amount(-sum(each.difference_minor for each in tills)),
        style="bold",
    )
    return table


def _settlement(balance: Balance) -> Table:
    totals = balance.totals
    table = _table("settlement", ("", balance.currency))
    table.add_row("sold", _amount(totals["gross_minor"]))
    table.add_row(f"commission {regulations().commission_percent} %", _amount(-totals["commission_minor"]))
    table.add_row("participation fees", _amount(-totals["fees_minor"]))
    table.add_section()
    table.add_row("to be paid out", _amount(totals["net_minor"]), style="bold")
    return table


def _books(balance: Balance) -> Table:
    table = _table("the books", ("account", "balance"))
    for account, balance_minor in balance.accounts.items():
        table.add_row(_ACCOUNTS.get(account, account), _amount(balance_minor))
    table.add_section()
    table.add_row("sum", _amount(sum(balance.accounts.values())), style="bold")
    return table


def _consignors(balance: Balance) -> Table:
    table = _table("who gets most", ("consignor", "items", "sold", "net"))
    for each in balance.consignors[:_CONSIGNORS_SHOWN]:
        name = f"{each['number']:>3} {balance.names.get(each['number'], '')}"
        table.add_row(name, str(each["items_sold"]), _amount(each["gross_minor"]), _amount(each["net_minor"]))
    return table


def _shoppers(tally: Tally) -> Table:
    table = _table("what happened at the tills", ("", "times"))
    told: Sequence[tuple[str, Any]] = (
        ("scanned", tally.scans),
        ("put back before paying", tally.removed),
        ("baskets suspended, recalled elsewhere", tally.recalled),
        ("shoppers left their basket", tally.abandoned),
        ("brought to two tills", tally.contested),
        ("refused: another till holds or sold it", tally.refusals["held_elsewhere"] + tally.refusals["already_sold"]),
        ("refused: misread, the check digit tells", tally.refusals["tag_invalid"]),
        ("sold though never checked in", tally.unchecked),
        ("paid by card and cash", tally.split),
        ("receipts voided", tally.voided),
        ("brought back / price lowered", f"{tally.returned} / {tally.reductions}"),
    )
    for what, times in told:
        table.add_row(what, str(times))
    return table


def _claims(balance: Balance) -> Table:
    table = _table("what must hold", ("", "", "figures"), last="left")
    for claim in balance.claims:
        mark = Text("yes", style="green") if claim.holds else Text("NO", style="bold red")
        table.add_row(mark, claim.says, claim.figures)
    return table


def _table(title: str, columns: Sequence[str], *, last: str = "right") -> Table:
    table = Table(title=title, title_justify="left", title_style="bold cyan", box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        justify = "left" if index == 0 or last == "left" else "right"
        table.add_column(column, justify="right" if justify == "right" else "left")
    return table


def _amount(minor: int) -> str:
    return f"{minor / 100:,.2f}"
