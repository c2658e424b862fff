"""The embedded NATS with JetStream: two accounts that cannot see each other, on loopback."""

import http.client
import json
import os
import shutil
import signal
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from consign.local.child import Child
from consign.local.place import own
from consign.local.state import write_private
from consign.local.user import ServerUser

DEFAULT_STORE_BYTES = 10 * 1024**3
ORGANIZATION_EXPORTS = "organization-exports.conf"
ORGANIZATION_ACCOUNTS = "organization-accounts.conf"
"""Parts of the configuration that others write: what organizations' accounts import from PUBLIC, and the accounts."""

MAX_PAYLOAD_BYTES = 8 * 1024**2
_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 10.0


class NatsPasswords(NamedTuple):
    internal: str
    public: str


class EmbeddedNats:
    """One NATS server over one directory; the port stays the same over restarts.

    The account INTERNAL carries the copy of the log and the commands between nodes; PUBLIC carries what integrators
    may read. A subject of one does not exist in the other.
    """

    def __init__(
        self,
        *,
        home: Path,
        program: Path,
        passwords: NatsPasswords,
        user: ServerUser | None,
        port: int,
        monitoring_port: int,
        store_bytes: int = DEFAULT_STORE_BYTES,
    ) -> None:
        self._directory = home / "nats"
        self._log = home / "logs" / "nats.log"
        self._program = program
        self._passwords = passwords
        self._user = user
        self._store_bytes = store_bytes
        self._port = port
        self._monitoring_port = monitoring_port
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"nats://internal:{self._passwords.internal}@127.0.0.1:{self._port}"

    @property
    def public_url(self) -> str:
        return f"nats://public:{self._passwords.public}@127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def monitoring_url(self) -> str:
        return f"http://127.0.0.1:{self._monitoring_port}"

    @property
    def pid(self) -> int:
        assert self._child is not None, "NATS is not running"
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.alive

    async def start(self) -> None:
        """Start and return when JetStream serves its streams. Raises ServerStartError."""
        if self.running:
            return
        own(self._directory, self._user)
        configuration = self._directory / "server.conf"
        owner = (self._user.uid, self._user.gid) if self._user is not None else None
        write_private(configuration, self._configuration().encode(), owner=owner)
        for part in (ORGANIZATION_EXPORTS, ORGANIZATION_ACCOUNTS):
            if not (self._directory / part).exists():
                write_private(self._directory / part, b"", owner=owner)
        command = [str(self._program), "--config", str(configuration)]
        child = Child("NATS", command, log=self._log, user=self._user, end_signal=signal.SIGTERM)
        try:
            await child.ready(self._healthy, limit_s=_START_LIMIT_S)
        except BaseException:
            if child.alive:
                await child.stop()
            raise
        self._child = child

    async def stop(self) -> None:
        if self._child is None:
            return
        child, self._child = self._child, None
        await child.stop((signal.SIGTERM, _STOP_LIMIT_S))

    async def kill(self) -> None:
        """End the server at once."""
        if self._child is None:
            return
        child, self._child = self._child, None
        await child.stop()

    def write_accounts(self, parts: Mapping[str, str]) -> None:
        """Replace the parts of the configuration that others write; `reload` has the server read them."""
        owner = (self._user.uid, self._user.gid) if self._user is not None else None
        for name in (ORGANIZATION_EXPORTS, ORGANIZATION_ACCOUNTS):
            write_private(self._directory / name, parts[name].encode(), owner=owner)

    def reload(self) -> None:
        """Have a running server read its configuration again."""
        if self._child is not None and self._child.alive:
            os.kill(self._child.pid, signal.SIGHUP)

    def wipe_store(self) -> None:
        """Delete every stream of the stopped server, as a lost disk would."""
        assert not self.running, "stop NATS before wiping its store"
        shutil.rmtree(self._directory / "store", ignore_errors=True)

    def _healthy(self) -> bool:
        """Ask for JetStream too: the server accepts connections before its streams are recovered."""
        connection = http.client.HTTPConnection("127.0.0.1", self._monitoring_port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == HTTPStatus.OK
        except (http.client.HTTPException, OSError):
            return False
        finally:
            connection.close()

    def _configuration(self) -> str:
        def quoted(value: object) -> str:
            return json.dumps(str(value))

        def account(name: str, password: str, more: str = "") -> str:
            return f"{{ jetstream: enabled, users: [ {{ user: {name}, password: {quoted(password)} }} ]{more} }}"

        return f"""\
server_name: consign-local
listen: "127.0.0.1:{self._port}"
http: "127.0.0.1:{self._monitoring_port}"
max_payload: {MAX_PAYLOAD_BYTES}
jetstream {{
  store_dir: {quoted(self._directory / "store")}
  max_memory_store: {64 * 1024**2}
  max_file_store: {self._store_bytes}
  sync_interval: "10s"
}}
accounts {{
  INTERNAL {account("internal", self._passwords.internal)}
  PUBLIC {account("public", self._passwords.public, f"\n    include {ORGANIZATION_EXPORTS}\n ")}
  include {ORGANIZATION_ACCOUNTS}
}}
"""
