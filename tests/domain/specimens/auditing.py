"""The events of access."""

from msgspec import Struct

from consign.domain.auditing import AccessRefused, DataShown
from tests.domain.market import OLIVE

SPECIMENS: tuple[Struct, ...] = (
    AccessRefused(OLIVE, "freeze-settlement", "forbidden"),
    DataShown(OLIVE, "payout-details", "0193e4c2-7a10-7000-8000-000000000017", "The bank sent it back"),
)
