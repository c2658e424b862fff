"""Who asks, as every way of showing it ends: an account, what vouched for it, and how far that reaches."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

CallerKind = Literal["person", "machine", "device", "development"]


class Caller(Struct, frozen=True, kw_only=True):
    """An account that has shown who it is until `expires_at_s` (seconds since 1970).

    `organization`: what was shown reaches that organization alone; None: any that the account is a member of. `roles`
    by organization are a development token's and a machine's own: for everybody else memberships say them.
    `permissions` (`feature:permission`) are what an issuer says of the person in the organization; nothing here is
    granted by them. `only` are the endpoints for which a key is good, where it was narrowed.
    """

    account_id: str
    kind: CallerKind
    issuer: str
    expires_at_s: float
    session_id: str | None = None
    organization: str | None = None
    device_id: str | None = None
    permissions: frozenset[str] = frozenset()
    roles: Mapping[str, Sequence[str]] = {}
    only: frozenset[str] = frozenset()

    @property
    def endings(self) -> tuple[str, ...]:
        """The ids by which an end of what was shown is told of: the session's, and that of the device it began on."""
        session = () if self.session_id is None else (self.session_id,)
        return session if self.device_id is None else (*session, f"{self.organization}/{self.device_id}")

    @property
    def signed_in_by_pin(self) -> bool:
        """Whether it is a person at a device of the organization."""
        return self.device_id is not None and self.kind == "person"

    def reaches(self, organization: str) -> bool:
        """Say whether what was shown is meant for this organization at all; membership is another question."""
        return self.organization is None or self.organization == organization
