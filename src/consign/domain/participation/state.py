"""A consignor taking part in one sale: number, terms, fee."""

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.events import (
    ConsignorProfileChanged,
    ConsignorRegistered,
    ConsignorTermsChanged,
    ParticipationEvent,
)
from consign.domain.values import ParticipationId, SaleId, Sealed


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Registered(Struct, frozen=True, gc=False, tag="registered"):
    participation: ParticipationId
    sale: SaleId
    number: int
    fee_minor: int
    profile: Sealed | None
    tier: str | None
    own_rule: CommissionRule | None


type Participation = Registered | Unknown
INITIAL: Participation = Unknown()


def evolve(participation: Participation, event: ParticipationEvent) -> Participation:
    """Return the participation after the event."""
    match event:
        case ConsignorRegistered(identity, sale, number, fee_minor, profile, tier, own_rule):
            return Registered(identity, sale, number, fee_minor, profile, tier, own_rule)
        case ConsignorProfileChanged(profile=profile):
            match participation:
                case Registered():
                    return replace(participation, profile=profile)
                case Unknown():
                    return participation
        case ConsignorTermsChanged(tier=tier, own_rule=own_rule):
            match participation:
                case Registered():
                    return replace(participation, tier=tier, own_rule=own_rule)
                case Unknown():
                    return participation
