"""An OpenID Connect issuer for tests: a real server on this machine with keys of its own, that may misbehave."""

import json
import secrets
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "consign-tests"
PARTY = "https://app.example"
HELD_BACK_LIMIT_S = 20.0
CLIENT_ID, CLIENT_SECRET = "consign at the house", "s3cret: of the client"


class SigningKey:
    """A key pair and the id that it goes by."""

    def __init__(self, key_id: str, *, algorithm: str = "ES256", bits: int = 2048) -> None:
        self.key_id = key_id
        self.algorithm = algorithm
        self.private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else rsa.generate_private_key(public_exponent=65537, key_size=bits)
        )

    @property
    def jwk(self) -> dict[str, Any]:
        kind = ECAlgorithm if self.algorithm == "ES256" else RSAAlgorithm
        public: dict[str, Any] = kind.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.key_id, "use": "sig", "alg": self.algorithm}

    @property
    def pem(self) -> bytes:
        """The public key as text: what somebody might try as a secret."""
        found: bytes = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return found


class IssuerDouble:
    """Serves discovery and keys; `answers` replaces what it says at a path, `held_back` makes it say nothing."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.keys = [SigningKey("first")]
        self.answers: dict[str, tuple[int, bytes, Mapping[str, str]]] = {}
        self.asked: list[str] = []
        self.codes: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {}
        self.speaks = threading.Event()
        self.speaks.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def document(self, path: str) -> tuple[int, bytes, Mapping[str, str]]:
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/.well-known/openid-configuration":
                return _json({"issuer": self.url, "jwks_uri": f"{self.url}/.well-known/jwks.json"})
            case "/.well-known/jwks.json":
                return _json({"keys": [key.jwk for key in self.keys]})
            case _:
                return 404, b"", {}

    def agreed(self, authorization_url: str, **claims: Any) -> dict[str, str]:
        """Be somebody who agrees to sign in: return what the browser is sent back with."""
        asked = dict(parse_qsl(urlsplit(authorization_url).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked, self.claims(**{"aud": asked["client_id"], "nonce": asked["nonce"], **claims})
        return {"code": code, "state": asked["state"]}

    def exchanged(self, form: Mapping[str, str], authorization: str) -> tuple[int, bytes, Mapping[str, str]]:
        """Give an ID token for a code: once, to the client, who knows what the challenge was made from."""
        asked, claims = self.codes.pop(form["code"], ({}, {}))
        credentials = ":".join(quote(each, safe="") for each in (CLIENT_ID, CLIENT_SECRET))
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        is_good = (
            authorization == f"Basic {b64encode(credentials.encode()).decode()}"
            and form["grant_type"] == "authorization_code"
            and asked.get("code_challenge") == challenge
            and asked.get("redirect_uri") == form["redirect_uri"]
        )
        return _json({"id_token": self.token(claims), "token_type": "Bearer"}) if is_good else (400, b"{}", {})

    def asked_for_keys(self) -> int:
        return self.asked.count("/.well-known/jwks.json")

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a good token; None leaves one out."""
        now_s = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "user-1",
            "aud": AUDIENCE,
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + 60,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def clerk_claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a good session token of Clerk's."""
        session = {"v": 2, "sid": "sess_1", "azp": PARTY, "sts": "active", "fva": [0, -1], "jti": "1", "pla": "u:free"}
        return self.claims(**{"aud": None, **session, **changed})

    def token(self, claims: Mapping[str, Any] | None = None, *, key: SigningKey | None = None, **header: Any) -> str:
        """Return a token signed with one of its keys; `header` adds to or replaces what its header says."""
        signing = key or self.keys[0]
        named = {"kid": signing.key_id, **header}
        return jwt.encode(
            dict(claims or self.claims()),
            signing.private,
            algorithm=signing.algorithm,
            headers={name: value for name, value in named.items() if value is not None},
        )


@contextmanager
def issuer_double() -> Iterator[IssuerDouble]:
    """Lend an issuer."""
    server = _Server(("127.0.0.1", 0), _Handler)
    double = server.double
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="issuer")
    thread.start()
    try:
        yield double
    finally:
        double.speaks.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @cached_property
    def double(self) -> IssuerDouble:
        return IssuerDouble(self)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        double = self.server.double
        double.asked.append(self.path)
        double.speaks.wait(HELD_BACK_LIMIT_S)
        self._answer(*double.document(self.path))

    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        double = self.server.double
        double.asked.append(self.path)
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        double.speaks.wait(HELD_BACK_LIMIT_S)
        if self.path in double.answers:
            self._answer(*double.answers[self.path])
        else:
            self._answer(*double.exchanged(form, self.headers.get("Authorization", "")))

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # who asked did not wait

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _json(content: object) -> tuple[int, bytes, Mapping[str, str]]:
    return 200, json.dumps(content).encode(), {"Content-Type": "application/json"}
