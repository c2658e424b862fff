"""What a Host says: which organization a request is for, or that it came to a wrong place.

Only the header Host counts, which a proxy passes on. Headers that proxies write about it are never read.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import idna

from consign.domain.web import DOMAIN_PATTERN
from consign.http.exchange import Exchange
from consign.http.problems import Refusal
from consign.identity.names import Name

DOMAIN_MAX_CHARACTERS = 253
PARSED_MAX = 4096

_API = "/api/"
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?)(?::[0-9]{0,5})?")
_DOMAIN = re.compile(DOMAIN_PATTERN)
_SLUG = re.compile(r"[a-z0-9-]{2,40}")


class Hosts:
    """Knows the hosts of this service: its own, those below `base_domain`, and domains of organizations.

    Where the service has a public name, a request of the API that comes under no known one is refused. This machine
    may always be named by what it calls itself.
    """

    def __init__(
        self,
        *,
        public_url: str = "",
        base_domain: str = "",
        organization_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        public = (urlsplit(public_url).hostname or "").rstrip(".")
        self._base = base_domain.lower()
        self._own = {public, self._base} - {""}
        self._organization_of = organization_of
        self._strict = bool(self._base) or (public != "" and not _is_this_machine(public))

    def is_own(self, domain: str) -> bool:
        """Whether the domain is the service's, so that no organization can have it."""
        return any(domain == own or domain.endswith(f".{own}") for own in self._own)

    def name(self, exchange: Exchange, path: str, http_version: str) -> Name | None:
        """Return the organization's name that the Host is, if it is one.

        Raises Refusal where it cannot be read or is none of ours.
        """
        authority = exchange.headers.get(b"host")
        if authority is None:
            if http_version != "1.0":
                raise Refusal("host_invalid", "Send one header Host.")
            host = ""
        else:
            host = host_of(authority)
        organization = self._organization_of(host)
        if organization is None and self._base and host not in self._own and host.endswith(f".{self._base}"):
            slug = host.removesuffix(f".{self._base}")
            organization = slug if _SLUG.fullmatch(slug) else None
        if organization is None and self._strict and path.startswith(_API) and not self._is_known(host):
            raise Refusal("unknown_host", "Nothing is served under this name here.")
        return None if organization is None else Name(host, organization)

    def _is_known(self, host: str) -> bool:
        return host in self._own or _is_this_machine(host)


@lru_cache(PARSED_MAX)
def host_of(authority: bytes) -> str:
    """Return the host that a Host header names, without port and final dot, in lower case; raises Refusal."""
    found = _AUTHORITY.fullmatch(authority.decode("latin-1").lower())
    if found is None or len(found[1]) > DOMAIN_MAX_CHARACTERS + 1:
        raise Refusal("host_invalid", "The header Host must name one host.")
    return found[1].removesuffix(".")


def domain_of(text: str) -> str | None:
    """Return the domain that people wrote, as the DNS has it (RFC 5891); None where it is none."""
    try:
        domain = idna.encode(text.removesuffix("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return None
    fits = len(domain) <= DOMAIN_MAX_CHARACTERS and _DOMAIN.fullmatch(domain) is not None
    return domain if fits and not domain.endswith((".localhost", ".local", ".internal", ".arpa")) else None


@lru_cache(PARSED_MAX)
def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
