"""A process put together once its servers answer. Imports the whole service."""

from typing import TYPE_CHECKING

from consign.actors.ownership import Identity
from consign.service.keys import opened_keys
from consign.service.places import places, prepare
from consign.service.process import Service
from consign.settings import Settings

if TYPE_CHECKING:
    from consign.local.servers import LocalServers


async def assembled(settings: Settings, embedded: "LocalServers | None", me: Identity) -> Service:
    """Make the database ready for this code and return the process, not started yet."""
    where = places(settings, embedded)
    await prepare(where.database)
    return Service(settings, where, me, await opened_keys(settings, where.database))
