"""Presale: groups of people, such as volunteers, who shop before the doors open, each in hours of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

GROUPS_LIMIT = 20

_YEARS = range(2000, 2200)

GroupName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", max_length=40)]
Instant = Annotated[datetime, Meta(tz=True)]


class PresaleGroup(Struct, frozen=True, gc=False, omit_defaults=True):
    """Who shops in the phase drop-off, in `[begins_at, ends_at)`; without an end until the sale is live."""

    name: GroupName
    begins_at: Instant
    ends_at: Instant | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the group shops at an instant."""
        return self.begins_at <= now and (self.ends_at is None or now < self.ends_at)


type PresaleGroups = Annotated[tuple[PresaleGroup, ...], Meta(max_length=GROUPS_LIMIT)]


def wrong_groups(groups: Sequence[PresaleGroup]) -> list[tuple[str, str]]:
    """Return what contradicts itself, each with a pointer into the settings."""
    names: set[str] = set()
    wrong = []
    for index, group in enumerate(groups):
        pointer = f"/presale_groups/{index}"
        if group.name in names:
            wrong.append((f"{pointer}/name", f"presale group {group.name} is there twice"))
        names.add(group.name)
        if group.begins_at.year not in _YEARS or (group.ends_at is not None and group.ends_at.year not in _YEARS):
            wrong.append((f"{pointer}/begins_at", f"presale group {group.name} is not in this time"))
        elif group.ends_at is not None and group.begins_at >= group.ends_at:
            wrong.append((f"{pointer}/ends_at", f"presale group {group.name} ends before it begins"))
    return wrong
