"""Ports are lent to one asker at a time, and the server they are lent for may listen, end and listen again."""

import socket
import sys
from contextlib import ExitStack

import pytest

from consign.local import ports
from consign.local.ports import held_port


def listening(port: int) -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


@pytest.mark.skipif(sys.platform != "linux", reason="NOT CHECKED: only Linux lets a port be held for a server")
def test_no_port_is_lent_twice_although_no_server_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    with held_port() as first:
        monkeypatch.setattr(ports, "_FIRST", first)
        monkeypatch.setattr(ports, "_LAST", first + 1)
        with pytest.raises(OSError, match="no free port"), held_port():
            pass
    with held_port() as again:
        assert again == first


def test_its_server_listens_ends_and_listens_again_with_connections_of_before() -> None:
    with held_port() as port:
        for _ in range(2):
            with listening(port) as server, socket.create_connection(("127.0.0.1", port)) as client:
                accepted, _ = server.accept()
                accepted.close()  # the server's side closes first and lingers on the port
                assert client.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    with held_port(port) as kept:
        assert kept == port


def test_a_preferred_port_somebody_listens_on_is_not_lent() -> None:
    with ExitStack() as stack:
        port = stack.enter_context(held_port())
        stack.enter_context(listening(port))
        assert stack.enter_context(held_port(port)) != port
