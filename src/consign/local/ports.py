"""Loopback ports for servers that are about to start, and that nobody else takes before or between their starts."""

import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST = 20_000
_LAST = 32_000
_TRIES = 200
_HOLDS: bool = sys.platform == "linux"
"""Elsewhere a socket that is merely bound keeps the server itself from listening."""


@contextmanager
def held_port(preferred: int | None = None) -> Iterator[int]:
    """Lend a loopback port that nobody listens on, `preferred` if it is free, and hold it for the server it is for.

    While the context is open no other process is lent it, and the kernel gives it to no outgoing connection: on Linux a
    bound socket that does not listen stands for the server until it listens, and while it is down. The server's own
    socket must allow SO_REUSEADDR, as those of Postgres, NATS and this service do.

    The ports lie below the range from which kernels take the ports of outgoing connections: a client that retries
    against a stopped server inside that range can end up connected to itself and keep the server from coming back.
    Raises OSError when no port is free.
    """
    with socket.socket() as holder:
        port = _bound(holder, preferred)
        if not _HOLDS:
            holder.close()
        yield port


def _bound(holder: socket.socket, preferred: int | None) -> int:
    # The server's former connections may still be dying on the port it had: that is its own, unless somebody listens.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if preferred is not None and _binds(holder, preferred):
        return preferred
    # Without it a port is refused that somebody else merely holds.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if _binds(holder, port):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return port
    raise OSError(f"no free port between {_FIRST} and {_LAST}")


def _binds(holder: socket.socket, port: int) -> bool:
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
