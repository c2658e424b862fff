"""Made-up people whose data can be recognised anywhere, and a search for it in whatever way it may be written."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import NamedTuple

import asyncpg

from tests.support.cluster import Database

_BASE64_ALIGNMENTS = 3


STEM, PHONE_STEM = "Xqzephyr", "5551770194"
IBANS = ("DE75512108001245126199", "FR1420041010050500013M02606", "GB33BUKB20201555555555", "NL91ABNA0417164300")
EVERYTHING = (STEM, PHONE_STEM, *IBANS)
"""What everything that people say of themselves here has in it, and nothing else has."""


class Person(NamedTuple):
    """Everything that somebody may say of themselves."""

    name: str
    email: str
    phone: str
    address: str
    iban: str

    @property
    def profile(self) -> dict[str, str]:
        return {"name": self.name, "email": self.email, "phone": self.phone, "address": self.address}

    @property
    def details(self) -> dict[str, str]:
        return {"name": self.name, "iban": self.iban}


def person(number: int) -> Person:
    return Person(
        f"{STEM}a Ümläut {STEM}{number}",
        f"{STEM.lower()}{number}@{STEM.lower()}.example",
        f"+49{PHONE_STEM}{number}",
        f"{STEM}gasse {number}",
        IBANS[number % len(IBANS)],
    )


def written(word: str) -> Iterator[bytes]:
    """Yield the ways in which a word may lie in bytes."""
    for plain in {word, word.lower(), word.upper()}:
        raw = plain.encode()
        yield from (raw, plain.encode("utf-16-le"), raw.hex().encode(), raw.hex().upper().encode())
        yield from _in_base64(raw)


def digests(text: str) -> Iterator[bytes]:
    """Yield what a text can be guessed from: hashes without a key."""
    for made in (sha256, sha1, md5):
        for said in {text, text.casefold(), json.dumps(text)}:
            digest = made(said.encode()).digest()
            yield from (digest, digest.hex().encode(), base64.b64encode(digest).rstrip(b"="))


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Yield what is the same in base 64 wherever the bytes begin: what depends on neighbours is left out."""
    for shift in range(_BASE64_ALIGNMENTS):
        encoded = base64.b64encode(b"\0" * shift + raw)
        first = -(-shift * 8 // 6)
        last = (shift + len(raw)) * 8 // 6
        yield encoded[first:last]


class Search:
    """Looks for words, and in tables for digests of `texts`; `found` says where which one lay.

    `numbers` are so short that they may lie within longer ones by chance: they count where they stand by themselves.
    """

    def __init__(self, words: Iterable[str], texts: Iterable[str] = (), numbers: Iterable[str] = ()) -> None:
        self._ways = {way: word for word in words for way in written(word)}
        self._numbers = [re.compile(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % number.encode()) for number in numbers]
        self._digests = {digest: f"digest of {text}" for text in texts for digest in digests(text)}
        self.found: set[str] = set()

    def look(self, place: str, content: bytes) -> None:
        self._look(self._ways, place, content)
        self.found |= {f"{each.pattern!r} in {place}" for each in self._numbers if each.search(content)}

    def _look(self, ways: Mapping[bytes, str], place: str, content: bytes) -> None:
        self.found |= {f"{word!r} in {place}" for way, word in ways.items() if way in content}

    def look_at_files(self, directory: Path, *, but: Path | None = None) -> None:
        """Look at every file under a directory, as it lies there."""
        for path in sorted(directory.rglob("*")):
            if path.is_file() and path.parent != but:
                # Files of Postgres are made of zeros for the most part.
                self.look(str(path.relative_to(directory)), path.read_bytes().replace(bytes(64), b""))

    async def look_at_tables(self, database: Database) -> None:
        """Look at every column of every table, and at the names of things."""
        connection = await asyncpg.connect(database.url)
        try:
            tables = await connection.fetch(
                "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            )
            for (name,) in tables:
                async with connection.transaction():
                    async for row in connection.cursor(f"SELECT * FROM {name}"):
                        for column, value in row.items():
                            raw = value if isinstance(value, bytes) else str(value).encode()
                            self.look(f"{name}.{column}", raw)
                            self._look(self._digests, f"{name}.{column}", raw)
        finally:
            await connection.close()
