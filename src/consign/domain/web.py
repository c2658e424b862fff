"""Where an organization stands on the web: the domains that name it, and the origins whose pages may ask for it.

A domain is one organization's only, over the whole installation. That is no decision of a log, since nothing decides
over two: whoever issues `VerifyDomain` has seen that the organization holds the domain, and claimed it before.
"""

from datetime import datetime
from typing import Annotated, NewType

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.values import GivenSlug

DOMAINS_LIMIT = 20
ORIGINS_LIMIT = 20

Domain = NewType("Domain", str)
"""A name of the DNS in lower case, without a dot at its end, internationalised ones as `xn--…`."""

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_PATTERN = rf"^({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?$"
"""The last label begins with a letter: no address of a machine is a domain."""

GivenDomain = Annotated[Domain, Meta(pattern=DOMAIN_PATTERN, max_length=253)]
GivenOrigin = Annotated[
    str,
    Meta(
        pattern=rf"^(https://({_LABEL}\.)*{_LABEL}|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{{0,4}})?$",
        max_length=270,
    ),
]
"""A web origin as browsers write it: in lower case, without the scheme's own port. Only this machine's come plain."""


class AddDomain(Struct, frozen=True, gc=False, tag="add-domain"):
    """Says which domain is to name the organization; until it is verified it does not."""

    organization: GivenSlug
    domain: GivenDomain


class VerifyDomain(Struct, frozen=True, gc=False, tag="verify-domain"):
    """Said once the organization has shown that it holds the domain, and when it shows so again."""

    organization: GivenSlug
    domain: GivenDomain


class RemoveDomain(Struct, frozen=True, gc=False, tag="remove-domain"):
    organization: GivenSlug
    domain: GivenDomain


class DoubtDomain(Struct, frozen=True, gc=False, tag="doubt-domain"):
    """Said by the service when the organization does not show any more that it holds a verified domain.

    `passes_at`: when whoever else shows it gets it; None: nobody wants it.
    """

    organization: GivenSlug
    domain: GivenDomain
    passes_at: datetime | None = None


class LoseDomain(Struct, frozen=True, gc=False, tag="lose-domain"):
    """Said by the service when another organization has the domain."""

    organization: GivenSlug
    domain: GivenDomain


class ChangeOrigins(Struct, frozen=True, gc=False, tag="change-origins"):
    """Names all origins whose pages may ask for this organization; those of the service itself need no naming."""

    organization: GivenSlug
    origins: Annotated[tuple[GivenOrigin, ...], Meta(max_length=ORIGINS_LIMIT)]


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class DomainAdded(Struct, frozen=True, gc=False, tag="domain-added"):
    domain: Domain


class DomainVerified(Struct, frozen=True, gc=False, tag="domain-verified"):
    domain: Domain


class DomainRemoved(Struct, frozen=True, gc=False, tag="domain-removed"):
    domain: Domain


class DomainDoubted(Struct, frozen=True, gc=False, tag="domain-doubted"):
    """The organization did not show it; it passes to another one at that time, unless nobody wants it (None)."""

    domain: Domain
    passes_at: datetime | None = None


class DomainTrusted(Struct, frozen=True, gc=False, tag="domain-trusted"):
    """The organization showed again what was in doubt."""

    domain: Domain


class DomainLost(Struct, frozen=True, gc=False, tag="domain-lost"):
    """It names another organization, which showed it when this one did not."""

    domain: Domain


class OriginsChanged(Struct, frozen=True, gc=False, tag="origins-changed"):
    """All that count from here on, sorted."""

    origins: tuple[str, ...]


class DomainAnswer(Struct, frozen=True, gc=False):
    domain: Domain
    verified: bool


class OriginsAnswer(Struct, frozen=True, gc=False):
    origins: tuple[str, ...]


class Web(Struct, frozen=True):
    """`domains` says of each whether it is verified; `origins` are sorted.

    `doubted` are verified ones that the organization does not show any more, and when each passes to another one.
    """

    domains: dict[Domain, bool] = {}
    origins: tuple[str, ...] = ()
    doubted: dict[Domain, datetime | None] = {}


type WebCommand = AddDomain | VerifyDomain | RemoveDomain | DoubtDomain | LoseDomain | ChangeOrigins
type WebEvent = (
    DomainAdded | DomainVerified | DomainRemoved | DomainDoubted | DomainTrusted | DomainLost | OriginsChanged
)


def evolve(web: Web, event: WebEvent) -> Web:
    """Return how the organization stands after the event."""
    match event:
        case DomainAdded(domain):
            return replace(web, domains={**web.domains, domain: False})
        case DomainVerified(domain):
            return replace(web, domains={**web.domains, domain: True})
        case DomainRemoved(domain):
            domains = {each: verified for each, verified in web.domains.items() if each != domain}
            return replace(web, domains=domains, doubted=_without(web.doubted, domain))
        case DomainDoubted(domain, passes_at):
            return replace(web, doubted={**web.doubted, domain: passes_at})
        case DomainTrusted(domain):
            return replace(web, doubted=_without(web.doubted, domain))
        case DomainLost(domain):
            return replace(web, domains={**web.domains, domain: False}, doubted=_without(web.doubted, domain))
        case OriginsChanged(origins):
            return replace(web, origins=origins)


def _without(doubted: dict[Domain, datetime | None], domain: Domain) -> dict[Domain, datetime | None]:
    return {each: passes_at for each, passes_at in doubted.items() if each != domain}
