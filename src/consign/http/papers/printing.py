"""Drawing papers beside the event loop: a thread each for short papers, long ones, and what strangers ask for.

Before each is a bounded line. Nobody's receipt waits behind a thousand tags, and no till behind what is shared. What is
drawn may name people, so no answer is kept anywhere.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from litestar import Response

from consign.actors.queries import ReadAt
from consign.http.problems import Refusal

PDF = "application/pdf"
WAITING_MAX = 8
SWITCH_INTERVAL_S = 0.001


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
    """The lines, shared by all requests of this process.

    While something is drawn the interpreter lets the event loop in every millisecond instead of every five: measured
    with a thousand tags on a busy machine, an echo over a socket then takes 1.3 ms at the 99th percentile, not 21.
    """

    def __init__(self) -> None:
        self._short = Line("short")
        self._long = Line("long")
        self._shared = Line("shared")
        self._drawing = 0
        self._usual_interval_s = sys.getswitchinterval()

    async def short(self, draw: Callable[[], bytes]) -> bytes:
        """Return a paper that somebody waits for at a till."""
        return await self._drawn(self._short, draw)

    async def long(self, draw: Callable[[], bytes]) -> bytes:
        """Return a paper that may have many pages."""
        return await self._drawn(self._long, draw)

    async def shared(self, draw: Callable[[], bytes]) -> bytes:
        """Return a short paper that anybody with a link asks for."""
        return await self._drawn(self._shared, draw)

    async def _drawn(self, line: Line, draw: Callable[[], bytes]) -> bytes:
        self._drawing += 1
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            return await line.drawn(draw)
        finally:
            self._drawing -= 1
            if not self._drawing:
                sys.setswitchinterval(self._usual_interval_s)


def paper(content: bytes, name: str, at: ReadAt) -> Response[bytes]:
    """Write a PDF that a browser shows, under a name to keep it by."""
    headers = {
        "X-Consign-Position": str(at.position),
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{name}.pdf"',
    }
    return Response(content, media_type=PDF, headers=headers)
