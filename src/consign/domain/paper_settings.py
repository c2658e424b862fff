"""What a sale's printed papers say and are printed on, as far as the organizer chooses."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import Name

LINES_MAX = 8


class PaperSettings(Struct, frozen=True, gc=False, omit_defaults=True):
    """`letterhead` stands at the top of every paper; where it is empty, the organization's name does.

    `receipt_footer` stands below receipts. Shoppers see a receipt under its link for `receipt_link_days` from its
    payment on; 0: receipts bear no link. `tag_sheet` is the label paper that is meant unless told: a known sheet, or
    sizes of one's own.
    """

    letterhead: Annotated[tuple[Name, ...], Meta(max_length=LINES_MAX)] = ()
    receipt_footer: Annotated[tuple[Name, ...], Meta(max_length=LINES_MAX)] = ()
    tag_sheet: Annotated[str, Meta(max_length=60, pattern=r"^[A-Za-z0-9.:]*$")] = ""
    receipt_link_days: Annotated[int, Meta(ge=0, le=3650)] = 180
