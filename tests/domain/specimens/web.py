"""The events of an organization's place on the web."""

from msgspec import Struct

from consign.domain.web import Domain, DomainAdded, DomainRemoved, DomainVerified, OriginsChanged

SPECIMENS: tuple[Struct, ...] = (
    DomainAdded(Domain("fair.example.org")),
    DomainVerified(Domain("fair.example.org")),
    DomainRemoved(Domain("fair.example.org")),
    OriginsChanged(("https://shop.example.org", "https://shop.example.org:8443")),
)
