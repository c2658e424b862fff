"""A mail server that speaks SMTP over real sockets and TLS, and answers as a test tells it."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "consign", "the mail server's password"
LOOPBACK = "127.0.0.1"
_FOR_SIGNATURES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)

type Security = Literal["starttls", "tls", "none"]


class Received(NamedTuple):
    """A mail as it came: whom the envelope is to, and whether it came over TLS from somebody who signed in."""

    to: tuple[str, ...]
    message: bytes
    was_secret: bool
    signed_in: bool


class MailServerDouble(socketserver.ThreadingTCPServer):
    """`refusals` are said to the next receivers, one each, before any is taken.

    While `speaks` is not set it accepts connections and says nothing. The next `deaths` mails it loses with the
    connection, once they are there.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, security: Security, certificate: Path, port: int) -> None:
        self.security = security
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.received: list[Received] = []
        self.refusals: list[str] = []
        self.tries = 0
        self.deaths = 0
        self.speaks = threading.Event()
        self.speaks.set()
        super().__init__((LOOPBACK, port), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client that does not believe the certificate go in silence."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServerDouble

    def handle(self) -> None:
        self.is_secret, self.signed_in, self.to = False, False, list[str]()
        with suppress(OSError):
            if self.server.security == "tls":
                self._secure()
            self.server.speaks.wait()
            self._say("220 double ESMTP")
            while line := self.rfile.readline(2000).decode("latin-1").strip():
                if not self._answer(line.upper().split(" ")[0], line):
                    return

    def _answer(self, verb: str, line: str) -> bool:
        match verb:
            case "EHLO" | "HELO":
                offered = ["STARTTLS"] if self.server.security == "starttls" and not self.is_secret else []
                said = ["double", *offered, "AUTH PLAIN"]
                self._say("\r\n".join(f"250{'-' if word != said[-1] else ' '}{word}" for word in said))
            case "STARTTLS":
                self._say("220 go on")
                self._secure()
            case "AUTH":
                self.signed_in = base64.b64decode(line.split(" ")[2]).split(b"\0")[1:] == [
                    USER.encode(),
                    PASSWORD.encode(),
                ]
                self._say("235 known" if self.signed_in else f"535 {line} is nobody")
            case "RCPT":
                self.server.tries += 1
                if self.server.refusals:
                    self._say(f"{self.server.refusals.pop(0)} {line}")
                else:
                    self.to.append(line.partition("<")[2].partition(">")[0])
                    self._say("250 noted")
            case "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                message = b"".join(each.removeprefix(b".") if each.startswith(b"..") else each for each in lines)
                if self.server.deaths:
                    self.server.deaths -= 1
                    return False
                self.server.received.append(Received(tuple(self.to), message, self.is_secret, self.signed_in))
                self._say("250 taken")
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 so be it")
        return True

    def _secure(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)
        self.is_secret = True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode("latin-1") + b"\r\n")

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()


@contextmanager
def mail_server(security: Security, directory: Path, port: int = 0) -> Iterator[MailServerDouble]:
    """Run a server; its certificate is `directory / "certificate.pem"`."""
    with MailServerDouble(security, certificate(directory), port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="mail server")
        thread.start()
        try:
            yield server
        finally:
            server.speaks.set()
            server.shutdown()
            thread.join()


def certificate(directory: Path) -> Path:
    """Write a key and a certificate of this machine's own."""
    path = directory / "certificate.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "double")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(_FOR_SIGNATURES, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(written + made.public_bytes(serialization.Encoding.PEM))
    return path
