"""How log lines are written: one JSON object a line, to standard error, nothing personal in them."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from msgspec import Struct

_encode = msgspec.json.Encoder(enc_hook=repr).encode
_encode_line = msgspec.json.Encoder().encode

FLUSH_INTERVAL_S = 0.05
FLUSH_FROM_BYTES = 32 * 1024


class RequestLine(Struct, gc=False):
    """The one line that every request leaves: no query strings, no bodies, nothing personal."""

    method: str
    route: str
    status: int
    duration_ms: float
    organization: str
    account: str
    role: str
    reason: str
    correlation_id: str
    event: str = "request"
    level: str = "info"
    timestamp: str = ""


class RequestLines:
    """Writes the lines of requests in the form of all others, many at a time: a line must not cost a system call.

    What is not written yet is written within `FLUSH_INTERVAL_S`, and by `flush`.
    """

    def __init__(self, write: Callable[[bytes], None] | None = None) -> None:
        self._write = write or _to_standard_error
        self._pending = bytearray()
        self._second = 0
        self._stamp = ""
        self._flushing: asyncio.TimerHandle | None = None

    def write(self, line: RequestLine) -> None:
        """Take a line, and put the time to it."""
        line.timestamp = self._now()
        self._pending += _encode_line(line)
        self._pending += b"\n"
        if len(self._pending) >= FLUSH_FROM_BYTES:
            self.flush()
        elif self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(FLUSH_INTERVAL_S, self.flush)

    def flush(self) -> None:
        """Write what is pending."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        lines, self._pending = bytes(self._pending), bytearray()
        if lines:
            self._write(lines)

    def _now(self) -> str:
        """Return the time; the date is spelt out anew only once a second."""
        now_s = time.time()
        second = int(now_s)
        if second != self._second:
            self._second, self._stamp = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._stamp}.{int((now_s - second) * 1_000_000):06d}Z"


def no_request_lines() -> RequestLines:
    """Return what throws the lines away, for processes that log less."""
    return RequestLines(lambda _: None)


def configure_log_lines(level: str) -> None:
    """Set the process's logging up; warnings of libraries go the same way."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_LibraryLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _to_standard_error(lines: bytes) -> None:
    sys.stderr.buffer.write(lines)
    sys.stderr.buffer.flush()


class _LibraryLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "event": record.getMessage(), "logger": record.name}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()


def _rendered(_: Any, __: str, line: Any) -> bytes:
    return _encode(line)
