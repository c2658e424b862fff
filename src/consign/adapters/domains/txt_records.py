"""Asking the DNS for a domain's challenge: a TXT record below it, which only whoever holds the zone can put there.

The name server that is asked is the system's, or one that the settings name, and it is believed: where it validates
(DNSSEC), so does this. Whatever it answers, little is waited for and little is read.
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from consign.identity.domains import RECORD_LABEL, ChallengeNotAnswered

TIMEOUT_S = 5.0
TRIED_AGAIN_AFTER_S = 1.5
AT_ONCE_MAX = 8
RECORDS_MAX = 50
RECORD_MAX_BYTES = 512
_PORT = 53


class TxtRecords:
    """Fulfils `Records`. `server` (address, and perhaps a port) is asked in place of the system's name servers."""

    def __init__(self, server: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        self._server = None if server is None else urlsplit(f"//{server}")
        self._timeout_s = timeout_s
        self._at_once = asyncio.Semaphore(AT_ONCE_MAX)

    async def texts(self, domain: str) -> Sequence[bytes]:
        """Return what stands in the domain's challenge records; raises ChallengeNotAnswered."""
        name = f"{RECORD_LABEL}.{domain}"
        try:
            async with asyncio.timeout(self._timeout_s), self._at_once:
                texts = await self._asked(f"{name}.")
        except TimeoutError:
            raise ChallengeNotAnswered(f"no name server answered for {name} in time") from None
        if len(texts) > RECORDS_MAX:
            raise ChallengeNotAnswered(f"{name} has more than {RECORDS_MAX} TXT records")
        return [text for text in texts if len(text) <= RECORD_MAX_BYTES]

    async def _asked(self, name: str) -> Sequence[bytes]:
        # Loaded when somebody verifies a domain: it takes as long as a good part of the service.
        import dns.asyncbackend  # noqa: PLC0415
        import dns.asyncresolver  # noqa: PLC0415
        import dns.exception  # noqa: PLC0415
        import dns.name  # noqa: PLC0415
        import dns.nameserver  # noqa: PLC0415

        try:
            resolver = dns.asyncresolver.Resolver(configure=self._server is None)
            if self._server is not None:
                address, port = self._server.hostname or "", self._server.port or _PORT
                resolver.nameservers = [dns.nameserver.Do53Nameserver(address, port)]
            resolver.timeout, resolver.lifetime = TRIED_AGAIN_AFTER_S, self._timeout_s
            backend = dns.asyncbackend.get_backend("asyncio")
            answer = await resolver.resolve(dns.name.from_text(name), "TXT", search=False, backend=backend)
        except dns.exception.Timeout:
            raise TimeoutError from None
        except dns.exception.DNSException as error:
            raise ChallengeNotAnswered(f"{name[:-1]} has no TXT record") from error
        return [b"".join(record.strings) for record in answer]
