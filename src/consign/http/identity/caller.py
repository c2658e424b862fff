"""Who asks, as every way of showing it ends: an account, what vouched for it, and how far that reaches."""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from consign.http.problems import Refusal

CallerKind = Literal["person", "machine", "device", "development"]


class Caller(Struct, frozen=True, kw_only=True):
    """An account that has shown who it is until `expires_at_s` (seconds since 1970).

    `organization`: what was shown reaches that organization alone; None: any that the account is a member of. `roles`
    by organization are a development token's own: for everybody else memberships say them.
    """

    account_id: str
    kind: CallerKind
    issuer: str
    expires_at_s: float
    session_id: str | None = None
    organization: str | None = None
    device_id: str | None = None
    roles: Mapping[str, Sequence[str]] = {}

    def reaches(self, organization: str) -> bool:
        """Say whether what was shown is meant for this organization at all; membership is another question."""
        return self.organization is None or self.organization == organization


def is_loopback(peer: str) -> bool:
    """Say whether the peer's address is one of this machine's own."""
    if peer == "127.0.0.1":
        return True
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def unauthenticated(detail: str) -> Refusal:
    """Refuse somebody who did not show who they are."""
    return Refusal("unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="consign"'})
