"""`consign import-organization`: bring an exported organization into this installation."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import data_directory, passphrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consign.adapters.postgres.organization_archive import OrganizationWriter
    from consign.cli.archive import ArchiveReader
    from consign.cli.verification import Check


@click.command("import-organization")
@data_directory
@passphrase
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
def command(data_directory: Path, passphrase: str, file: Path) -> None:
    """Bring the organization in FILE here, under its name and with its whole history, in a log of a new identity.

    The hash chain, the numbering and the books are checked on the way, and so is that nothing is missing or changed:
    it comes whole or not at all. A service builds its read models and publishes its events as soon as it runs.

    \b
    Examples:
      consign import-organization demo.jsonl --data-directory /srv/other
    """
    from consign.cli.archive import ArchiveBroken
    from consign.cli.running import run

    try:
        with file.open("rb") as opened:
            said = run(_import(data_directory, passphrase, opened))
    except ArchiveBroken as error:
        raise Failure(f"nothing was imported: {error}", PROBLEM) from error
    click.echo(said)


async def _import(data_directory: Path, passphrase: str, file: BinaryIO) -> str:
    from functools import partial

    import asyncpg

    from consign.actors.ports import FORMAT
    from consign.adapters.crypto.key_ring import KeyRing
    from consign.adapters.installation import key_encryption_keys
    from consign.adapters.postgres.key_encryption import key_in_use
    from consign.adapters.postgres.organization_archive import OrganizationExists, beginning
    from consign.cli.archive import ArchiveReader, head_of
    from consign.cli.place import opened
    from consign.cli.verification import Balance, Chain, Numbering
    from consign.settings import settings_from

    archive = ArchiveReader(file, passphrase)
    head = head_of(archive.manifest)
    if head.min_format > FORMAT:
        raise Failure(f"{head.organization_id} was written by newer code", PROBLEM)
    given = settings_from(data_directory=data_directory).key_encryption_key
    ring = KeyRing(partial(key_encryption_keys, data_directory, given))
    checks: Sequence[Check] = (Chain(), Numbering(), Balance())
    async with opened(data_directory) as place:
        writer = await asyncpg.connect(place.database.writer)
        try:
            async with beginning(writer, head) as written:
                own = partial(ring.wrap, (await key_in_use(writer, ring)).key_id)
                await _bring(archive, written, own, checks)
                results = [check.result(head) for check in checks]
                if problems := [problem for result in results for problem in result.problems]:
                    raise Failure(f"nothing was imported: {problems[0]}", PROBLEM)
        except OrganizationExists as error:
            raise Failure(str(error), PROBLEM) from error
        finally:
            await writer.close()
    found = "; ".join(f"{result.name}: {result.figures}" for result in results)
    return f"{head.organization_id} is here as log {written.log_id}. {found}"


async def _bring(
    archive: "ArchiveReader",
    written: "OrganizationWriter",
    wrap: "Callable[[bytes, str], bytes]",
    checks: "Sequence[Check]",
) -> None:
    """Take every line over, keys as `wrap` has them here; raises ArchiveBroken where something is missing."""
    from collections import Counter

    from msgspec.structs import replace

    from consign.adapters.postgres.key_encryption import owner_of
    from consign.adapters.postgres.organization_archive import CommandLine, EventLine, KeyLine, TimerLine
    from consign.cli.archive import ArchiveBroken
    from consign.domain.business import CONSIGN

    manifest, brought = archive.manifest, Counter[str]()
    for line in archive.lines():
        match line:
            case EventLine(event):
                if event.organization_id != manifest.organization:
                    raise ArchiveBroken("an event is of another organization")
                decoded = CONSIGN.decode_event(event)
                for check in checks:
                    check.feed(event, decoded)
                await written.add(line)
            case KeyLine(subject_id, bytes() as wrapped):
                owner = owner_of(manifest.organization, str(subject_id))
                await written.add(replace(line, wrapped_key=wrap(archive.key.unwrap(wrapped, owner), owner)))
            case CommandLine() | TimerLine() | KeyLine():
                await written.add(line)
        brought[type(line).__name__] += 1
    counted = manifest.counts
    wanted = {"EventLine": manifest.position, "CommandLine": counted.commands}
    wanted |= {"TimerLine": counted.timers, "KeyLine": counted.keys}
    if {name: brought[name] for name in wanted} != wanted:
        raise ArchiveBroken("there is not as much in the file as its manifest says")
