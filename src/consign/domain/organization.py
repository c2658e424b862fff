"""One organization: the tenant. Its currency and name, and which sale bears which number."""

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.money import CURRENCIES
from consign.domain.rejection import Reason, Rejected
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


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Registered(Struct, frozen=True, gc=False, tag="registered"):
    name: str


class Founded(Struct, frozen=True, tag="founded"):
    """`sale_numbers` holds who has which number: 1 to 999, so it stays small."""

    name: str
    currency: str
    locale: str
    time_zone: str
    sale_numbers: dict[int, SaleId]


type OrganizationCommand = RegisterOrganization | FoundOrganization
type OrganizationEvent = OrganizationRegistered | OrganizationFounded | SaleNumberTaken
type Organization = Founded | Registered | Unknown
INITIAL: Organization = Unknown()


def decide_registration(command: RegisterOrganization, organization: Organization) -> list[OrganizationEvent]:
    """Reserve the slug once; saying the same again changes nothing."""
    match organization:
        case Unknown():
            return [OrganizationRegistered(command.organization, command.name)]
        case Registered(name=name) | Founded(name=name):
            if name == command.name:
                return []
            raise Rejected(
                Reason.ORGANIZATION_EXISTS, f"The name {command.organization} is taken. Choose another short name."
            )


def decide_founding(command: FoundOrganization, organization: Organization) -> list[OrganizationEvent]:
    """Begin the tenant's own log. The currency is fixed from here on: amounts in the log have no other."""
    if command.currency not in CURRENCIES:
        raise Rejected(Reason.UNKNOWN_CURRENCY, f"{command.currency} is no currency of ISO 4217.")
    match organization:
        case Unknown() | Registered():
            return [
                OrganizationFounded(
                    command.organization, command.name, command.currency, command.locale, command.time_zone
                )
            ]
        case Founded(name, currency, locale, time_zone):
            if (name, currency, locale, time_zone) == (
                command.name,
                command.currency,
                command.locale,
                command.time_zone,
            ):
                return []
            raise Rejected(Reason.ORGANIZATION_EXISTS, f"{command.organization} was founded before, in other words.")


def evolve(organization: Organization, event: OrganizationEvent) -> Organization:
    """Return the organization after the event."""
    match event:
        case OrganizationRegistered(name=name):
            return Registered(name)
        case OrganizationFounded(_, name, currency, locale, time_zone):
            return Founded(name, currency, locale, time_zone, {})
        case SaleNumberTaken(sale, number):
            match organization:
                case Founded():
                    return replace(organization, sale_numbers={**organization.sale_numbers, number: sale})
                case Registered() | Unknown():
                    return organization
