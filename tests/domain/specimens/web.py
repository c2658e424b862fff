"""The events of an organization's place on the web."""

from datetime import UTC, datetime

from msgspec import Struct

from consign.domain.web import (
    Domain,
    DomainAdded,
    DomainDoubted,
    DomainLost,
    DomainRemoved,
    DomainTrusted,
    DomainVerified,
    OriginsChanged,
)

SPECIMENS: tuple[Struct, ...] = (
    DomainAdded(Domain("fair.example.org")),
    DomainVerified(Domain("fair.example.org")),
    DomainRemoved(Domain("fair.example.org")),
    DomainDoubted(Domain("fair.example.org"), datetime(2026, 10, 3, 8, tzinfo=UTC)),
    DomainTrusted(Domain("fair.example.org")),
    DomainLost(Domain("fair.example.org")),
    OriginsChanged(("https://shop.example.org", "https://shop.example.org:8443")),
)
