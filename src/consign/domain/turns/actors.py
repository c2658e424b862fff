"""The actors a turn decides over: their stream names, and the refusals when one is not there or not ready."""

from collections.abc import Mapping
from typing import Any

from consign.domain.device import DeviceId
from consign.domain.ledger.state import Ledger
from consign.domain.participation.state import Participation
from consign.domain.recorded import StreamName
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned, Sale
from consign.domain.sale import Unknown as UnknownSale
from consign.domain.session.state import Closed, Open, Session
from consign.domain.session.state import Unknown as UnknownSession
from consign.domain.settlement.state import Settlement
from consign.domain.values import AccountId, OrganizationSlug, ParticipationId, SaleId, SessionId

type States = Mapping[StreamName, Any]


def organization_stream(organization: OrganizationSlug) -> StreamName:
    return f"organization-{organization}"


def sale_stream(sale: SaleId) -> StreamName:
    return f"sale-{sale}"


def ledger_stream(sale: SaleId) -> StreamName:
    return f"ledger-{sale}"


def session_stream(session: SessionId) -> StreamName:
    return f"session-{session}"


def participation_stream(participation: ParticipationId) -> StreamName:
    return f"participation-{participation}"


def account_stream(account: AccountId) -> StreamName:
    return f"account-{account}"


def membership_stream(account: AccountId) -> StreamName:
    return f"membership-{account}"


def device_stream(device: DeviceId) -> StreamName:
    return f"device-{device}"


def settlement_stream(sale: SaleId) -> StreamName:
    return f"settlement-{sale}"


def settlement_of(states: States, sale: SaleId) -> Settlement:
    """Return the settlement of a sale; nothing is settled of an unknown one."""
    settlement: Settlement = states[settlement_stream(sale)]
    return settlement


def ledger_of(states: States, sale: SaleId) -> Ledger:
    """Return the ledger of a sale; that of an unknown sale is empty."""
    ledger: Ledger = states[ledger_stream(sale)]
    return ledger


def participation_of(states: States, participation: ParticipationId) -> Participation:
    found: Participation = states[participation_stream(participation)]
    return found


def planned(states: States, sale: SaleId) -> Planned:
    """Return the sale; raises Rejected with `unknown_sale`."""
    found: Sale = states[sale_stream(sale)]
    match found:
        case Planned():
            return found
        case UnknownSale():
            raise Rejected(Reason.UNKNOWN_SALE, "There is no sale with this id.")


def opened(states: States, session: SessionId) -> Open:
    """Return the open session; raises Rejected with `unknown_session` or `session_closed`."""
    found: Session = states[session_stream(session)]
    match found:
        case Open():
            return found
        case UnknownSession():
            raise Rejected(Reason.UNKNOWN_SESSION, "There is no session with this id.")
        case Closed(till=till):
            raise Rejected(Reason.SESSION_CLOSED, f"This session of till {till} is closed. Open a new one.")


_ORDER = (
    Phase.DRAFT,
    Phase.REGISTRATION,
    Phase.DROP_OFF,
    Phase.LIVE,
    Phase.PICK_UP,
    Phase.SETTLEMENT,
    Phase.CLOSED,
)


def phases(first: Phase, last: Phase) -> frozenset[Phase]:
    """Return the phases from the first to the last, both included."""
    return frozenset(_ORDER[_ORDER.index(first) : _ORDER.index(last) + 1])


LISTING = phases(Phase.REGISTRATION, Phase.LIVE)
CHECK_IN = phases(Phase.DROP_OFF, Phase.LIVE)
SELLING = phases(Phase.LIVE, Phase.LIVE)
REFUNDING = phases(Phase.LIVE, Phase.CLOSED)
WITHDRAWING = phases(Phase.REGISTRATION, Phase.SETTLEMENT)


def require_phase(sale: Planned, allowed: frozenset[Phase], what: str) -> None:
    """Raise Rejected with `wrong_phase` unless the sale stands where `what` is allowed."""
    if sale.phase not in allowed:
        names = [phase.value for phase in _ORDER if phase in allowed]
        when = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        raise Rejected(Reason.WRONG_PHASE, f"{what} is allowed in the phase {when}; the sale is in {sale.phase.value}.")


def require_currency(given: str | None, currency: str) -> None:
    """Raise Rejected with `wrong_currency` when the client counts in another currency than the organization."""
    if given is not None and given != currency:
        raise Rejected(Reason.WRONG_CURRENCY, f"Amounts here are in {currency}, not in {given}.")


def neighbours(phase: Phase) -> tuple[Phase | None, Phase | None]:
    """Return the phase before and the one after."""
    if phase is Phase.CANCELLED:
        return None, None
    index = _ORDER.index(phase)
    before = _ORDER[index - 1] if index else None
    after = _ORDER[index + 1] if index + 1 < len(_ORDER) else None
    return before, after
