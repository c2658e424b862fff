"""What is asked about places: inviting somebody to one, waiting for one, taking one. Answers hold no personal data."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.commission import CommissionRule
from consign.domain.values import (
    Actor,
    AmountMinor,
    Code,
    ConsignorNumber,
    GivenAccountId,
    GivenParticipationId,
    GivenSaleId,
    ParticipationId,
    SaleId,
    Sealed,
    Text,
)

CodeDigest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
"""The SHA-256 of an invitation's code in hexadecimal: the log can tell a code, and gives none away."""


class InviteConsignor(Struct, frozen=True, gc=False, tag="invite-consignor"):
    """Keeps a place, and a number if one is said, until the code is used, revoked or expired."""

    sale: GivenSaleId
    participation: GivenParticipationId
    code_digest: CodeDigest
    expires_at: Annotated[datetime, Meta(tz=True)]
    address: Sealed | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None


class RevokeInvitation(Struct, frozen=True, gc=False, tag="revoke-invitation"):
    participation: GivenParticipationId


class AcceptInvitation(Struct, frozen=True, gc=False, tag="accept-invitation"):
    sale: GivenSaleId
    code_digest: CodeDigest
    account: GivenAccountId
    profile: Sealed | None = None
    terms_version: Text = ""


class ExpireInvitation(Struct, frozen=True, gc=False, tag="expire-invitation"):
    """Said by a timer."""

    participation: ParticipationId


class FillPlaces(Struct, frozen=True, gc=False, tag="fill-places"):
    """Said by a timer when places became free: whoever is next moves up, or is offered a place."""

    sale: SaleId


class MoveUp(Struct, frozen=True, gc=False, tag="move-up"):
    """An organizer gives somebody who waits a place at once, whoever else waits, beyond the limit if need be."""

    participation: GivenParticipationId


class AcceptPlace(Struct, frozen=True, gc=False, tag="accept-place"):
    """`terms_version`: the terms that are accepted now, where they changed since registering."""

    participation: GivenParticipationId
    actor: Actor
    terms_version: Text = ""


class ExpireOffer(Struct, frozen=True, gc=False, tag="expire-offer"):
    """Said by a timer."""

    participation: ParticipationId


class InvitationAnswer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    number: int | None
    expires_at: datetime


type PlaceCommand = (
    InviteConsignor
    | RevokeInvitation
    | AcceptInvitation
    | ExpireInvitation
    | FillPlaces
    | MoveUp
    | AcceptPlace
    | ExpireOffer
)
