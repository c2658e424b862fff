"""The organization, its sales with their rules and phase, and the tills of each sale."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.organization import OrganizationFounded, OrganizationRegistered, OrganizationRenamed
from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePhaseChanged, SalePlanned, SaleSettings, SaleSettingsChanged
from consign.domain.tills import TillClosed, TillOpened
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required

FORMER_NAMES_MAX = 100


class FormerName(Struct, frozen=True):
    """What the organization was called until then."""

    name: str
    until: datetime


class OrganizationRow(Struct, frozen=True):
    """In the platform's log every organization there is, as it was founded; in a tenant's log the tenant itself.

    `former_names` are in order, the last ones where there were many.
    """

    organization: str
    name: str
    currency: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    former_names: tuple[FormerName, ...] = ()

    def name_at(self, moment: datetime) -> str:
        """Return what the organization was called then, as far as it is known."""
        return next((former.name for former in self.former_names if moment < former.until), self.name)


class SaleRow(Struct, frozen=True):
    sale: str
    number: int
    name: str
    phase: str
    currency: str
    time_zone: str
    settings: SaleSettings
    planned_at: datetime
    phase_since: datetime


class TillRow(Struct, frozen=True):
    """`session` is the open one, or None; the counters are the last ones used by closed sessions."""

    sale: str
    till: str
    session: str | None
    receipt_counter: int
    refund_counter: int


type Handled = (
    OrganizationRegistered
    | OrganizationFounded
    | OrganizationRenamed
    | SalePlanned
    | SaleSettingsChanged
    | SalePhaseChanged
    | TillOpened
    | TillClosed
)


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case OrganizationRegistered() | OrganizationFounded() | SalePlanned() | TillClosed():
            return ()
        case OrganizationRenamed():
            return (("organizations", (event.organization,)),)
        case SaleSettingsChanged() | SalePhaseChanged():
            return (("sales", (event.sale,)),)
        case TillOpened():
            return (("tills", (event.sale, event.till)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case OrganizationRegistered():
            return (Put("organizations", OrganizationRow(event.organization, event.name)),)
        case OrganizationFounded():
            row = OrganizationRow(event.organization, event.name, event.currency, event.locale, event.time_zone)
            return (Put("organizations", row),)
        case OrganizationRenamed():
            return (
                Put("organizations", _renamed(stored, event, required(rows, "organizations", (event.organization,)))),
            )
        case SalePlanned():
            return (Put("sales", _planned(stored, event)),)
        case SaleSettingsChanged():
            sale: SaleRow = required(rows, "sales", (event.sale,))
            return (Put("sales", replace(sale, settings=event.settings)),)
        case SalePhaseChanged():
            sale = required(rows, "sales", (event.sale,))
            return (Put("sales", replace(sale, phase=str(event.phase), phase_since=stored.recorded_at)),)
        case TillOpened():
            till: TillRow | None = rows.get("tills", (event.sale, event.till))
            opened = replace(till, session=event.session) if till else _new_till(event)
            return (Put("tills", opened),)
        case TillClosed():
            return (Put("tills", TillRow(event.sale, event.till, None, event.receipt_counter, event.refund_counter)),)


def _renamed(stored: StoredEvent, event: OrganizationRenamed, row: OrganizationRow) -> OrganizationRow:
    former = (*row.former_names, FormerName(row.name, stored.recorded_at))
    return replace(row, name=event.name, former_names=former[-FORMER_NAMES_MAX:])


def _planned(stored: StoredEvent, event: SalePlanned) -> SaleRow:
    return SaleRow(
        sale=event.sale,
        number=event.number,
        name=event.name,
        phase="draft",
        currency=event.currency,
        time_zone=event.time_zone,
        settings=event.settings,
        planned_at=stored.recorded_at,
        phase_since=stored.recorded_at,
    )


def _new_till(event: TillOpened) -> TillRow:
    return TillRow(event.sale, event.till, event.session, receipt_counter=0, refund_counter=0)


SALES = Projection(
    name="sales",
    version=2,
    tables=(
        Table("organizations", OrganizationRow, key=("organization",)),
        Table("sales", SaleRow, key=("sale",), indexes=(("number",),)),
        Table("tills", TillRow, key=("sale", "till")),
    ),
    handles=frozenset(
        {
            "organization-registered",
            "organization-founded",
            "organization-renamed",
            "sale-planned",
            "sale-settings-changed",
            "sale-phase-changed",
            "till-opened",
            "till-closed",
        }
    ),
    reads=_reads,
    apply=_apply,
)
