"""An HTTP client that asks until it is told, and remembers everything it was told."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Self
from uuid import UUID

import httpx
import msgspec

from consign.http.identity.development import DevelopmentIdentity
from tests.e2e.service_process import TOKEN_KEY

ATTEMPT_TIMEOUT_S = 6.0
"""Longer than a process looks for the owner: whoever gives up sooner may be refused elsewhere and accepted here."""
GIVE_UP_AFTER_S = 90.0
SILENT_ASKED_AGAIN = 0.1
PAUSE_S = 0.02
PAUSE_MAX_S = 0.25


class Answer(NamedTuple):
    """A definite answer: the command took effect, or was refused on what is durable."""

    command_id: UUID
    account_id: str
    path: str
    body: Mapping[str, Any]
    status: int
    document: Mapping[str, Any]
    position: int
    attempts: int
    repeated: bool

    @property
    def accepted(self) -> bool:
        return self.status == httpx.codes.OK

    @property
    def reason(self) -> str:
        """Why it was refused; nothing where it was accepted."""
        return "" if self.accepted else str(self.document["reason"])


class Answers:
    """Everything that was definitely answered, in the order it was heard."""

    def __init__(self) -> None:
        self.heard: list[Answer] = []
        self.retryable: dict[str, int] = {}

    @property
    def accepted(self) -> list[Answer]:
        return [answer for answer in self.heard if answer.accepted]

    @property
    def refused(self) -> list[Answer]:
        return [answer for answer in self.heard if not answer.accepted]

    @property
    def retries(self) -> int:
        return sum(self.retryable.values())

    def note(self, symptom: str) -> None:
        """Count an attempt that brought no definite answer."""
        self.retryable[symptom] = self.retryable.get(symptom, 0) + 1


def token_for(account: str, roles: Mapping[str, Sequence[str]]) -> str:
    return DevelopmentIdentity(TOKEN_KEY.encode()).issue(account, roles)


class Caller:
    """One account's connection to the service. Each attempt goes to any of the addresses."""

    def __init__(
        self,
        addresses: Sequence[str],
        account: str,
        roles: Mapping[str, Sequence[str]],
        answers: Answers,
        chance: random.Random,
    ) -> None:
        self.account = account
        self.answers = answers
        self.chance = chance
        self._addresses = addresses
        self._silent: set[str] = set()
        self._headers = {"Authorization": f"Bearer {token_for(account, roles)}"}
        self._client = httpx.AsyncClient(timeout=ATTEMPT_TIMEOUT_S, trust_env=False, verify=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def command(self, path: str, body: Mapping[str, Any] | None = None, *, key: UUID | None = None) -> Answer:
        """Send a command under one key until it is definitely answered; fails when it never is."""
        key = key or UUID(int=self.chance.getrandbits(128), version=4)
        content = msgspec.json.encode(body or {})
        headers = {**self._headers, "Idempotency-Key": str(key), "Content-Type": "application/json"}
        deadline = asyncio.get_running_loop().time() + GIVE_UP_AFTER_S
        pause_s = PAUSE_S
        for attempt in range(1, 100_000):
            response = await self._attempt("POST", path, headers, content)
            if response is not None:
                answer = _answer(response, key, self.account, path, body or {}, attempt)
                self.answers.heard.append(answer)
                return answer
            assert asyncio.get_running_loop().time() < deadline, f"{path} is not answered: {self.answers.retryable}"
            await asyncio.sleep(pause_s * self.chance.uniform(0.5, 1.5))
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
        raise AssertionError("too many attempts")

    async def accepted(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send a command that must be accepted."""
        answer = await self.command(path, body)
        assert answer.accepted, (path, body, answer.document)
        return answer

    async def query(self, path: str, **parameters: Any) -> httpx.Response:
        """Ask until there is an answer that is not retryable."""
        deadline = asyncio.get_running_loop().time() + GIVE_UP_AFTER_S
        asked = f"{path}?{httpx.QueryParams(parameters)}" if parameters else path
        while True:
            response = await self._attempt("GET", asked, self._headers, None)
            if response is not None:
                return response
            assert asyncio.get_running_loop().time() < deadline, f"{path} is not answered: {self.answers.retryable}"
            await asyncio.sleep(PAUSE_S)

    async def once(self, method: str, path: str, *, address: str | None = None, **options: Any) -> httpx.Response:
        """Ask once and take what comes."""
        url = f"{address or self.chance.choice(self._addresses)}{path}"
        headers = {**self._headers, **options.pop("headers", {})}
        return await self._client.request(method, url, headers=headers, **options)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[AsyncIterator[str]]:
        """Follow an answer that does not end, line by line."""
        url = f"{self.chance.choice(self._addresses)}{path}"
        async with self._client.stream("GET", url, headers={**self._headers, **headers}, timeout=None) as response:
            assert response.status_code == httpx.codes.OK
            yield response.aiter_lines()

    def _address(self) -> str:
        """Choose any address, but one that was silent only now and then."""
        lively = [address for address in self._addresses if address not in self._silent]
        if not lively or self.chance.random() < SILENT_ASKED_AGAIN:
            return self.chance.choice(self._addresses)
        return self.chance.choice(lively)

    async def _attempt(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response | None:
        address = self._address()
        try:
            response = await self._client.request(method, f"{address}{path}", headers=dict(headers), content=content)
        except httpx.TransportError as error:
            self._silent.add(address)
            self.answers.note(type(error).__name__)
            return None
        self._silent.discard(address)
        if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            assert response.status_code not in (401, 405, 415), response.text
            return response
        problem = response.json()
        assert problem["retryable"], problem
        assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, problem
        assert int(response.headers["Retry-After"]) >= 1
        self.answers.note(problem["reason"])
        return None


def _answer(
    response: httpx.Response, key: UUID, account: str, path: str, body: Mapping[str, Any], attempt: int
) -> Answer:
    document = response.json()
    position = document.get("position", response.headers.get("X-Consign-Position", 0))
    repeated = response.headers.get("Idempotency-Replayed") == "true"
    return Answer(key, account, path, body, response.status_code, document, int(position), attempt, repeated)
