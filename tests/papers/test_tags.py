"""Printed tags: they scan, from every paper, at the fineness of the printers that there are."""

import itertools

import pytest

from consign.domain.tag import shown, tag_code
from consign.papers.amounts import style_of
from consign.papers.sheets import SHEETS, Sheet, SheetInvalid, sheet_of
from consign.papers.tag_label import Label
from consign.papers.tags import LABELS_MAX, Calibration, calibration_page, tag_sheets
from tests.papers.reading import CODE_128, QR, cut_out, picture, scanned, sizes_mm, texts

GERMAN = style_of("de-DE", "EUR", "Europe/Berlin")
PRINTERS_DOTS_AN_INCH = (203, 300)
LONG = "Holzeisenbahn mit Brücke, zwei Bahnhöfen, vielen Schienen und allem, was dazugehört, " * 5


def label(number: int, description: str = "Winterjacke, blau", **more: object) -> Label:
    fields: dict[str, object] = {
        "tag": tag_code(123, 4567, number),
        "sale": "Frühlingsbasar",
        "consignor": 4567,
        "number": number,
        "category": "Kleidung",
        "description": description,
        "price_minor": 1250,
        **more,
    }
    return Label(**fields)  # type: ignore[arg-type] # the fields are named above


def a_page_of(sheet: Sheet) -> list[Label]:
    return [
        label(
            number,
            description=LONG if number % 2 else "Buch",
            price_minor=99 if number % 3 else 123_456_789,
            size="104",
            brand="Selbst genäht",
            reduce=number % 2 == 0,
            donate=number % 5 == 0,
        )
        for number in range(1, sheet.places + 1)
    ]


@pytest.mark.parametrize("dots_an_inch", PRINTERS_DOTS_AN_INCH)
@pytest.mark.parametrize("name", SHEETS)
def test_both_codes_of_every_tag_scan_from_every_sheet(name: str, dots_an_inch: int) -> None:
    sheet = SHEETS[name]
    labels = a_page_of(sheet)
    page = picture(tag_sheets(labels, sheet, GERMAN), dots_an_inch)
    for printed, box in zip(labels, sheet.boxes(), strict=True):
        image = cut_out(page, box, dots_an_inch)
        assert scanned(image, CODE_128) == [printed.tag]
        assert scanned(image, QR) == [printed.tag]


@pytest.mark.parametrize("dots_an_inch", PRINTERS_DOTS_AN_INCH)
@pytest.mark.parametrize("size", ["35x19mm", "40x20mm", "45x30mm", "50x25mm", "58x40mm", "76x51mm", "100x50mm"])
def test_both_codes_scan_from_labels_of_ones_own_size(size: str, dots_an_inch: int) -> None:
    page = picture(tag_sheets([label(7)], sheet_of(size), GERMAN), dots_an_inch)
    assert (scanned(page, CODE_128), scanned(page, QR)) == ([label(7).tag], [label(7).tag])


def test_tags_scan_after_a_calibration_has_stretched_them() -> None:
    sheet = SHEETS["L7651"]
    stretched = tag_sheets([label(1)], sheet, GERMAN, calibration=Calibration(0.7, -0.4, 1.013))
    page = picture(stretched, 300)
    assert (scanned(page, CODE_128), scanned(page, QR)) == ([label(1).tag], [label(1).tag])


def test_a_tag_says_what_people_need_to_know() -> None:
    printed = label(3, "Rad, 16 Zoll", size="16", brand="Puky", reduce=True, donate=True, price_minor=123_450)
    [text] = texts(tag_sheets([printed], SHEETS["5163"], GERMAN))
    for said in ("4567", "/3", "1.234,50 €", "Frühlingsbasar", "Rad, 16 Zoll", "16 · Puky · Kleidung"):
        assert said in text
    assert "RABATT" in text
    assert "SPENDE" in text
    assert shown(printed.tag) in text


def test_printing_begins_where_a_used_sheet_is_free() -> None:
    sheet = SHEETS["L7160"]
    labels = [label(number) for number in range(1, 21)]
    first, second = texts(tag_sheets(labels, sheet, GERMAN, start=5))
    assert [shown(printed.tag) in first for printed in labels] == [True] * 17 + [False] * 3
    assert shown(labels[-1].tag) in second
    page = picture(tag_sheets(labels[:1], sheet, GERMAN, start=5), 203)
    boxes = list(sheet.boxes())
    assert [scanned(cut_out(page, box, 203), QR) for box in boxes[:6]] == [[], [], [], [], [labels[0].tag], []]


def test_what_the_printer_does_wrong_is_put_right() -> None:
    sheet = SHEETS["57x32"]
    plain = picture(tag_sheets([label(1)], sheet, GERMAN), 254)
    moved = picture(tag_sheets([label(1)], sheet, GERMAN, calibration=Calibration(2.0, 1.0)), 254)
    left, top, _, _ = plain.point(lambda grey: 255 - grey).getbbox() or (0, 0, 0, 0)
    moved_left, moved_top, _, _ = moved.point(lambda grey: 255 - grey).getbbox() or (0, 0, 0, 0)
    assert (moved_left - left, moved_top - top) == (20, 10)  # tenths of a millimetre at 254 dots an inch


@pytest.mark.parametrize("name", SHEETS)
def test_a_calibration_page_is_as_large_as_the_sheet(name: str) -> None:
    sheet = SHEETS[name]
    pdf = calibration_page(sheet, GERMAN, Calibration(0.5, 0, 1.01))
    assert sizes_mm(pdf) == [(round(sheet.page_mm[0]), round(sheet.page_mm[1]))]
    assert sheet.places == 1 or "rechts 0.5 mm" in texts(pdf)[0]


def test_plain_paper_says_where_to_cut() -> None:
    bare = tag_sheets([], SHEETS["a4"], GERMAN)
    marked = tag_sheets([label(1)], SHEETS["a4"], GERMAN)
    left, top = SHEETS["a4"].margin_mm
    corner = cut_out(picture(marked, 300), (left - 5, top - 5, 5, 5), 300)
    assert corner.getextrema() == (0, 255)
    assert picture(bare, 72).getextrema() == (255, 255)


@pytest.mark.parametrize("name", SHEETS)
def test_labels_lie_on_their_page_and_apart(name: str) -> None:
    sheet = SHEETS[name]
    boxes = list(sheet.boxes())
    assert len(boxes) == sheet.places
    for left, top, wide, high in boxes:
        assert left >= -0.01
        assert left + wide <= sheet.page_mm[0] + 0.01
        assert top >= -0.01
        assert top + high <= sheet.page_mm[1] + 0.01
    for one, other in itertools.pairwise(boxes):
        assert one[0] + one[2] <= other[0] + 0.01 or one[1] + one[3] <= other[1] + 0.01


def test_a_sheet_of_ones_own_is_as_it_was_described() -> None:
    sheet = sheet_of("210x297mm:3x7:63.5x38.1mm:2.54x0mm")
    assert list(sheet.boxes()) == list(SHEETS["L7160"].boxes())
    assert sheet_of("57x32mm").places == 1


@pytest.mark.parametrize(
    "text",
    ["L9999", "20x10mm", "999x999mm", "210x297mm:4x7:63.5x38.1mm", "210x297mm:0x7:63.5x38.1mm", "57x33", "nonsense"],
)
def test_paper_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(SheetInvalid):
        sheet_of(text)


def test_a_thousand_tags_are_one_document() -> None:
    labels = [label(1 + index % 999, LONG) for index in range(LABELS_MAX)]
    assert len(sizes_mm(tag_sheets(labels, SHEETS["L7651"], GERMAN))) == 16
