"""What sends an answer in one piece.

The web server writes the head of an answer and its body apart, and the loop hands each to the system at once: two
calls, two packets, and a client that wakes for half an answer. The second call costs about a tenth of a request.
"""

import asyncio
from typing import Any

type Data = bytes | bytearray | memoryview


class GatheringTransport(asyncio.Transport):
    """Keeps what is written until more of it comes, or until this turn of the loop is over, and sends it together."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._kept: Data = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: Data) -> None:
        """Send the data, at the latest when this turn of the loop is over."""
        if self._kept:
            kept, self._kept = self._kept, b""
            self._transport.write(b"".join((kept, data)))
        else:
            self._kept = data
            self._loop.call_soon(self._flush)

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
