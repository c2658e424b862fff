"""One connection to NATS that comes back by itself and never stands in the way of starting up."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import nats.errors
import structlog
from nats.aio.client import Client

CONNECT_TIMEOUT_S = 2
RECONNECT_PAUSE_S = 0.25
PING_INTERVAL_S = 5
PINGS_OUTSTANDING_MAX = 2
PENDING_BYTES_MAX = 8 * 1024 * 1024

type Connected = Callable[[Client], Awaitable[None]]

_log = structlog.get_logger(__name__)


class NatsDown(Exception):
    """NATS cannot be reached at the moment; the connection keeps trying."""


class _PatientClient(Client):
    """The driver stops reading for good when a PONG comes that nobody waits for any more.

    nats-py 2.16 sets the result of a `flush` that was cancelled or took too long, which Python forbids.
    """

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


class NatsConnection:
    """A client for `url` (credentials included) that is connected in the background, again and again, while `run` runs.

    Some server errors make the driver close its client for good; `run` then makes a new one. So nobody keeps a client:
    ask `client()` for it, and subscribe in an `on_connected` callback, which is called after each connect and reconnect
    with the client of that moment (plain subscriptions of the same client come back by themselves).
    """

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name
        self._client: Client | None = None
        self._callbacks: list[Connected] = []
        self._changed = asyncio.Event()
        self._up = asyncio.Event()
        self._last_error = ""

    @property
    def is_connected(self) -> bool:
        """Whether something published now would leave at once."""
        return self._client is not None and self._client.is_connected

    def client(self) -> Client:
        """Return the connected client; raises NatsDown."""
        if self._client is None or not self._client.is_connected:
            raise NatsDown(self._last_error or "not connected yet")
        return self._client

    def on_connected(self, callback: Connected) -> None:
        """Have `callback` called after each connect; its NATS errors are logged and healed by the next connect."""
        self._callbacks.append(callback)

    async def wait_connected(self, timeout_s: float) -> None:
        """Return once connected; raises NatsDown after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            raise NatsDown(self._last_error or "not connected yet") from None

    async def run(self) -> None:
        """Keep the connection up until cancelled; raises only for a URL that can never work."""
        while True:
            client = _PatientClient()
            try:
                await self._connect(client)
                self._client = client
                await self._follow(client)
            finally:
                self._client = None
                self._up.clear()
                await client.close()
            _log.warning("nats_closed", connection=self._name, error=self._last_error)
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _connect(self, client: Client) -> None:
        await client.connect(
            self._url,
            name=self._name,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            connect_timeout=CONNECT_TIMEOUT_S,
            reconnect_time_wait=RECONNECT_PAUSE_S,  # type: ignore[arg-type] # the driver sleeps for it: fractions work
            ping_interval=PING_INTERVAL_S,
            max_outstanding_pings=PINGS_OUTSTANDING_MAX,
            pending_size=PENDING_BYTES_MAX,
            error_cb=self._note_error,
            disconnected_cb=self._note_change,
            reconnected_cb=self._note_change,
            closed_cb=self._note_change,
        )

    async def _follow(self, client: Client) -> None:
        self._changed.set()
        while not client.is_closed:
            await self._changed.wait()
            self._changed.clear()
            if client.is_connected:
                self._up.set()
                self._last_error = ""
                _log.info("nats_connected", connection=self._name, server=_place(client))
                await self._tell(client)
            elif self._up.is_set():
                self._up.clear()
                _log.warning("nats_disconnected", connection=self._name, error=self._last_error)

    async def _tell(self, client: Client) -> None:
        for callback in self._callbacks:
            try:
                await callback(client)
            except nats.errors.Error as error:
                _log.warning("nats_callback_failed", connection=self._name, error=repr(error))

    async def _note_change(self) -> None:
        self._changed.set()

    async def _note_error(self, error: Exception) -> None:
        """Log an error when it is another one than before: the driver reports each attempt of an outage."""
        described = repr(error)
        if described != self._last_error:
            self._last_error = described
            _log.warning("nats_error", connection=self._name, error=described)


def _place(client: Client) -> str:
    """Return host and port without the credentials that the URL carries."""
    url = client.connected_url
    if url is None:
        return "unknown"
    parts = urlsplit(url.geturl())
    return f"{parts.hostname}:{parts.port}"
