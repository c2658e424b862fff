"""The keys of this installation: those it was given, and the secret in the database that they wrap."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import asyncpg

from consign.adapters.crypto.key_ring import KeyRing
from consign.adapters.installation import key_encryption_keys
from consign.adapters.postgres.addresses import DatabaseAddresses
from consign.adapters.postgres.key_encryption import key_in_use
from consign.settings import Settings


class Keys(NamedTuple):
    """`given` are the key-encryption keys, the newest first. What must outlive them derives from `root_secret`."""

    given: Sequence[bytes]
    ring: KeyRing
    root_secret: bytes


async def opened_keys(settings: Settings, database: DatabaseAddresses) -> Keys:
    """Read the keys; raises KeyMissing where the database is used with another one than was given."""
    read = partial(key_encryption_keys, settings.data_directory, settings.key_encryption_key)
    ring = KeyRing(read)
    writer = await asyncpg.connect(database.writer)
    try:
        in_use = await key_in_use(writer, ring)
    finally:
        await writer.close()
    return Keys(read(), ring, in_use.root_secret)
