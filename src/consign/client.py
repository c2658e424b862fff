"""A client of the service's HTTP interface, for the command line and the demo."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
import msgspec
from uuid_utils import uuid7

TIMEOUT_S = 30.0
PATIENCE_S = 30.0
PAGE_ROWS = 200
_PAUSE_MAX_S = 2.0
_SERVICE_UNAVAILABLE = 503
_ERRORS_FROM = 400


class ClientError(Exception):
    """The service could not be asked, or said no."""


class Unreachable(ClientError):
    """Nothing answers at the address, or it stopped answering for longer than the client is patient."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url} does not answer: {why}")


class RequestRefused(ClientError):
    """The service answered with a problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.reason = str(problem.get("reason", "unknown"))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[Mapping[str, Any]] = list(problem.get("errors") or ())
        super().__init__(f"{self.reason}: {self.detail}")


def new_id() -> str:
    """Return an id for something that the client makes."""
    return str(uuid7())


class Client:
    """Speaks for one account in one organization; a command is repeated under its key until it is answered.

    Queries wait until they can tell of the client's own commands: `position` is that of the last one.
    It repeats for `patience_s` before it gives up.
    """

    def __init__(self, url: str, token: str, organization: str, *, patience_s: float = PATIENCE_S) -> None:
        self.url = url.rstrip("/")
        self.organization = organization
        self.position = 0
        self._patience_s = patience_s
        self._http = httpx.AsyncClient(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            trust_env=False,
            verify=self.url.startswith("https:"),  # loading the roots is slow, and of no use without TLS
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=4.0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def command(self, path: str, body: Mapping[str, Any] | None = None, *, key: UUID | None = None) -> Any:
        """Post a command under the organization and return its answer; raises ClientError."""
        return await self._post(f"/organizations/{self.organization}{path}", msgspec.json.encode(body or {}), key)

    async def platform_command(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post a command of the platform itself, outside any organization; raises ClientError."""
        return await self._post(path, msgspec.json.encode(body), None)

    async def upload(self, path: str, content: bytes, media_type: str, *, key: UUID | None = None) -> Any:
        """Post a file as it is; raises ClientError."""
        return await self._post(f"/organizations/{self.organization}{path}", content, key, media_type)

    async def get(self, path: str, **parameters: Any) -> Any:
        """Ask a query under the organization and return its answer; raises ClientError."""
        content = await self.download(path, **parameters)
        return msgspec.json.decode(content) if content else None

    async def download(self, path: str, **parameters: Any) -> bytes:
        """Ask for a file under the organization and return it as it is; raises ClientError."""
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        request = self._http.build_request("GET", f"/organizations/{self.organization}{path}", params=given)
        if self.position:
            request.headers["X-Consign-After"] = str(self.position)
        return _checked(await self._send(request)).content

    async def rows(self, path: str, **parameters: Any) -> AsyncIterator[Any]:
        """Yield every row of a list, page by page; raises ClientError."""
        cursor: str | None = None
        while True:
            page = await self.get(path, cursor=cursor, limit=PAGE_ROWS, **parameters)
            for row in page["items"]:
                yield row
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _post(self, path: str, content: bytes, key: UUID | None, media_type: str = "application/json") -> Any:
        headers = {"Idempotency-Key": str(key or uuid7()), "Content-Type": media_type}
        request = self._http.build_request("POST", path, content=content, headers=headers)
        answer = _content(await self._send(request))
        self.position = max(self.position, answer["position"])
        return answer

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Send until an answer comes that is not about the moment; repeating is safe because of the key."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._patience_s
        pause_s = 0.05
        while True:
            why = ""
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                why = str(error) or type(error).__name__
            else:
                if response.status_code != _SERVICE_UNAVAILABLE:
                    return response
                why = str(_problem(response).get("detail", ""))
            if loop.time() + pause_s > deadline_s:
                raise Unreachable(self.url, why)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _PAUSE_MAX_S)


def _content(response: httpx.Response) -> Any:
    content = _checked(response).content
    return msgspec.json.decode(content) if content else None


def _checked(response: httpx.Response) -> httpx.Response:
    """Return the response; raises RequestRefused where it is a refusal."""
    if response.status_code >= _ERRORS_FROM:
        raise RequestRefused(response.status_code, _problem(response))
    return response


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    """Return the problem document; something before the service may have answered in its place."""
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {"detail": response.text[:200]}
