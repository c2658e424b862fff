"""A name server on this machine, over UDP and TCP, that says what it is told to."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

UDP_MAX_BYTES = 512
PORTS_TRIED_MAX = 20

type Answer = Callable[[dns.message.Message], dns.message.Message | None]
"""Makes an answer to a question; None: none comes."""


class NameServer:
    """`texts` says what stands at a name; `answers` what comes in its place there."""

    def __init__(self) -> None:
        self.texts: dict[str, list[bytes]] = {}
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answered(self, wire: bytes, over: str) -> bytes | None:
        """Answer a question; what is too long for UDP is cut off."""
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append((name, over))
        if name in self.answers:
            made = self.answers[name](query)
            return None if made is None else made.to_wire(max_size=65_535)
        answer = answer_to(query, self.texts.get(name))
        content = answer.to_wire(max_size=65_535)
        if over == "udp" and len(content) > UDP_MAX_BYTES:
            cut = dns.message.make_response(query)
            cut.flags |= dns.flags.TC
            return cut.to_wire()
        return content


def answer_to(query: dns.message.Message, texts: list[bytes] | None) -> dns.message.Message:
    """Return the answer that has these records; None: there is no such name."""
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if texts is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif texts:
        answer.answer.append(records(query.question[0].name.to_text(), texts))
    return answer


def records(name: str, texts: list[bytes]) -> dns.rrset.RRset:
    """Return TXT records; each holds its text in pieces of 255 bytes, as it must."""

    def written(text: bytes) -> str:
        pieces = [text[at : at + 255] for at in range(0, len(text), 255)] or [b""]
        return " ".join(f'"{"".join(f"\\{byte:03}" for byte in piece)}"' for piece in pieces)

    return dns.rrset.from_text(name, 60, "IN", "TXT", *map(written, texts))


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, answering = self.request
        content = _of(self.server).answered(wire, "udp")
        if content is not None:
            answering.sendto(content, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        content = _of(self.server).answered(self.rfile.read(length), "tcp")
        if content is not None:
            self.wfile.write(struct.pack("!H", len(content)) + content)


def _of(server: Any) -> NameServer:
    found: NameServer = server.told
    return found


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Lend a running server."""
    told = NameServer()
    with ExitStack() as stack:
        for server in map(stack.enter_context, _servers()):
            told.port = int(server.server_address[1])
            server.told = told
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield told


def _servers() -> tuple[Any, Any]:
    """Listen for both at one port: the system gives one that is free for TCP, and mostly is for UDP as well."""
    for _ in range(PORTS_TRIED_MAX):
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Stream)
        try:
            return tcp, socketserver.ThreadingUDPServer(tcp.server_address[:2], _Datagram)
        except OSError:
            tcp.server_close()
    raise AssertionError("no port is free for both TCP and UDP")
