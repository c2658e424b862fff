"""Asking an issuer for a document: bounded in bytes and time, never led elsewhere."""

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

DOCUMENT_MAX_BYTES = 128 * 1024
ATTEMPTS_MAX = 3
ATTEMPT_TIMEOUT_S = 2.0
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class NotFetched(Exception):
    """The issuer did not answer, or not with a document."""


class _Again(NotFetched):
    """It may answer when it is asked again."""


def new_client() -> httpx.AsyncClient:
    """Return a client that waits briefly and follows no redirect."""
    return httpx.AsyncClient(timeout=ATTEMPT_TIMEOUT_S, follow_redirects=False)


async def fetched(client: httpx.AsyncClient, url: str) -> bytes:
    """Return the document at `url`; raises NotFetched. The caller bounds the time of all attempts together."""
    attempts = AsyncRetrying(
        stop=stop_after_attempt(ATTEMPTS_MAX),
        wait=wait_random_exponential(multiplier=0.1, max=1),
        retry=retry_if_exception_type(_Again),
        reraise=True,
    )
    return await attempts(_attempt, client, url)


async def _attempt(client: httpx.AsyncClient, url: str) -> bytes:
    try:
        async with client.stream("GET", url, headers=_HEADERS) as response:
            if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise _Again(f"status {response.status_code}")
            if response.status_code != httpx.codes.OK:
                raise NotFetched(f"status {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise NotFetched("packed, although it was asked not to be")
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > DOCUMENT_MAX_BYTES:
                    raise NotFetched(f"more than {DOCUMENT_MAX_BYTES} bytes")
            return bytes(content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _Again(type(error).__name__) from error
