"""Reports on paper: heads on every page, rows as high as they must be, and nothing beyond its column."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pypdfium2  # type: ignore[import-untyped] # it ships no types
import pytest
from msgspec.structs import replace

from consign.papers.amounts import style_of
from consign.papers.report_words import ReportWords
from consign.papers.reports import PrintedReport, ReportColumn, report_paper
from consign.papers.tables import LEFT_MM, WIDE_MM
from consign.papers.words import words_of
from consign.projections.reports.definitions import ALL
from tests.papers.reading import sizes_mm, texts

ENGLISH = style_of("en", "EUR", "UTC")
NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
REPORT = PrintedReport(
    title="Stock",
    letterhead=("Parents of Neukirchen",),
    notes=("Spring sale", "As of position 42 of the log", "Only Category: Toys"),
    columns=(ReportColumn("Consignor"), ReportColumn("Description"), ReportColumn("Asked", is_figure=True)),
    rows=[(str(number), f"Thing {number}", f"{number}.00") for number in range(1, 121)],
    totals=("Total", "", "7,260.00"),
    as_of=NOON,
)


def spans(pdf: bytes, letter: str) -> tuple[float, float]:
    """Return the leftmost and the rightmost place in points where the letter stands, on any page."""
    document: Any = pypdfium2.PdfDocument(pdf)
    places: list[tuple[float, float]] = []
    for index in range(len(document)):
        page = document[index].get_textpage()
        characters = page.get_text_range()
        boxes = [page.get_charbox(at) for at in range(page.count_chars()) if characters[at : at + 1] == letter]
        places += [(left, right) for left, _, right, _ in boxes]
    return min(left for left, _ in places), max(right for _, right in places)


def test_every_page_has_the_heads_and_its_number_and_the_last_one_the_totals() -> None:
    pages = texts(report_paper(REPORT, ENGLISH))
    assert len(pages) > 2
    for said in ("Parents of Neukirchen", "Stock", "Spring sale", "As of position 42", "Only Category: Toys"):
        assert said in pages[0]
    for number, page in enumerate(pages, 1):
        assert "Consignor" in page
        assert "Asked" in page
        assert f"Page {number} of {len(pages)}" in page
    assert ["7,260.00" in page for page in pages] == [False] * (len(pages) - 1) + [True]
    whole = "\n".join(pages)
    assert all(len(re.findall(rf"Thing {number}\b", whole)) == 1 for number in range(1, 121))
    assert set(sizes_mm(report_paper(REPORT, ENGLISH))) == {(210, 297)}


def test_a_long_text_is_broken_and_stays_within_its_column() -> None:
    long = replace(
        REPORT,
        columns=(
            ReportColumn("a a"),
            ReportColumn("b" * 30),
            *(ReportColumn(f"{letter} {letter}", is_figure=True) for letter in "xyz"),
        ),
        letterhead=(),
        title="",
        notes=(),
        rows=[("a" * 200, "bbbbbb " * 25, "x" * 12, "y" * 12, "z" * 12)] * 3,
        totals=(),
    )
    pdf = report_paper(long, style_of("de", "EUR", "UTC"))
    columns = [spans(pdf, letter) for letter in "abxyz"]
    mm_pt = 72 / 25.4
    assert columns[0][0] >= LEFT_MM * mm_pt
    assert columns[-1][1] <= (LEFT_MM + WIDE_MM) * mm_pt
    for (_, right), (left, _) in pairwise(columns):
        assert right < left
    whole = "".join(texts(pdf))
    assert whole.count("a") >= 3 * 200
    assert whole.count("b") >= 3 * 25 * 6


def test_so_many_figures_that_no_size_is_small_enough_still_stand_beside_each_other() -> None:
    letters = "abcdefghijklmnopqr"
    many = replace(
        REPORT,
        columns=[ReportColumn(letter, is_figure=True) for letter in letters],
        letterhead=(),
        title="",
        notes=(),
        rows=[[letter * 20 for letter in letters]],
        totals=(),
    )
    pdf = report_paper(many, style_of("tlh", "EUR", "UTC"))
    only = texts(pdf)[0].split("Page")[0]
    assert [only.count(letter * 20) for letter in letters] == [1] * len(letters)
    assert sizes_mm(pdf) == [(210, 297)]


def test_a_report_of_nothing_says_so() -> None:
    (page,) = texts(report_paper(replace(REPORT, rows=(), totals=()), ENGLISH))
    assert "Nothing to report." in page
    assert "Page 1 of 1" in page


@pytest.mark.slow
def test_thousands_of_rows_are_printed() -> None:
    rows = [(str(number), f"Thing {number} " + "of wood " * (number % 9), "1.00") for number in range(5_000)]
    pages = texts(report_paper(replace(REPORT, rows=rows), ENGLISH))
    assert "Thing 4999 " in pages[-1]
    assert len(pages) < 250


@pytest.mark.parametrize("language", ["en", "de"])
def test_there_is_a_word_for_every_report_and_column(language: str) -> None:
    words: ReportWords = words_of(language).report
    for report in ALL.values():
        assert words.titles[report.name]
        figures = [*(measure.name for measure in report.measures), *(derived.name for derived in report.derived)]
        for name in (*report.dimensions, *figures):
            assert words.columns[name], (report.name, name)


def test_the_words_of_reports_are_the_same_in_every_language() -> None:
    english, german = words_of("en").report, words_of("de").report
    for kind in ("titles", "columns", "values"):
        assert getattr(english, kind).keys() == getattr(german, kind).keys()
    for kind in ("as_of", "as_of_none", "only", "having"):
        assert getattr(english, kind).count("{") == getattr(german, kind).count("{")
