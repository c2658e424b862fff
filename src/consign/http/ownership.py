"""What a role that reaches only its own may read: whatever belongs to the caller's account, and nothing else."""

from consign.domain.turns.ownership import OWN_ONLY
from consign.http.exchange import Exchange
from consign.http.reading import missing


def own_account(exchange: Exchange) -> str | None:
    """Return the account whose things alone the caller may read; None: all."""
    return exchange.acting().account_id if exchange.role in OWN_ONLY else None


def require_own(exchange: Exchange, account: str | None, reason: str, what: str, identity: str) -> None:
    """Refuse somebody else's thing like one that does not exist, where the caller reaches only their own."""
    own = own_account(exchange)
    if own is not None and own != account:
        raise missing(reason, what, identity)
