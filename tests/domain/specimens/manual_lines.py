"""What becomes of lines without a tag."""

from msgspec import Struct

from consign.domain.ledger.events import ManualLine
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.values import TagCode
from tests.domain.log import OPENING
from tests.domain.market import SALE
from tests.domain.specimens.main_path import RECEIPT, SOLD

LINE = TagCode("01900000-0000-7000-8000-0000000000e1")
MANUAL = ManualLine(LINE, "skirt", "Red skirt, tag torn off", 350, 1, 30, 53, 200_000, True, 10)

SPECIMENS: tuple[Struct, ...] = (
    ManualLineMatched(SALE, LINE, RECEIPT, "1", OPENING, SOLD),
    ManualLineCredited(SALE, LINE, RECEIPT, 1, SOLD),
    ManualLineKept(SALE, LINE, RECEIPT, MANUAL, "nobody missed it"),
)
