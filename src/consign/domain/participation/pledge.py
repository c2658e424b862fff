"""What a consignor leaves of the proceeds of a sale to its charity."""

from typing import Literal

from msgspec import Struct

type PledgeOf = Literal["everything", "flagged"]


class Pledge(Struct, frozen=True, gc=False):
    """A share of what the sale brings in all, or of what the things bring that would be given away unsold."""

    share_ppm: int
    of: PledgeOf = "everything"
