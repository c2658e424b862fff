"""The devices of an organization: which machines are enrolled, and how many sales each says it still holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.device import DeviceEnrolled, DeviceInvited, DeviceRenamed, DeviceRevoked
from consign.domain.recorded import StoredEvent
from consign.domain.session.offline_events import UnsyncedReported
from consign.domain.tills import TillUnsyncedReported
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required

DeviceStatus = Literal["invited", "enrolled", "revoked"]


class DeviceRow(Struct, frozen=True):
    """`invited_until`: a machine may become this device until then. `unsynced` is what the machine said last."""

    device: str
    name: str
    status: DeviceStatus
    invited_at: datetime
    invited_until: datetime | None = None
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None
    unsynced: int | None = None
    unsynced_at: datetime | None = None


type Unsynced = UnsyncedReported | TillUnsyncedReported
type Handled = DeviceInvited | DeviceEnrolled | DeviceRenamed | DeviceRevoked | Unsynced


def _reads(stored: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case UnsyncedReported() | TillUnsyncedReported():
            return () if stored.device_id is None else (("devices", (stored.device_id,)),)
        case _:
            return (("devices", (event.device,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    at = stored.recorded_at
    match event:
        case UnsyncedReported() | TillUnsyncedReported():
            return _reported(stored, event, rows)
        case DeviceInvited(device, name, expires_at):
            known: DeviceRow | None = rows.get("devices", (device,))
            if known is None:
                return (Put("devices", DeviceRow(device, name, "invited", at, expires_at)),)
            return (Put("devices", replace(known, name=name, invited_at=at, invited_until=expires_at)),)
        case DeviceEnrolled(device):
            return (Put("devices", replace(_row(rows, device), status="enrolled", invited_until=None, enrolled_at=at)),)
        case DeviceRenamed(device, name):
            return (Put("devices", replace(_row(rows, device), name=name)),)
        case DeviceRevoked(device):
            return (Put("devices", replace(_row(rows, device), status="revoked", invited_until=None, revoked_at=at)),)


def _row(rows: Rows, device: str) -> DeviceRow:
    row: DeviceRow = required(rows, "devices", (device,))
    return row


def _reported(stored: StoredEvent, event: Unsynced, rows: Rows) -> Sequence[Change]:
    """Keep the count where a device of the organization reported it: others say what they like of themselves."""
    row: DeviceRow | None = None if stored.device_id is None else rows.get("devices", (stored.device_id,))
    if row is None:
        return ()
    return (Put("devices", replace(row, unsynced=event.unsynced, unsynced_at=event.reported_at)),)


DEVICES = Projection(
    name="devices",
    version=1,
    tables=(Table("devices", DeviceRow, key=("device",), indexes=(("invited_at",),)),),
    handles=frozenset(
        {
            "device-invited",
            "device-enrolled",
            "device-renamed",
            "device-revoked",
            "unsynced-reported",
            "till-unsynced-reported",
        }
    ),
    reads=_reads,
    apply=_apply,
)
