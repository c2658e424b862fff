"""Free loopback ports."""

import secrets
import socket

_FIRST = 20_000
_LAST = 32_000
_TRIES = 200


def free_port(preferred: int | None = None) -> int:
    """Return a loopback port that nobody listens on, `preferred` if it is free.

    The ports lie below the range from which kernels take the ports of outgoing connections: a client that retries
    against a stopped server inside that range can end up connected to itself and keep the server from coming back.
    """
    candidates = [preferred] if preferred is not None else []
    candidates += [_FIRST + secrets.randbelow(_LAST - _FIRST) for _ in range(_TRIES)]
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {_FIRST} and {_LAST}")
