"""Drawing papers beside the event loop: one thread for short papers, one for long ones, and a bounded line before each.

Nobody's receipt waits behind a thousand tags. What is drawn may name people, so no answer is kept anywhere.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from litestar import Response

from consign.actors.queries import ReadAt
from consign.http.problems import Refusal

PDF = "application/pdf"
WAITING_MAX = 8


class Line:
    """One thread, and at most WAITING_MAX papers that wait for it or are drawn."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"papers-{name}")
        self._waiting = 0

    async def drawn(self, draw: Callable[[], bytes]) -> bytes:
        """Return what `draw` draws; raises Refusal where too many wait already."""
        if self._waiting >= WAITING_MAX:
            raise Refusal(
                "papers_busy", "Many papers are being drawn. Try again shortly.", headers={"Retry-After": "2"}
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, draw)
        finally:
            self._waiting -= 1


class Printing:
    """The two lines, shared by all requests of this process."""

    def __init__(self) -> None:
        self.short = Line("short")
        self.long = Line("long")


def paper(content: bytes, name: str, at: ReadAt) -> Response[bytes]:
    """Write a PDF that a browser shows, under a name to keep it by."""
    headers = {
        "X-Consign-Position": str(at.position),
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{name}.pdf"',
    }
    return Response(content, media_type=PDF, headers=headers)
