"""Whose address a request came from, where proxies stand before the service.

A proxy appends the address it was asked from to the list that it was sent, so only the list's end can be believed, and
only as far back as proxies of ours wrote it: from the right, the first address that is none of theirs is the client's.
Only one header is read (`X-Forwarded-For`, or `Forwarded` of RFC 7239): a proxy that writes the one passes the other
on as the client sent it.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

HOPS_MAX = 32
PARSED_MAX = 4096
IPV6_NETWORK_BITS = 64
"""One customer of a provider has a whole network of these; a single address says nothing."""
KEPT_BITS_IPV4 = 24
KEPT_BITS_IPV6 = 48
"""What is kept for good of where somebody was: some hundred households or more, and a town or a provider at least."""

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ForwardedHeader = Literal["x-forwarded-for", "forwarded"]


class Origin(NamedTuple):
    """Where a request came from; `is_secure`: its way here began with TLS. An unknown address is empty."""

    address: str
    is_secure: bool


class Addresses:
    """Finds the client behind the trusted proxies (networks such as `10.0.0.0/8`); without any, the peer is it."""

    def __init__(self, trusted: Sequence[str] = (), header: ForwardedHeader = "x-forwarded-for") -> None:
        self._trusted: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in trusted)
        self._header = header
        self.trusts = lru_cache(PARSED_MAX)(self._trusts)

    def origin(self, headers: Mapping[bytes, bytes], peer: str) -> Origin:
        """Return where the request came from, given its headers and who sent it."""
        if not self._trusted or not self.trusts(peer):
            return Origin(peer, is_secure=False)
        if self._header == "forwarded":
            hops = [_element(each) for each in _last(headers.get(b"forwarded"))]
            schemes = [hop.get("proto", "") for hop in hops]
            addresses = [hop.get("for", "") for hop in hops]
        else:
            addresses = _last(headers.get(b"x-forwarded-for"))
            schemes = _last(headers.get(b"x-forwarded-proto"))
        is_secure = bool(schemes) and schemes[-1].strip().lower() == "https"
        return Origin(self._client(addresses, peer), is_secure)

    def _client(self, hops: Sequence[str], peer: str) -> str:
        found = peer
        for hop in reversed(hops):
            address = _address(_without_port(hop.strip()))
            if address is None:
                break  # whoever stood behind this hop is not told: the hop itself is answerable
            found = str(address)
            if not self.trusts(found):
                break
        return found

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)


@lru_cache(PARSED_MAX)
def network_of(address: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the network of an IPv6 address."""
    parsed = _address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
    return address


@lru_cache(PARSED_MAX)
def surroundings_of(address: str) -> str:
    """Return the network that is kept of an address, too wide to point at somebody; nothing of what is no address."""
    parsed = _address(address)
    if parsed is None:
        return ""
    bits = KEPT_BITS_IPV6 if isinstance(parsed, ipaddress.IPv6Address) else KEPT_BITS_IPV4
    return str(ipaddress.ip_network((parsed, bits), strict=False))


@lru_cache(PARSED_MAX)
def is_this_machine(address: str) -> bool:
    """Say whether the address is one of this machine's own."""
    parsed = _address(address)
    return parsed is not None and parsed.is_loopback


def _last(value: bytes | None) -> list[str]:
    """Return the list's last parts, as many as are looked at."""
    return [] if value is None else value.decode("latin-1").rsplit(",", HOPS_MAX)[-HOPS_MAX:]


def _element(text: str) -> Mapping[str, str]:
    """Read one hop of a Forwarded header. Quoted commas and semicolons occur in no address and no scheme."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.partition(":")
    return host if colon and ":" not in port else text


def _address(text: str) -> Address | None:
    """Read an address; one of IPv4 that is written as IPv6 is the same address."""
    if "%" in text:
        return None
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return parsed if mapped is None else mapped
