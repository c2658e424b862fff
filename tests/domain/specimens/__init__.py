"""One specimen of every event, with every field said: what golden files and codecs are tested with."""

from msgspec import Struct

from tests.domain.specimens import (
    auditing,
    devices,
    drawer,
    floor,
    integrators,
    items,
    main_path,
    manual_lines,
    members,
    offline,
    paying,
    settling,
    shifts,
    signing_in,
    slots,
    taking_part,
    web,
)

SPECIMENS: tuple[Struct, ...] = (
    *devices.SPECIMENS,
    *auditing.SPECIMENS,
    *drawer.SPECIMENS,
    *integrators.SPECIMENS,
    *items.SPECIMENS,
    *floor.SPECIMENS,
    *main_path.SPECIMENS,
    *manual_lines.SPECIMENS,
    *members.SPECIMENS,
    *offline.SPECIMENS,
    *paying.SPECIMENS,
    *taking_part.SPECIMENS,
    *settling.SPECIMENS,
    *shifts.SPECIMENS,
    *signing_in.SPECIMENS,
    *slots.SPECIMENS,
    *web.SPECIMENS,
)
