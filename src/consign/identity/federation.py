"""What people and organizations of other issuers are called here.

Names derive from issuer and id together: what two issuers call the same stays two, and nothing needs to be looked up.
"""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID, uuid5

from consign.domain.values import AccountId, OrganizationSlug

_ACCOUNTS = UUID("6f0f1a3c-52ad-5c2e-9f0b-6a8d3d5f2b71")
"""The namespace of accounts (RFC 9562, 5.5). Another one would make strangers of everybody."""

_SLUG_DIGITS = 32


def account_of(issuer: str, subject: str) -> AccountId:
    """Return the account of an issuer's subject."""
    return AccountId(str(uuid5(_ACCOUNTS, f"{issuer}\n{subject}")))


def organization_of(issuer: str, organization: str, named: Mapping[str, str]) -> OrganizationSlug:
    """Return the organization that an issuer's organization is here: the one `named` for its id, or one of its own.

    The issuer's slug says nothing: there it may be changed, and given up to somebody else.
    """
    if organization in named:
        return OrganizationSlug(named[organization])
    digits = sha256(f"{issuer}\n{organization}".encode()).hexdigest()[:_SLUG_DIGITS]
    return OrganizationSlug(f"clerk-{digits}")
