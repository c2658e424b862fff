"""What is asked about charity: a consignor leaves proceeds to it, and the organizer hands on what was left."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.participation.pledge import PledgeOf
from consign.domain.values import Actor, GivenParticipationId, GivenSaleId, ParticipationId, PositiveMinor, Ppm


class PledgeProceeds(Struct, frozen=True, gc=False, tag="pledge-proceeds"):
    """Leaves a share of the proceeds to the sale's charity, in place of what was pledged before; none takes it back.

    `of`: everything the sale brings after commission and fees, or only what things bring, after commission, that
    would be given away unsold (`donate`).
    """

    participation: GivenParticipationId
    share_ppm: Ppm
    actor: Actor
    of: PledgeOf = "everything"


class PayCharity(Struct, frozen=True, gc=False, tag="pay-charity"):
    """What was left to the charity was transferred to it: all that it is owed, or this much of it."""

    sale: GivenSaleId
    reference: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
    amount_minor: PositiveMinor | None = None


class PledgeAnswer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    number: int
    share_ppm: int
    of: PledgeOf
    charity: str


class CharityAnswer(Struct, frozen=True, gc=False):
    """`owed_minor` is what the charity is still owed; below zero, what it has too much."""

    paid_minor: int
    owed_minor: int
    charity: str
    currency: str


type CharityCommand = PledgeProceeds | PayCharity
