"""U+0000: valid JSON, and nothing that Postgres can hold as text. It is refused before anything else looks.

What tills sold offline is kept all the same, as bytes: see `consign.domain.turns.uploading`.
"""

import re

# A backslash counts as the start of an escape only after an even number of backslashes.
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def holds_nul(body: bytes) -> bool:
    """Say whether the body holds U+0000 as a byte or as a JSON escape."""
    if b"\0" in body:
        return True
    return b"\\u0000" in body and _ESCAPED.search(body) is not None
