"""What is asked of an organization's place on the web: its domains, and the origins whose pages may ask for it."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.organization import Founded, Organization, Platform, Registered, Unknown
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.turns.actors import States, organization_stream
from consign.domain.values import OrganizationSlug
from consign.domain.web import (
    DOMAINS_LIMIT,
    AddDomain,
    ChangeOrigins,
    DomainAdded,
    DomainAnswer,
    DomainRemoved,
    DomainVerified,
    OriginsAnswer,
    OriginsChanged,
    RemoveDomain,
    VerifyDomain,
    Web,
    WebCommand,
    WebEvent,
)


def needs(command: WebCommand, _: States) -> tuple[StreamName, ...]:
    """Name the streams to load."""
    return (organization_stream(command.organization),)


def decide(command: WebCommand, states: States, _: datetime) -> Decision:
    stream = organization_stream(command.organization)
    web = _web_of(command.organization, states[stream])

    def emitted(*events: WebEvent) -> tuple[Emitted, ...]:
        return tuple(Emitted(stream, event) for event in events)

    match command:
        case AddDomain(domain=domain):
            if domain in web.domains:
                return Decision((), DomainAnswer(domain, web.domains[domain]))
            if len(web.domains) >= DOMAINS_LIMIT:
                raise Rejected(Reason.LIMIT_EXCEEDED, f"An organization has at most {DOMAINS_LIMIT} domains.")
            return Decision(emitted(DomainAdded(domain)), DomainAnswer(domain, verified=False))
        case VerifyDomain(domain=domain):
            if domain not in web.domains:
                raise Rejected(Reason.UNKNOWN_DOMAIN, f"The domain {domain} was not added. Add it first.")
            verified = () if web.domains[domain] else emitted(DomainVerified(domain))
            return Decision(verified, DomainAnswer(domain, verified=True))
        case RemoveDomain(domain=domain):
            removed = emitted(DomainRemoved(domain)) if domain in web.domains else ()
            return Decision(removed, DomainAnswer(domain, verified=False))
        case ChangeOrigins(origins=origins):
            wanted = tuple(sorted(set(origins)))
            return Decision(() if wanted == web.origins else emitted(OriginsChanged(wanted)), OriginsAnswer(wanted))


def _web_of(slug: OrganizationSlug, organization: Organization) -> Web:
    match organization:
        case Founded(web=web):
            return web
        case Registered() | Platform() | Unknown():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {slug} here that has a place.")
