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
    Domain,
    DomainAdded,
    DomainAnswer,
    DomainDoubted,
    DomainLost,
    DomainRemoved,
    DomainTrusted,
    DomainVerified,
    DoubtDomain,
    LoseDomain,
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
            return Decision(emitted(*_added(web, domain)), DomainAnswer(domain, web.domains.get(domain, False)))
        case VerifyDomain(domain=domain):
            return Decision(emitted(*_verified(web, domain)), DomainAnswer(domain, verified=True))
        case RemoveDomain(domain=domain):
            return Decision(emitted(*_removed(web, domain)), DomainAnswer(domain, verified=False))
        case DoubtDomain(domain=domain, passes_at=passes_at):
            doubted = emitted(*_doubted(web, DomainDoubted(domain, passes_at)))
            return Decision(doubted, DomainAnswer(domain, web.domains.get(domain, False)))
        case LoseDomain(domain=domain):
            return Decision(emitted(*_lost(web, domain)), DomainAnswer(domain, verified=False))
        case ChangeOrigins(origins=origins):
            wanted = tuple(sorted(set(origins)))
            return Decision(() if wanted == web.origins else emitted(OriginsChanged(wanted)), OriginsAnswer(wanted))


def _added(web: Web, domain: Domain) -> tuple[WebEvent, ...]:
    if domain in web.domains:
        return ()
    if len(web.domains) >= DOMAINS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"An organization has at most {DOMAINS_LIMIT} domains.")
    return (DomainAdded(domain),)


def _verified(web: Web, domain: Domain) -> tuple[WebEvent, ...]:
    if domain not in web.domains:
        raise Rejected(Reason.UNKNOWN_DOMAIN, f"The domain {domain} was not added. Add it first.")
    if not web.domains[domain]:
        return (DomainVerified(domain),)
    return (DomainTrusted(domain),) if domain in web.doubted else ()


def _removed(web: Web, domain: Domain) -> tuple[WebEvent, ...]:
    return (DomainRemoved(domain),) if domain in web.domains else ()


def _doubted(web: Web, doubt: DomainDoubted) -> tuple[WebEvent, ...]:
    """Doubt what is verified, and say it again only when it passes at another time."""
    is_known = doubt.domain in web.doubted and web.doubted[doubt.domain] == doubt.passes_at
    return (doubt,) if web.domains.get(doubt.domain, False) and not is_known else ()


def _lost(web: Web, domain: Domain) -> tuple[WebEvent, ...]:
    return (DomainLost(domain),) if web.domains.get(domain, False) else ()


def _web_of(slug: OrganizationSlug, organization: Organization) -> Web:
    match organization:
        case Founded(web=web):
            return web
        case Registered() | Platform() | Unknown():
            raise Rejected(Reason.UNKNOWN_ORGANIZATION, f"There is no organization {slug} here that has a place.")
