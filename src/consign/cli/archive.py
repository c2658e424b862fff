"""The file that an organization moves in: JSON Lines, a manifest first, then what there is, then a keyed digest of it.

Personal data stays sealed in it, and the persons' keys are wrapped by a key that follows from a passphrase, so that the
file alone opens nothing. The digest is keyed too: whoever changes a line without the passphrase is found out.
"""

import hmac
import secrets
from collections.abc import Iterator
from hashlib import scrypt, sha256
from typing import BinaryIO
from uuid import UUID

import msgspec
from msgspec import Struct

from consign.actors.ports import Head
from consign.adapters.crypto.key_ring import KeyMissing, KeyRing
from consign.adapters.crypto.sealing import SealBroken
from consign.adapters.postgres.organization_archive import CommandLine, Counts, EventLine, KeyLine, TimerLine

FORMAT = 1
LINE_BYTES_MAX = 16 * 1024**2
_SCRYPT_COST, _SCRYPT_BLOCK, _SCRYPT_BYTES_MAX = 2**15, 8, 64 * 1024**2
_SALT_BYTES = 16


class Manifest(Struct, frozen=True, tag="manifest"):
    """What the file holds: where the log ends, and how much else there is."""

    format: int
    organization: str
    log_id: UUID
    position: int
    hash: bytes
    min_format: int
    counts: Counts
    salt: bytes


class End(Struct, frozen=True, tag="end"):
    """The keyed digest of every line before."""

    digest: bytes


type ArchiveLine = Manifest | EventLine | CommandLine | TimerLine | KeyLine | End

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[ArchiveLine] = msgspec.json.Decoder(ArchiveLine)


class ArchiveBroken(Exception):
    """The file is not a whole, unchanged export under this passphrase."""


class TransferKey:
    """What follows from the passphrase and the file's salt: one key to wrap with, another for the digest."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        root = scrypt(
            passphrase.encode(), salt=salt, n=_SCRYPT_COST, r=_SCRYPT_BLOCK, p=1, maxmem=_SCRYPT_BYTES_MAX, dklen=32
        )
        wrapping = hmac.digest(root, b"consign archive keys", sha256)
        self._ring = KeyRing(lambda: [wrapping])
        self.digest = hmac.new(hmac.digest(root, b"consign archive digest", sha256), digestmod=sha256)

    def wrap(self, key: bytes, owner: str) -> bytes:
        """Return a person's key as it stands in the file."""
        return self._ring.wrap(self._ring.newest, key, owner)

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """Return the key again; raises ArchiveBroken."""
        try:
            return self._ring.unwrap(wrapped, owner)
        except (KeyMissing, SealBroken) as error:
            raise ArchiveBroken("a key cannot be unwrapped: the passphrase is another one") from error


def new_salt() -> bytes:
    """Return a salt for one file."""
    return secrets.token_bytes(_SALT_BYTES)


class ArchiveWriter:
    """Writes the lines of one file."""

    def __init__(self, file: BinaryIO, key: TransferKey) -> None:
        self._file = file
        self._digest = key.digest

    def write(self, line: ArchiveLine) -> None:
        """Write a line."""
        encoded = _encoder.encode(line) + b"\n"
        self._digest.update(encoded)
        self._file.write(encoded)

    def end(self) -> None:
        """Write the digest."""
        self._file.write(_encoder.encode(End(self._digest.digest())) + b"\n")


class ArchiveReader:
    """Reads a file line by line; every method raises ArchiveBroken. What was read counts once `lines` has ended."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        first = self._line()
        manifest = _decoded(first)
        if not isinstance(manifest, Manifest) or manifest.format != FORMAT:
            raise ArchiveBroken("the file does not begin as an export of an organization does")
        self.manifest = manifest
        self.key = TransferKey(passphrase, manifest.salt)
        self.key.digest.update(first)

    def lines(self) -> Iterator[EventLine | CommandLine | TimerLine | KeyLine]:
        """Yield the lines between manifest and digest, and check the digest."""
        while True:
            encoded = self._line()
            line = _decoded(encoded)
            if isinstance(line, End):
                if not hmac.compare_digest(line.digest, self.key.digest.digest()):
                    raise ArchiveBroken("the file was changed, or the passphrase is another one")
                if self._file.read(1):
                    raise ArchiveBroken("the file goes on after its end")
                return
            if isinstance(line, Manifest):
                raise ArchiveBroken("the file has a second beginning")
            self.key.digest.update(encoded)
            yield line

    def _line(self) -> bytes:
        encoded = self._file.readline(LINE_BYTES_MAX)
        if not encoded.endswith(b"\n"):
            raise ArchiveBroken("the file ends in the middle")
        return encoded


def head_of(manifest: Manifest) -> Head:
    """Return the head that the manifest speaks of."""
    return Head(
        manifest.organization, manifest.log_id, 0, manifest.position, manifest.hash, min_format=manifest.min_format
    )


def _decoded(encoded: bytes) -> ArchiveLine:
    try:
        return _decoder.decode(encoded)
    except msgspec.MsgspecError as error:
        raise ArchiveBroken(f"a line cannot be read: {error}") from error
