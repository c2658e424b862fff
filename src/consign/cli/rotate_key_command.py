"""`consign rotate-key`: put another key-encryption key in the place of the present one."""

from pathlib import Path

import click

from consign.cli.options import data_directory


@click.command("rotate-key")
@data_directory
def command(data_directory: Path) -> None:
    """Wrap the keys of all people by a new key-encryption key, while the service goes on.

    In a data directory the new key is made here, and the former one is put aside. Where CONSIGN_KEY_ENCRYPTION_KEY
    says the key, first give every process both (the new one, a comma, the former one) and start it again; afterwards
    take the former one away. Interrupted, it goes on where it is begun again.

    Backups from before still need the former key: destroy it when they are gone.

    \b
    Examples:
      consign rotate-key
      CONSIGN_KEY_ENCRYPTION_KEY=<new>,<former> consign rotate-key
    """
    from consign.cli.running import run

    wrapped, newest, retired = run(_rotated(data_directory))
    click.echo(f"keys wrapped again: {wrapped}; in use: {newest}")
    click.echo(
        "take the former keys out of CONSIGN_KEY_ENCRYPTION_KEY now"
        if retired is None
        else f"former keys, which only backups from before need: {retired}"
    )


async def _rotated(data_directory: Path) -> tuple[int, str, Path | None]:
    """Return how many keys were wrapped again, the id of the key in use, and where former ones were put."""
    from functools import partial

    import asyncpg

    from consign.adapters.crypto.key_ring import KeyRing
    from consign.adapters.installation import begin_key_change, finish_key_change, key_encryption_keys
    from consign.adapters.postgres.key_encryption import Rotation
    from consign.cli.place import opened
    from consign.settings import settings_from

    given = settings_from(data_directory=data_directory).key_encryption_key
    async with opened(data_directory) as place:
        if given is None:
            begin_key_change(data_directory)
        ring = KeyRing(partial(key_encryption_keys, data_directory, given))
        writer = await asyncpg.connect(place.database.writer)
        try:
            wrapped = await Rotation(writer, ring).run()
        finally:
            await writer.close()
    retired = finish_key_change(data_directory) if given is None else None
    return wrapped, ring.newest.hex(), retired
