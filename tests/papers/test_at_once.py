"""Papers are drawn by two threads of one process: what one draws leaves no trace in the other's."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from consign.papers.receipts import receipt_paper
from consign.papers.sheets import SHEETS
from consign.papers.slip import Paper
from consign.papers.tags import tag_sheets
from tests.papers.test_slips import ENGLISH, RECEIPT
from tests.papers.test_tags import GERMAN, a_page_of

ROUNDS = 30


@pytest.fixture
def taking_turns_all_the_time() -> Iterator[None]:
    """Let threads take turns so often that whatever they share is met half-done."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.usefixtures("taking_turns_all_the_time")
def test_papers_drawn_at_once_are_those_drawn_alone() -> None:
    sheet = SHEETS["L7160"]
    labels = a_page_of(sheet)

    def tags(_: int) -> bytes:
        return tag_sheets(labels, sheet, GERMAN)

    def receipts(_: int) -> bytes:
        return receipt_paper(RECEIPT, ENGLISH, Paper.ROLL_80)

    tags_alone, receipt_alone = tags(0), receipts(0)
    with ThreadPoolExecutor(2) as threads:
        drawn = list(threads.map(lambda index: (tags, receipts)[index % 2](index), range(2 * ROUNDS)))
    assert set(drawn[::2]) == {tags_alone}
    assert set(drawn[1::2]) == {receipt_alone}
