"""Who may be sold to: everybody while the sale is live, before that a presale group in its time."""

from datetime import datetime

from consign.domain.local_time import zone_named
from consign.domain.presale import PresaleGroup
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.session.state import Basket
from consign.domain.turns.actors import SELLING, require_phase


def group_of(named: str | None, basket: Basket | None, sale: Planned) -> str | None:
    """Return whose basket it is: the group named where it is opened, for as long as it lasts.

    Raises Rejected with `presale_closed` where the sale has no such group, or where the basket is another's.
    """
    if basket is None:
        if named is not None:
            _group_named(named, sale)
        return named
    if named not in (None, basket.presale_group):
        whose = f"for {basket.presale_group}" if basket.presale_group else "without a group"
        raise Rejected(Reason.PRESALE_CLOSED, f"This basket was opened {whose}. Use a new basket for {named}.")
    return basket.presale_group


def require_selling(sale: Planned, group: str | None, now: datetime) -> None:
    """Raise Rejected unless the sale is live or, in drop-off, the time of the basket's group is now.

    With `presale_closed` where other groups or hours would do, else with `wrong_phase`.
    """
    if sale.phase is not Phase.DROP_OFF or not sale.settings.presale_groups:
        require_phase(sale, SELLING, "Selling")
        return
    if group is None:
        raise Rejected(
            Reason.PRESALE_CLOSED,
            f"Before the sale is live only its presale groups shop ({_names(sale)}). Name one with the basket's first "
            "scan.",
        )
    found = _group_named(group, sale)
    if not found.is_open(now):
        raise Rejected(Reason.PRESALE_CLOSED, f"{group} shops {_hours(found, sale)}; everybody once the sale is live.")


def _group_named(name: str, sale: Planned) -> PresaleGroup:
    for group in sale.settings.presale_groups:
        if group.name == name:
            return group
    raise Rejected(
        Reason.PRESALE_CLOSED, f"This sale has no presale group {name}. Use one of its own: {_names(sale) or 'none'}."
    )


def _names(sale: Planned) -> str:
    return ", ".join(group.name for group in sale.settings.presale_groups)


def _hours(group: PresaleGroup, sale: Planned) -> str:
    begins = _shown(group.begins_at, sale)
    if group.ends_at is None:
        return f"from {begins} ({sale.time_zone}) on"
    return f"from {begins} to {_shown(group.ends_at, sale)} ({sale.time_zone})"


def _shown(instant: datetime, sale: Planned) -> str:
    return f"{instant.astimezone(zone_named(sale.time_zone)):%Y-%m-%d %H:%M}"
