"""Where an organization stands on the web: its domains, and the origins whose pages may ask for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.web import DomainAdded, DomainRemoved, DomainVerified, OriginsChanged
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required

EVERY_ORIGIN = "all"


class DomainRow(Struct, frozen=True):
    """A domain names the organization once it is verified."""

    domain: str
    status: Literal["added", "verified"]
    added_at: datetime
    verified_at: datetime | None = None


class OriginsRow(Struct, frozen=True):
    """All origins in one row: they are said all at once."""

    which: str
    origins: tuple[str, ...]


type Handled = DomainAdded | DomainVerified | DomainRemoved | OriginsChanged


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case DomainVerified(domain):
            return (("domains", (domain,)),)
        case DomainAdded() | DomainRemoved() | OriginsChanged():
            return ()


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case DomainAdded(domain):
            return (Put("domains", DomainRow(domain, "added", stored.recorded_at)),)
        case DomainVerified(domain):
            row: DomainRow = required(rows, "domains", (domain,))
            return (Put("domains", replace(row, status="verified", verified_at=stored.recorded_at)),)
        case DomainRemoved(domain):
            return (Remove("domains", (domain,)),)
        case OriginsChanged(origins):
            return (Put("origins", OriginsRow(EVERY_ORIGIN, origins)),)


WEB = Projection(
    name="web",
    version=1,
    tables=(
        Table("domains", DomainRow, key=("domain",), indexes=(("added_at",),)),
        Table("origins", OriginsRow, key=("which",)),
    ),
    handles=frozenset({"domain-added", "domain-verified", "domain-removed", "origins-changed"}),
    reads=_reads,
    apply=_apply,
)
