"""The fold of each aggregate: what a stream is before its first event, and after each."""

from collections.abc import Callable
from typing import Any

from consign.domain import account, device, membership, organization, sale
from consign.domain.ledger import entries
from consign.domain.ledger import state as ledger
from consign.domain.participation import state as participation
from consign.domain.recorded import StreamName, aggregate_of
from consign.domain.session import state as session
from consign.domain.settlement import folding as settlement_folding
from consign.domain.settlement import state as settlement

_INITIAL = {
    "organization": organization.INITIAL,
    "membership": membership.INITIAL,
    "sale": sale.INITIAL,
    "participation": participation.INITIAL,
    "account": account.INITIAL,
    "ledger": ledger.EMPTY,
    "session": session.INITIAL,
    "settlement": settlement.EMPTY,
    "device": device.INITIAL,
}
_EVOLVE: dict[str, Callable[[Any, Any], Any]] = {
    "ledger": entries.evolve,
    "session": session.evolve,
    "sale": sale.evolve,
    "participation": participation.evolve,
    "account": account.evolve,
    "organization": organization.evolve,
    "membership": membership.evolve,
    "settlement": settlement_folding.evolve,
    "device": device.evolve,
}


def initial(stream: StreamName) -> Any:
    """Return the state of a stream without events."""
    return _INITIAL[aggregate_of(stream)]


def evolve(stream: StreamName, state: Any, event: Any) -> Any:
    """Return the state of a stream after the event."""
    return _EVOLVE[aggregate_of(stream)](state, event)
