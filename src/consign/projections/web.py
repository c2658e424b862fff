"""Where an organization stands on the web: its domains, and the origins whose pages may ask for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.web import (
    DomainAdded,
    DomainDoubted,
    DomainLost,
    DomainRemoved,
    DomainTrusted,
    DomainVerified,
    OriginsChanged,
)
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required

EVERY_ORIGIN = "all"


class DomainRow(Struct, frozen=True):
    """A domain names the organization once it is verified, until it is lost to one that showed it.

    `doubted_since`: the organization does not show it any more; `passes_at`: unless it does, another one gets it then.
    """

    domain: str
    status: Literal["added", "verified", "lost"]
    added_at: datetime
    verified_at: datetime | None = None
    doubted_since: datetime | None = None
    passes_at: datetime | None = None
    lost_at: datetime | None = None


class OriginsRow(Struct, frozen=True):
    """All origins in one row: they are said all at once."""

    which: str
    origins: tuple[str, ...]


type OfOne = DomainVerified | DomainDoubted | DomainTrusted | DomainLost
type Handled = DomainAdded | OfOne | DomainRemoved | OriginsChanged


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case DomainVerified(domain) | DomainDoubted(domain) | DomainTrusted(domain) | DomainLost(domain):
            return (("domains", (domain,)),)
        case DomainAdded() | DomainRemoved() | OriginsChanged():
            return ()


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case DomainAdded(domain):
            return (Put("domains", DomainRow(domain, "added", stored.recorded_at)),)
        case DomainVerified(domain) | DomainDoubted(domain) | DomainTrusted(domain) | DomainLost(domain):
            return (Put("domains", _after(required(rows, "domains", (domain,)), event, stored.recorded_at)),)
        case DomainRemoved(domain):
            return (Remove("domains", (domain,)),)
        case OriginsChanged(origins):
            return (Put("origins", OriginsRow(EVERY_ORIGIN, origins)),)


def _after(row: DomainRow, event: OfOne, at: datetime) -> DomainRow:
    match event:
        case DomainVerified():
            return DomainRow(row.domain, "verified", row.added_at, at)
        case DomainDoubted(_, passes_at):
            return replace(row, doubted_since=row.doubted_since or at, passes_at=passes_at)
        case DomainTrusted():
            return replace(row, doubted_since=None, passes_at=None)
        case DomainLost():
            return replace(row, status="lost", doubted_since=None, passes_at=None, lost_at=at)


WEB = Projection(
    name="web",
    version=2,
    tables=(
        Table("domains", DomainRow, key=("domain",), indexes=(("added_at",),)),
        Table("origins", OriginsRow, key=("which",)),
    ),
    handles=frozenset(
        {
            "domain-added",
            "domain-verified",
            "domain-removed",
            "domain-doubted",
            "domain-trusted",
            "domain-lost",
            "origins-changed",
        }
    ),
    reads=_reads,
    apply=_apply,
)
