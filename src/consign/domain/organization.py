"""One organization: the tenant. Its currency and name, and which sale bears which number."""

from msgspec import Struct

from consign.domain.values import Currency, GivenSlug, Name, OrganizationSlug, SaleId


class RegisterOrganization(Struct, frozen=True, gc=False, tag="register-organization"):
    """Reserves the slug, in the platform's log; `FoundOrganization` then begins the tenant's own."""

    organization: GivenSlug
    name: Name


class FoundOrganization(Struct, frozen=True, gc=False, tag="found-organization"):
    organization: GivenSlug
    name: Name
    currency: Currency
    locale: Name = "en"
    time_zone: Name = "UTC"


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class OrganizationRegistered(Struct, frozen=True, gc=False, tag="organization-registered"):
    organization: OrganizationSlug
    name: str


class OrganizationFounded(Struct, frozen=True, gc=False, tag="organization-founded"):
    organization: OrganizationSlug
    name: str
    currency: str
    locale: str
    time_zone: str


class SaleNumberTaken(Struct, frozen=True, gc=False, tag="sale-number-taken"):
    sale: SaleId
    number: int


class OrganizationAnswer(Struct, frozen=True, gc=False):
    organization: OrganizationSlug
    currency: str | None = None


type OrganizationCommand = RegisterOrganization | FoundOrganization
type OrganizationEvent = OrganizationRegistered | OrganizationFounded | SaleNumberTaken
