"""Receipts as pages for a phone: what stands on the paper, then what became of it. No script, and nothing is loaded."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files

from consign.papers.amounts import Style
from consign.papers.barcodes import QR_QUIET_MODULES, qr
from consign.papers.receipts import Receipt, letterhead_elements, receipt_elements, receipt_title
from consign.papers.slip import Element, Gap, Heading, Note, Pair, Rule, Section, Square, Stamp


@cache
def page_style() -> str:
    """Return what every page's style is: whoever serves a page lets this one style in."""
    return (files("consign.papers") / "page" / "receipt.css").read_text("utf-8")


def receipt_page(receipt: Receipt, refunds: Sequence[Receipt], pdf: str, ends_at: datetime, style: Style) -> str:
    """Return the page; `pdf` is where the receipt is as a PDF, and the page is there until `ends_at`."""
    words = style.words
    articles = [f"<article>{_all(receipt_elements(each, style))}</article>" for each in (receipt, *refunds)]
    ending: Iterable[Element] = (
        *map(Note, receipt.footer),
        Note(words.link_at_till),
        Square(receipt.link),
        Note(words.link_lasts.format(day=style.day(ends_at))),
    )
    return _page(
        words.language,
        receipt_title(receipt, style),
        f"<header>{_all(letterhead_elements(receipt))}</header>{''.join(articles)}"
        f'<a href="{escape(pdf)}">{escape(words.keep_receipt)}</a><footer>{_all(ending)}</footer>',
    )


def message_page(told: Sequence[tuple[str, str]]) -> str:
    """Return a page that says one thing, in each of these languages."""
    articles = (f'<article lang="{language}"><p>{escape(text)}</p></article>' for language, text in told)
    return _page(told[0][0], told[0][1], "".join(articles))


def svg(text: str) -> str:
    """Return a QR code as a picture of modules, dark on white whatever surrounds it."""
    rows = qr(text)
    side = len(rows) + 2 * QR_QUIET_MODULES
    dark = "".join(
        f"M{x + QR_QUIET_MODULES} {y + QR_QUIET_MODULES}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}" fill="#000"/></svg>'
    )


def _page(language: str, title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{page_style()}</style></head>"
        f"<body><main>{content}</main></body></html>\n"
    )


def _all(elements: Iterable[Element]) -> str:
    return "".join(map(_html, elements))


def _html(element: Element) -> str:
    match element:
        case Heading(text):
            return f"<h1>{escape(text)}</h1>"
        case Note(text):
            return f'<p class="small">{escape(text)}</p>'
        case Pair():
            return _pair(element)
        case Section(text):
            return f"<h2>{escape(text)}</h2>"
        case Rule():
            return "<hr>"
        case Gap():
            return '<div class="gap"></div>'
        case Square(text):
            return svg(text)
        case Stamp(text):
            return f'<p class="stamp">{escape(text)}</p>'


def _pair(pair: Pair) -> str:
    kind = " bold" if pair.bold else " small" if pair.small else ""
    detail = f"<small>{escape(pair.detail)}</small>" if pair.detail else ""
    return f'<p class="pair{kind}"><span>{escape(pair.left)}{detail}</span><span>{escape(pair.right)}</span></p>'
