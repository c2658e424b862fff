"""What tells a repeated import from another one, hashed in bites because an import may hold megabytes.

The size of its commands goes in: each command's id derives from its number, so a retry that a release with another size
would cut differently must be refused rather than listed twice.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import batched

import msgspec

from consign.actors.bites import Bites
from consign.http.submit import canonical
from consign.http.tables import CHUNK_ROWS

_BITE_BYTES = 128 * 1024
_BITE_ROWS = 50


async def csv_digest(rule: str, given: Sequence[str | None], body: bytes) -> bytes:
    """Return the digest of a CSV, byte by byte, and of what was given beside it."""
    digest = sha256(_beginning(rule, given))
    bites = Bites()
    for begin in range(0, len(body), _BITE_BYTES):
        digest.update(body[begin : begin + _BITE_BYTES])
        await bites.pause()
    return digest.digest()


async def json_digest(rule: str, given: Sequence[str | None], rows: Sequence[msgspec.Raw]) -> bytes:
    """Return the digest of rows, however their JSON was written, and of what was given beside them."""
    digest = sha256(_beginning(rule, given))
    bites = Bites()
    for some in batched(rows, _BITE_ROWS, strict=False):
        digest.update(canonical("rows", [msgspec.json.decode(row) for row in some]))
        await bites.pause()
    return digest.digest()


def _beginning(rule: str, given: Sequence[str | None]) -> bytes:
    return canonical(f"{rule} by {CHUNK_ROWS}", given) + b"\n"
