"""`consign export-organization`: everything that makes up one organization, into one file."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import click

from consign.cli.exits import ENVIRONMENT, PROBLEM, Failure
from consign.cli.options import organization as organization_option
from consign.cli.options import passphrase, service


@click.command("export-organization")
@service
@organization_option
@passphrase
@click.option("--why", default="", metavar="TEXT", help="Why, to be kept in the log: a matter, not a person.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(
    url: str | None, token: str | None, data_directory: Path, organization: str, passphrase: str, why: str, file: Path
) -> None:
    """Write events, commands, timers and sealed keys of an organization into FILE, which must not exist.

    Whoever has FILE and the passphrase can read everything, names included. The organization goes on here; close it for
    commands first where it is to move for good.

    Beforehand the organization's log is told who exports it, and why: by the running service, or by one that is started
    for that over the data directory. Where neither can be, nothing is exported.

    \b
    Examples:
      consign export-organization -o demo demo.jsonl
    """
    from consign.cli.running import run

    draft = file.with_name(f"{file.name}.part")
    if file.exists():
        raise Failure(f"{file} is there already", PROBLEM)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            said = run(_export(data_directory, (url, token), organization, passphrase, why, opened))
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(said)


@asynccontextmanager
async def _recorded(
    data_directory: Path, asked: tuple[str | None, str | None], organization: str, why: str
) -> AsyncIterator[None]:
    """Have the organization's log say that this happens, before it does; where that cannot be, it does not.

    The service that writes it runs on meanwhile: where none runs over the data directory it is this process.
    """
    from consign.cli.asking import asking
    from consign.settings import settings_from

    url, token = asked
    if url is None and not settings_from(data_directory=data_directory).is_embedded:
        raise Failure("an export is kept in the log by a running service: name it with --url", ENVIRONMENT)
    async with asking(data_directory, url, token, organization, "organizer") as client:
        await client.command("/audit/record-export", {"because": why})
        yield


async def _export(
    data_directory: Path,
    asked: tuple[str | None, str | None],
    organization: str,
    passphrase: str,
    why: str,
    file: BinaryIO,
) -> str:
    from functools import partial

    import asyncpg
    from msgspec.structs import replace

    from consign.adapters.crypto.key_ring import KeyRing
    from consign.adapters.installation import key_encryption_keys
    from consign.adapters.postgres.key_encryption import owner_of
    from consign.adapters.postgres.organization_archive import KeyLine, archived
    from consign.cli.archive import FORMAT, ArchiveWriter, Manifest, TransferKey, new_salt
    from consign.cli.place import opened
    from consign.settings import settings_from

    given = settings_from(data_directory=data_directory).key_encryption_key
    ring = KeyRing(partial(key_encryption_keys, data_directory, given))
    salt = new_salt()
    key = TransferKey(passphrase, salt)
    archive = ArchiveWriter(file, key)
    async with _recorded(data_directory, asked, organization, why), opened(data_directory) as place:
        writer = await asyncpg.connect(place.database.writer)
        try:
            async with archived(writer, organization) as found:
                head, counts = found.head, found.counts
                archive.write(
                    Manifest(FORMAT, organization, head.log_id, head.position, head.hash, head.min_format, counts, salt)
                )
                async for line in found.lines():
                    if isinstance(line, KeyLine) and line.wrapped_key is not None:
                        owner = owner_of(organization, str(line.subject_id))
                        plain = ring.unwrap(line.wrapped_key, owner)
                        archive.write(replace(line, wrapped_key=key.wrap(plain, owner)))
                    else:
                        archive.write(line)
                archive.end()
        finally:
            await writer.close()
    return (
        f"{organization}: {head.position} events up to hash {head.hash.hex()[:16]}, {counts.commands} commands, "
        f"{counts.timers} timers, {counts.keys} keys"
    )
