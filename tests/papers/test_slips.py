"""Receipts, refunds, X and Z reports: everything that was agreed at the till, on any paper."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from consign.papers.amounts import style_of
from consign.papers.desk_slips import DeskSlip, SlipItem, SlipSlot, desk_slip_paper
from consign.papers.receipts import Receipt, ReceiptLine, TaxTotal, TenderLine, receipt_paper, tax_totals
from consign.papers.session_reports import Figure, ReportSection, SessionReport, session_paper
from consign.papers.slip import Paper
from tests.papers.reading import QR, picture, scanned, sizes_mm, texts

ENGLISH = style_of("en", "EUR", "Europe/Berlin")
NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)

COAT = ReceiptLine("001-0017-001-5", "Coat", 1200, asked_minor=1500, tax_minor=192, tax_rate_ppm=190_000)
TRAIN = ReceiptLine(
    "001-0042-103-2",
    "Wooden train",
    2500,
    discount_minor=250,
    surcharge_minor=10,
    tax_minor=359,
    tax_rate_ppm=190_000,
)
BOOK = ReceiptLine("001-0042-104-9", "Book", 99, tax_minor=6, tax_rate_ppm=70_000)
PAID_MINOR = 1200 + 2500 - 250 + 10 + 99
RECEIPT = Receipt(
    kind="receipt",
    number="K1-123",
    sale="Spring sale",
    till="K1",
    printed_for=NOON,
    lines=(COAT, TRAIN, BOOK),
    tenders=(TenderLine("voucher", 1000, "G-8F3K"), TenderLine("cash", 5000)),
    total_minor=PAID_MINOR,
    rounding_minor=1,
    change_minor=2440,
    sale_sequence=814,
    letterhead=("Parents of Neukirchen", "1 Main Street"),
    footer=("No exchange.",),
)


def lines_of(pdf: bytes) -> list[str]:
    return [line.strip() for page in texts(pdf) for line in page.splitlines() if line.strip()]


def says(pdf: bytes, *wanted: str) -> None:
    """Assert that the texts stand on the paper, in this order."""
    rest = " ".join(" ".join(lines_of(pdf)).split())
    for text in wanted:
        assert text in rest, f"{text!r} is not in {rest!r}"
        rest = rest[rest.index(text) + len(text) :]


@pytest.mark.parametrize("paper", Paper)
def test_a_receipt_says_what_was_bought_and_how_it_was_paid(paper: Paper) -> None:
    pdf = receipt_paper(RECEIPT, ENGLISH, paper)
    says(pdf, "Parents of Neukirchen", "1 Main Street", "Spring sale", "Receipt K1-123", "21 Nov 2026 13:05", "No. 814")
    says(pdf, "Coat", "12.00", "001-0017-001-5", "was €15.00", "Wooden train", "25.00", "Book", "0.99")
    says(pdf, "Subtotal", "37.99", "Discount", "−2.50", "Surcharge", "0.10", "Cash rounding", "0.01")
    says(pdf, "Total", "€35.60", "Voucher", "10.00", "G-8F3K", "Cash", "50.00", "Change", "24.40", "No exchange.")


def test_a_receipt_tells_the_tax_by_rate() -> None:
    pdf = receipt_paper(RECEIPT, ENGLISH, Paper.ROLL_80)
    says(pdf, "of which tax 19 % (net 28.99)", "5.51", "of which tax 7 % (net 0.93)", "0.06")
    assert tax_totals(RECEIPT.lines) == [
        TaxTotal(190_000, included=True, net_minor=1200 + 2500 - 250 - 551, tax_minor=551),
        TaxTotal(70_000, included=True, net_minor=93, tax_minor=6),
    ]


def test_tax_on_top_stands_above_the_total() -> None:
    added = replace(BOOK, tax_minor=9, tax_rate_ppm=88_750, tax_included=False)
    assert added.paid_minor == 108
    paid = replace(RECEIPT, lines=(added,), tenders=(TenderLine("card", 108),), total_minor=108, rounding_minor=0)
    says(receipt_paper(paid, ENGLISH, Paper.ROLL_80), "Subtotal", "0.99", "plus tax 8.875 %", "0.09", "Total", "€1.08")


def test_the_lines_of_a_receipt_come_to_its_total() -> None:
    assert sum(line.paid_minor for line in RECEIPT.lines) == RECEIPT.total_minor


@pytest.mark.parametrize("paper", Paper)
def test_a_receipts_number_can_be_scanned(paper: Paper) -> None:
    assert scanned(picture(receipt_paper(RECEIPT, ENGLISH, paper), 203), QR) == ["K1-123"]


def test_a_roll_is_as_long_as_what_stands_on_it() -> None:
    short = replace(RECEIPT, lines=(BOOK,))
    for paper, wide in ((Paper.ROLL_58, 58), (Paper.ROLL_80, 80)):
        [(wide_mm, high_mm)] = sizes_mm(receipt_paper(RECEIPT, ENGLISH, paper))
        [(_, short_mm)] = sizes_mm(receipt_paper(short, ENGLISH, paper))
        assert wide_mm == wide
        assert short_mm < high_mm


def test_a_long_receipt_goes_on_on_the_next_page() -> None:
    pdf = receipt_paper(replace(RECEIPT, lines=(COAT, TRAIN, BOOK) * 40), ENGLISH, Paper.A4)
    assert set(sizes_mm(pdf)) == {(210, 297)}
    assert len(texts(pdf)) > 2
    assert sum(page.count("Wooden train") for page in texts(pdf)) == 40


def test_a_refund_names_its_receipt_and_why() -> None:
    refund = replace(
        RECEIPT, kind="refund", number="K1-R3", of_receipt="K1-123", reason="Torn", lines=(BOOK,), total_minor=99
    )
    says(
        receipt_paper(refund, ENGLISH, Paper.ROLL_80),
        "Refund K1-R3",
        "Refund of receipt K1-123",
        "Reason: Torn",
        "Paid out",
    )


def test_a_voided_receipt_cannot_be_taken_for_another() -> None:
    voided = replace(RECEIPT, voided=True, reason="Wrong basket")
    says(receipt_paper(voided, ENGLISH, Paper.ROLL_58), "VOIDED", "Reason: Wrong basket", "Coat")
    assert "VOIDED" not in " ".join(lines_of(receipt_paper(RECEIPT, ENGLISH, Paper.ROLL_58)))


def test_any_text_is_printed_on_the_narrowest_roll() -> None:
    odd = replace(COAT, description="Wort" * 200 + " 雪\x00\n🎎")
    pdf = receipt_paper(replace(RECEIPT, lines=(odd,), footer=("",) * 3), ENGLISH, Paper.ROLL_58)
    says(pdf, "WortWort", "…", "12.00")


SECTIONS: Sequence[ReportSection] = (
    ReportSection("Sales", (Figure("Receipts", 123_456, count=81), Figure("of which voided", count=1, part=True))),
    ReportSection("Drawer", (Figure("Float", 15_000), Figure("Cash", -500)), Figure("Expected", 14_500)),
)
Z = SessionReport(
    kind="z",
    organization="Parents of Neukirchen",
    sale="Spring sale",
    till="K1",
    cashier="casey",
    opened_at=NOON,
    sections=SECTIONS,
    closed_at=NOON,
    counted_minor=14_450,
    difference_minor=-50,
    difference_reason="Wrong change",
)


@pytest.mark.parametrize("paper", Paper)
def test_a_z_report_says_what_was_expected_and_what_was_counted(paper: Paper) -> None:
    pdf = session_paper(Z, ENGLISH, paper)
    says(pdf, "Z report · Till K1", "casey", "Closed", "Sales", "Receipts (81)", "1,234.56", "of which voided", "1")
    says(pdf, "Drawer", "Float", "150.00", "Cash", "−5.00", "Expected", "145.00", "Counted", "144.50")
    says(pdf, "Short", "−€0.50", "Reason: Wrong change", "Signature")


def test_an_x_report_leaves_the_count_open() -> None:
    x = replace(Z, kind="x", closed_at=None, counted_minor=None, difference_minor=None)
    said = " ".join(lines_of(session_paper(x, ENGLISH, Paper.ROLL_80)))
    assert "X report" in said
    assert "Counted" not in said
    assert "Signature" not in said


@pytest.mark.parametrize("paper", Paper)
def test_the_desks_slip_says_what_was_brought_refused_and_owed_and_when_to_come(paper: Paper) -> None:
    told = DeskSlip(
        letterhead=("Parents of Neukirchen", "1 Main Street"),
        sale="Spring sale",
        number=17,
        name="Ada",
        as_of=NOON,
        listed=6,
        checked_in=4,
        sold=1,
        refused=(SlipItem("001-0017-001-5", "Coat " * 30, "stained"),),
        not_brought=(SlipItem("001-0017-002-1", "Train"),),
        to_fetch=(),
        to_give_away=(SlipItem("001-0017-003-7", "Bear"),),
        slots=(SlipSlot("pick_up", NOON, NOON, arrived=True),),
        fee_minor=300,
        late_fee_minor=150,
        lists_minor=0,
    )
    pdf = desk_slip_paper(told, ENGLISH, paper)
    says(pdf, "Parents of Neukirchen", "Spring sale", "Consignor 17", "Ada", "Listed", "6", "Brought", "4", "Sold", "1")
    says(pdf, "Refused (1)", "001-0017-001-5", "stained", "Not brought (1)", "Train", "To be given away (1)", "Bear")
    says(pdf, "Owed", "Fee", "3.00", "late", "1.50", "Total", "€4.50", "Times", "Fetch", "done", "13:05", "Signature")
    assert "To be fetched" not in " ".join(texts(pdf))
    assert "Further lists" not in " ".join(texts(pdf))
