"""What is asked about how much a consignor may list beyond the sale's rule: granted, or bought."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import Actor, GivenParticipationId, ParticipationId

Extra = Annotated[int, Meta(ge=0, le=999)]


class GrantAllowance(Struct, frozen=True, gc=False, tag="grant-allowance"):
    """So many items and lists more than the sale allows each consignor, in place of what was granted before."""

    participation: GivenParticipationId
    extra_items: Extra = 0
    extra_lists: Extra = 0


class BuyLists(Struct, frozen=True, gc=False, tag="buy-lists"):
    """Have so many `lists` beyond those that the fee covers, in place of what was bought before.

    They come off the proceeds; lists that nothing stands on may be given back.
    """

    participation: GivenParticipationId
    lists: Extra
    actor: Actor


class AllowanceAnswer(Struct, frozen=True, gc=False):
    """`charged_minor` is owed for all further lists; null: as many lists or items as anybody likes."""

    participation: ParticipationId
    number: int
    lists: int | None
    items: int | None
    bought_lists: int
    charged_minor: int
    currency: str


type AllowanceCommand = GrantAllowance | BuyLists
