from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.rejection import Rejected
from consign.domain.tag import Tag, check_digit, parse, read, shown, tag_code

SALES = st.integers(1, 999)
CONSIGNORS = st.integers(1, 9999)
ITEMS = st.integers(1, 999)


def test_the_check_digit_is_that_of_damms_published_example() -> None:
    assert check_digit("572") == 4
    assert check_digit("5724") == 0


def test_a_tag_is_sale_consignor_item_and_check_digit_shown_in_groups() -> None:
    code = tag_code(7, 1, 2)
    assert code.startswith("0070001002")
    assert shown(code) == f"007-0001-002-{code[10]}"


@given(SALES, CONSIGNORS, ITEMS)
def test_a_tag_reads_as_what_it_was_made_of_however_it_is_typed(sale: int, consignor: int, item: int) -> None:
    code = tag_code(sale, consignor, item)
    assert parse(code) == Tag(sale, consignor, item)
    assert read(code) == read(shown(code)) == read(f" {shown(code)} ".replace("-", " ")) == code


@given(SALES, CONSIGNORS, ITEMS, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(sale: int, consignor: int, item: int, at: int, off: int) -> None:
    code = tag_code(sale, consignor, item)
    wrong = code[:at] + str((int(code[at]) + off) % 10) + code[at + 1 :]
    with pytest.raises(Rejected, match="check digit"):
        read(wrong)


@given(SALES, CONSIGNORS, ITEMS, st.integers(0, 9))
def test_two_neighbours_swapped_are_always_found(sale: int, consignor: int, item: int, at: int) -> None:
    code = tag_code(sale, consignor, item)
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped != code:
        with pytest.raises(Rejected, match="check digit"):
            read(swapped)


@given(st.text(max_size=64))
def test_whatever_is_scanned_is_a_tag_or_a_clear_refusal(scanned: str) -> None:
    with suppress(Rejected):
        assert len(read(scanned)) == 11


@pytest.mark.parametrize(
    ("scanned", "word"), [("007000100", "has 9"), ("0070001002900", "has 13"), ("0070001OO29", "digits only")]
)
def test_the_refusal_says_what_is_wrong(scanned: str, word: str) -> None:
    with pytest.raises(Rejected, match=word):
        read(scanned)
