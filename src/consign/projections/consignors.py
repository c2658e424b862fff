"""The people of an organization, apart from any sale: their profile, sealed, and where they take part."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.account import AccountProfileChanged, ParticipationJoined, PersonForgotten
from consign.domain.recorded import StoredEvent
from consign.domain.values import Sealed
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table


class ConsignorAccountRow(Struct, frozen=True):
    """`participations` counts all, those that ended too. `profile` can be read while the person is remembered."""

    account: str
    profile: Sealed | None
    participations: int
    known_at: datetime
    forgotten_at: datetime | None = None


type Handled = AccountProfileChanged | ParticipationJoined | PersonForgotten


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    return (("consignors", (event.account,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    known: ConsignorAccountRow | None = rows.get("consignors", (event.account,))
    row = known or ConsignorAccountRow(event.account, None, 0, stored.recorded_at)
    match event:
        case AccountProfileChanged(profile=profile):
            return (Put("consignors", replace(row, profile=profile)),)
        case ParticipationJoined():
            return (Put("consignors", replace(row, participations=row.participations + 1)),)
        case PersonForgotten():
            return (Put("consignors", replace(row, forgotten_at=stored.recorded_at)),)


CONSIGNORS = Projection(
    name="consignors",
    version=1,
    tables=(Table("consignors", ConsignorAccountRow, key=("account",), indexes=(("known_at",),)),),
    handles=frozenset({"account-profile-changed", "participation-joined", "person-forgotten"}),
    reads=_reads,
    apply=_apply,
)
