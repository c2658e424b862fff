"""One organization: the tenant. Its currency and name, who leads it, and which sale bears which number."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain import api_keys as keys_for_programs
from consign.domain import integrators as who_integrates
from consign.domain import members as people
from consign.domain import web as places_on_the_web
from consign.domain.api_keys import ApiKeyCreated, ApiKeyEvent, ApiKeyRevoked, ApiKeys
from consign.domain.integrators import (
    IntegratorEvent,
    Integrators,
    NatsCredentialsIssued,
    NatsCredentialsRevoked,
)
from consign.domain.members import (
    JoiningChanged,
    LeaderAppointed,
    LeaderDismissed,
    MemberInvitationClosed,
    MemberInvited,
    Members,
    MembersEvent,
)
from consign.domain.money import CURRENCIES
from consign.domain.rejection import Reason, Rejected
from consign.domain.values import AccountId, Currency, GivenAccountId, GivenSlug, Name, OrganizationSlug, SaleId
from consign.domain.web import (
    DomainAdded,
    DomainDoubted,
    DomainLost,
    DomainRemoved,
    DomainTrusted,
    DomainVerified,
    OriginsChanged,
    Web,
    WebEvent,
)


class RegisterOrganization(Struct, frozen=True, gc=False, tag="register-organization"):
    """Reserves the slug, in the platform's log; `FoundOrganization` then begins the tenant's own."""

    organization: GivenSlug
    founder: GivenAccountId
    name: Name


class FoundOrganization(Struct, frozen=True, gc=False, tag="found-organization"):
    """`founder` becomes its first organizer."""

    organization: GivenSlug
    founder: GivenAccountId
    name: Name
    currency: Currency
    locale: Name = "en"
    time_zone: Name = "UTC"


class RenameOrganization(Struct, frozen=True, gc=False, tag="rename-organization"):
    """Gives it another name; its slug stays. What was said under the former name keeps it."""

    organization: GivenSlug
    name: Name


class FollowName(Struct, frozen=True, gc=False, tag="follow-name"):
    """Another service that keeps the organization, too, called it so `at` that time."""

    organization: GivenSlug
    name: Name
    at: datetime


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class OrganizationRegistered(Struct, frozen=True, gc=False, tag="organization-registered"):
    organization: OrganizationSlug
    name: str
    founder: AccountId


class OrganizationFounded(Struct, frozen=True, gc=False, tag="organization-founded"):
    organization: OrganizationSlug
    name: str
    currency: str
    locale: str
    time_zone: str


class OrganizationRenamed(Struct, frozen=True, gc=False, tag="organization-renamed"):
    """`said_at`: when another service said so, which this one follows."""

    organization: OrganizationSlug
    name: str
    said_at: datetime | None = None


class SaleNumberTaken(Struct, frozen=True, gc=False, tag="sale-number-taken"):
    sale: SaleId
    number: int


class OrganizationAnswer(Struct, frozen=True, gc=False):
    organization: OrganizationSlug
    currency: str | None = None


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Registered(Struct, frozen=True, gc=False, tag="registered"):
    name: str
    founder: AccountId


class Platform(Struct, frozen=True, tag="platform"):
    """What all organizations live on: it is not founded and holds no sales, but it has members, its operators."""

    members: Members


class Founded(Struct, frozen=True, tag="founded"):
    """`sale_numbers` holds who has which number: 1 to 999, so it stays small.

    `said_name` is what another service called the organization last, `said_at` when: at first the name it was founded
    with.
    """

    name: str
    currency: str
    locale: str
    time_zone: str
    sale_numbers: dict[int, SaleId]
    said_name: str = ""
    said_at: datetime | None = None
    members: Members = Members()
    web: Web = Web()
    integrators: Integrators = {}
    api_keys: ApiKeys = ApiKeys()


type NamingCommand = RenameOrganization | FollowName
type OrganizationCommand = RegisterOrganization | FoundOrganization | RenameOrganization | FollowName
type OrganizationEvent = OrganizationRegistered | OrganizationFounded | OrganizationRenamed | SaleNumberTaken
type Organization = Founded | Registered | Platform | Unknown
INITIAL: Organization = Unknown()


def decide_registration(command: RegisterOrganization, organization: Organization) -> list[OrganizationEvent]:
    """Reserve the slug once; saying the same again changes nothing."""
    match organization:
        case Unknown():
            return [OrganizationRegistered(command.organization, command.name, command.founder)]
        case Registered(name, founder) if (name, founder) == (command.name, command.founder):
            return []
        case Registered() | Founded() | Platform():
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
        case Platform():
            raise Rejected(Reason.ORGANIZATION_EXISTS, "The platform itself has this name.")


def decide_naming(command: NamingCommand, organization: Organization) -> list[OrganizationEvent]:
    """Change the name; another service is followed in new names alone, so that its other changes undo none."""
    match organization:
        case Unknown() | Registered() | Platform():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {command.organization} here yet.")
        case Founded():
            pass
    match command:
        case RenameOrganization(name=name):
            return [] if name == organization.name else [OrganizationRenamed(command.organization, name)]
        case FollowName(name=name, at=at):
            is_older = organization.said_at is not None and at <= organization.said_at
            if is_older or name == organization.said_name:
                return []
            return [OrganizationRenamed(command.organization, name, at)]


def members_of(organization: Organization) -> Members:
    """Return who leads the organization and who is invited; nobody where there is none yet."""
    match organization:
        case Founded(members=members) | Platform(members=members):
            return members
        case Registered() | Unknown():
            return Members()


def evolve(
    organization: Organization, event: OrganizationEvent | MembersEvent | WebEvent | IntegratorEvent | ApiKeyEvent
) -> Organization:
    """Return the organization after the event."""
    match event:
        case OrganizationRegistered(name=name, founder=founder):
            return Registered(name, founder)
        case OrganizationFounded(_, name, currency, locale, time_zone):
            return Founded(name, currency, locale, time_zone, {}, said_name=name)
        case LeaderAppointed() | LeaderDismissed() | MemberInvited() | MemberInvitationClosed() | JoiningChanged():
            return _with_members(organization, people.evolve(members_of(organization), event))
        case (
            SaleNumberTaken()
            | OrganizationRenamed()
            | DomainAdded()
            | DomainVerified()
            | DomainRemoved()
            | DomainDoubted()
            | DomainTrusted()
            | DomainLost()
            | OriginsChanged()
            | NatsCredentialsIssued()
            | NatsCredentialsRevoked()
            | ApiKeyCreated()
            | ApiKeyRevoked()
        ):
            match organization:
                case Founded():
                    return _founded_after(organization, event)
                case Registered() | Platform() | Unknown():
                    return organization


def _with_members(organization: Organization, members: Members) -> Organization:
    match organization:
        case Founded():
            return replace(organization, members=members)
        case Registered() | Platform() | Unknown():
            return Platform(members)


def _founded_after(
    organization: Founded, event: SaleNumberTaken | OrganizationRenamed | WebEvent | IntegratorEvent | ApiKeyEvent
) -> Founded:
    match event:
        case OrganizationRenamed(name=name, said_at=None):
            return replace(organization, name=name)
        case OrganizationRenamed(name=name, said_at=said_at):
            return replace(organization, name=name, said_name=name, said_at=said_at)
        case SaleNumberTaken(sale, number):
            return replace(organization, sale_numbers={**organization.sale_numbers, number: sale})
        case (
            DomainAdded()
            | DomainVerified()
            | DomainRemoved()
            | DomainDoubted()
            | DomainTrusted()
            | DomainLost()
            | OriginsChanged()
        ):
            return replace(organization, web=places_on_the_web.evolve(organization.web, event))
        case NatsCredentialsIssued() | NatsCredentialsRevoked():
            return replace(organization, integrators=who_integrates.evolve(organization.integrators, event))
        case ApiKeyCreated() | ApiKeyRevoked():
            return replace(organization, api_keys=keys_for_programs.evolve(organization.api_keys, event))
