"""The consignors of each sale: number, terms and fee. Who they are stays sealed here too."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.events import ConsignorProfileChanged, ConsignorRegistered, ConsignorTermsChanged
from consign.domain.recorded import StoredEvent
from consign.domain.values import Sealed
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ParticipationRow(Struct, frozen=True):
    """`profile` is stored as it came: only the holder of the person's key can read it."""

    participation: str
    sale: str
    number: int
    fee_minor: int
    tier: str | None
    own_rule: CommissionRule | None
    terms_version: str
    account: str | None
    profile: Sealed | None
    registered_at: datetime


type Handled = ConsignorRegistered | ConsignorProfileChanged | ConsignorTermsChanged


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case ConsignorRegistered():
            return ()
        case ConsignorProfileChanged() | ConsignorTermsChanged():
            return (("participations", (event.participation,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case ConsignorRegistered():
            return (Put("participations", _registered(stored, event)),)
        case ConsignorProfileChanged():
            row: ParticipationRow = required(rows, "participations", (event.participation,))
            return (Put("participations", replace(row, profile=event.profile)),)
        case ConsignorTermsChanged():
            row = required(rows, "participations", (event.participation,))
            return (Put("participations", replace(row, tier=event.tier, own_rule=event.own_rule)),)


def _registered(stored: StoredEvent, event: ConsignorRegistered) -> ParticipationRow:
    return ParticipationRow(
        participation=event.participation,
        sale=event.sale,
        number=event.number,
        fee_minor=event.fee_minor,
        tier=event.tier,
        own_rule=event.own_rule,
        terms_version=event.terms_version,
        account=event.account,
        profile=event.profile,
        registered_at=stored.recorded_at,
    )


PARTICIPATIONS = Projection(
    name="participations",
    version=1,
    tables=(
        Table(
            "participations",
            ParticipationRow,
            key=("participation",),
            indexes=(("sale", "number"), ("account",)),
        ),
    ),
    handles=frozenset({"consignor-registered", "consignor-profile-changed", "consignor-terms-changed"}),
    reads=_reads,
    apply=_apply,
)
