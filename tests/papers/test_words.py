"""What is printed can be read: any text is printed somehow, and amounts are written as people there write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consign.domain.money import CURRENCIES
from consign.papers.amounts import Style, style_of
from consign.papers.fonts import MISSING, Face, characters, fitted, printable, width_pt, wrapped
from consign.papers.sheets import SHEETS
from consign.papers.tag_label import Label
from consign.papers.tags import tag_sheets
from consign.papers.words import Words, words_of
from tests.papers.test_tags import label

NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("locale", "currency", "minor", "written"),
    [
        ("en", "EUR", 123_450, "€1,234.50"),
        ("en-US", "USD", 99, "$0.99"),
        ("en", "CHF", 500, "CHF 5.00"),
        ("de", "EUR", 123_450, "1.234,50 €"),
        ("de-CH", "CHF", 123_405, "CHF 1’234.05"),
        ("fr", "EUR", 1_234_567_89, "1 234 567,89 €"),
        ("nl", "EUR", 1250, "€ 12,50"),
        ("sv", "SEK", 1250, "12,50 kr"),
        ("ja", "JPY", 1250, "¥1,250"),
        ("en", "KWD", 1250, "KWD 1.250"),
        ("xx-YY", "EUR", 1, "€0.01"),
        ("de", "EUR", -5, "−0,05 €"),
    ],
)
def test_amounts_are_written_as_in_the_place(locale: str, currency: str, minor: int, written: str) -> None:
    assert plain(style_of(locale, currency, "UTC").amount(minor)) == written


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_can_be_printed(currency: str) -> None:
    written = style_of("en", currency, "UTC").amount(10**12)
    assert printable(written, Face.BOLD) == written


@pytest.mark.parametrize(
    ("rate_ppm", "written"),
    [(200_000, "20 %"), (88_750, "8.875 %"), (1, "0.0001 %"), (0, "0 %"), (1_000_000, "100 %")],
)
def test_rates_have_the_decimals_they_need(rate_ppm: int, written: str) -> None:
    assert plain(style_of("en", "EUR", "UTC").rate(rate_ppm)) == written


def test_times_are_those_of_the_place() -> None:
    assert style_of("de", "EUR", "Europe/Berlin").moment(NOON) == "21.11.2026 13:05"
    assert style_of("en", "USD", "America/New_York").moment(NOON) == "21 Nov 2026 07:05"


def test_there_is_a_word_for_everything_in_every_language() -> None:
    german, english = words_of("de"), words_of("en")
    assert words_of("tlh") == english
    for name in Words.__struct_fields__:
        assert getattr(german, name)
        if isinstance(getattr(english, name), str):
            assert getattr(german, name).count("{") == getattr(english, name).count("{")


@pytest.mark.parametrize(
    "text",
    [
        "Žluťoučký kůň, Łódź, İstanbul, Kežmarok, ßẞ, œuvre, Þór",
        "Детская куртка, Київ",
        "Παιδικό μπουφάν",
        "5 × 3 € „a“…",
    ],
)
def test_the_scripts_of_europe_are_printed_as_they_are(text: str) -> None:
    for face in Face:
        assert printable(text, face) == text


def test_what_cannot_be_printed_is_seen_to_be_missing() -> None:
    assert printable("雪 Puppe 🎎") == f"{MISSING} Puppe {MISSING}"
    assert printable("a\u0301 \u202eb\tc\x00") == "á b c "
    assert printable("3 ㎏ Ḁ") == "3 kg A"


@given(some.text(max_size=300), some.floats(20, 300))
def test_any_text_fits_where_it_is_put(text: str, wide_pt: float) -> None:
    line, size_pt = fitted(text, Face.BOLD, 20, wide_pt, 4.5)
    assert width_pt(line, Face.BOLD, size_pt) <= wide_pt + 0.1
    assert {ord(character) for character in line} <= characters(Face.BOLD)
    for part in wrapped(text, Face.REGULAR, 6, wide_pt, 3):
        assert width_pt(part, Face.REGULAR, 6) <= wide_pt + 0.1


def test_breaking_lines_loses_no_word() -> None:
    text = "Holzeisenbahn mit Brücke und Donaudampfschifffahrtsgesellschaftskapitän"
    lines = wrapped(text, Face.REGULAR, 10, 120, 20)
    assert len(lines) > 2
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped(text, Face.REGULAR, 10, 120, 2)[-1].endswith("…")


@given(
    some.text(max_size=500), some.text(max_size=120), some.integers(-(10**12), 10**12), some.sampled_from(tuple(SHEETS))
)
def test_no_text_and_no_price_keep_a_tag_from_being_printed(text: str, sale: str, price_minor: int, name: str) -> None:
    styles: tuple[Style, ...] = (style_of("de", "EUR", "UTC"), style_of("fr-CH", "KWD", "UTC"))
    printed: Label = label(1, text, sale=sale, price_minor=price_minor, size=text[:20], brand=sale[:20])
    for style in styles:
        assert tag_sheets([printed], SHEETS[name], style).startswith(b"%PDF")
