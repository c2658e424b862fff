"""What a role that reaches only its own may read: whatever belongs to the caller's account, and nothing else."""

from consign.http.exchange import Exchange
from consign.http.reading import Reading, missing
from consign.projections.participations import PARTICIPATIONS


def own_account(exchange: Exchange) -> str | None:
    """Return the account whose things alone the caller may read; None: all."""
    return exchange.acting().account_id if exchange.scope != "all" else None


def require_own(exchange: Exchange, account: str | None, reason: str, what: str, identity: str) -> None:
    """Refuse somebody else's thing like one that does not exist, where the caller reaches only their own."""
    own = own_account(exchange)
    if own is not None and own != account:
        raise missing(reason, what, identity)


async def require_own_participation(
    reading: Reading, exchange: Exchange, participation: str, reason: str, what: str, identity: str
) -> None:
    """Refuse what belongs to somebody else's participation, where the caller reaches only their own."""
    if own_account(exchange) is None:
        return
    found = await reading.models.get(exchange.organization, PARTICIPATIONS, "participations", (participation,))
    require_own(exchange, None if found.row is None else found.row.account, reason, what, identity)
