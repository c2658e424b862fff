"""What is asked about how much a consignor may list beyond the sale's rule: granted, or bought."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import Actor, Code, GivenParticipationId, ParticipationId

Extra = Annotated[int, Meta(ge=0, le=999)]


class GrantAllowance(Struct, frozen=True, gc=False, tag="grant-allowance"):
    """So many items and lists more than the sale allows each consignor, in place of what was granted before.

    `extra_by_category` are items beyond the most of a category; they do not count beyond the most of all.
    """

    participation: GivenParticipationId
    extra_items: Extra = 0
    extra_lists: Extra = 0
    extra_by_category: Annotated[dict[Code, Extra], Meta(max_length=500)] = {}


class BuyLists(Struct, frozen=True, gc=False, tag="buy-lists"):
    """Have so many `lists` beyond those that the fee covers, in place of what was bought before.

    They come off the proceeds; lists that nothing stands on may be given back.
    """

    participation: GivenParticipationId
    lists: Extra
    actor: Actor


class AllowanceAnswer(Struct, frozen=True, gc=False):
    """What may be listed now; null: as many as anybody likes.

    On lists 1 to `lists` things may be listed; with more of them bought, up to `lists_maximum`. `charged_minor` is owed
    for all `bought_lists`. `categories` holds the most of each category that has one.
    """

    participation: ParticipationId
    number: int
    lists: int | None
    lists_maximum: int | None
    items: int | None
    categories: dict[str, int]
    bought_lists: int
    charged_minor: int
    currency: str


type AllowanceCommand = GrantAllowance | BuyLists
