"""What sends an answer in one piece, and the answers of one turn of the loop one after another.

The web server writes the head of an answer and its body apart, and the loop hands each to the system at once: two
calls, two packets, and a client that wakes for half an answer. Where clients share the machine, each that wakes also
takes the processor from the answers that are still to be made.
"""

import asyncio
from typing import Any

KEPT_MAX_BYTES = 64 * 1024

type Data = bytes | bytearray | memoryview


class GatheringTransport(asyncio.Transport):
    """Keeps what is written until this turn of the loop is over, and sends it together."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._kept: Data = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: Data) -> None:
        """Send the data when this turn of the loop is over, at once where much is kept: a slow reader must be felt."""
        if not self._kept:
            self._kept = data
            self._loop.call_soon(self._flush)
            return
        self._kept = b"".join((self._kept, data))
        if len(self._kept) > KEPT_MAX_BYTES:
            self._flush()

    def close(self) -> None:
        """Send what is kept, and close."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether it is closed, or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Read no more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Tell of the connection beneath."""
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        if self._kept:
            kept, self._kept = self._kept, b""
            self._transport.write(kept)
