"""Asking a domain for its challenge: plainly, on port 80, at an address of the public internet.

Whoever adds a domain chooses where this service sends a request. So the name is looked up once, every address of it
must be a public one, and the connection goes to the address that was looked at, whatever the name says a moment later.
No redirect is followed, no proxy of the environment is asked, and little is read.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from consign.identity.domains import CHALLENGE_PATH, ChallengeNotAnswered

ANSWER_MAX_BYTES = 1024
TIMEOUT_S = 8.0
AT_ONCE_MAX = 4
_ADDRESSES_MAX = 4
_HTTP_PORT = 80
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
"""Addresses that lead to one of IPv4 inside them (NAT64, 6to4, Teredo, compatible ones)."""

type Resolve = Callable[[str], Awaitable[Sequence[str]]]


def is_public(address: str) -> bool:
    """Whether the address is one of the public internet, and leads to no other one."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.scope_id is not None or any(parsed in network for network in _TRANSLATED):
            return False
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
    return parsed.is_global and not parsed.is_multicast


class HttpChallenges:
    """Fulfils `Challenges`. `at` (host and port) is asked in place of the domain itself: for development and tests."""

    def __init__(self, at: str | None = None, *, resolve: Resolve | None = None) -> None:
        self._at = at
        self._resolve = resolve or _resolved
        self._at_once = asyncio.Semaphore(AT_ONCE_MAX)

    async def answer(self, domain: str) -> bytes:
        """Return what stands at the domain's challenge address; raises ChallengeNotAnswered."""
        try:
            async with asyncio.timeout(TIMEOUT_S), self._at_once:
                return await self._asked(domain)
        except TimeoutError:
            raise ChallengeNotAnswered(f"{domain} did not answer in time") from None

    async def _asked(self, domain: str) -> bytes:
        failed: Exception | None = None
        for authority in await self._authorities(domain):
            try:
                return await _fetched(domain, authority)
            except httpx.TransportError as error:
                failed = error
        raise ChallengeNotAnswered(f"{domain} cannot be reached on port {_HTTP_PORT}") from failed

    async def _authorities(self, domain: str) -> Sequence[str]:
        if self._at is not None:
            return (self._at,)
        addresses = await self._resolve(domain)
        if not all(map(is_public, addresses)):
            raise ChallengeNotAnswered(f"{domain} has an address that is not public")
        shown = (f"[{address}]" if ":" in address else address for address in addresses[:_ADDRESSES_MAX])
        return [f"{each}:{_HTTP_PORT}" for each in shown]


async def _fetched(domain: str, authority: str) -> bytes:
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "GET",
            f"http://{authority}{CHALLENGE_PATH}",
            headers={"Host": domain, "Accept": "text/plain", "Accept-Encoding": "identity"},
        ) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ChallengeNotAnswered(f"{domain} answered {CHALLENGE_PATH} with status {response.status_code}")
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > ANSWER_MAX_BYTES:
                raise ChallengeNotAnswered(f"{domain} answered {CHALLENGE_PATH} with something else")
        return bytes(content)


async def _resolved(domain: str) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(f"{domain}.", _HTTP_PORT, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ChallengeNotAnswered(f"{domain} has no address") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
