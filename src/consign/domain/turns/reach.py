"""What a caller may do with items: a consignor with their own and by the sale's rules, the desk with all."""

from consign.domain.ledger.state import Item
from consign.domain.rejection import Reason, Rejected, RowReason
from consign.domain.sale import Phase, Planned
from consign.domain.tag import shown
from consign.domain.turns.actors import LISTING, phases, require_phase
from consign.domain.turns.entry_rules import BadRow
from consign.domain.turns.ownership import require_own_number
from consign.domain.values import Actor


class Reach:
    """How far a caller reaches in one sale; without an actor it is the desk."""

    def __init__(self, actor: Actor | None, sale: Planned) -> None:
        self._actor = actor
        self._sale = sale

    @property
    def is_desk(self) -> bool:
        return self._actor is None or not self._actor.reaches_own_alone

    @property
    def is_organizer(self) -> bool:
        return self._actor is None or self._actor.role == "organizer"

    def require_consignor(self, number: int) -> None:
        """Raise Rejected with `unknown_consignor` where the caller is no business of this consignor's."""
        if self._actor is not None:
            require_own_number(self._actor, number, self._sale)

    def require_item(self, item: Item) -> None:
        """Raise Rejected with `unknown_tag` where the item is somebody else's."""
        try:
            self.require_consignor(item.listed.consignor)
        except Rejected as rejected:
            detail = f"No item of yours has the tag {shown(item.listed.tag)}. Check its digits."
            raise Rejected(Reason.UNKNOWN_TAG, detail) from rejected

    def require_entry(self, what: str, *, beyond_quota: bool = False) -> None:
        """Raise Rejected with `wrong_phase`, or `role_needed` where others want to go beyond the quotas."""
        until = Phase(self._sale.settings.consignor_entry_until)
        require_phase(self._sale, LISTING if self.is_desk else phases(Phase.REGISTRATION, until), what)
        if beyond_quota and not self.is_organizer:
            raise Rejected(Reason.ROLE_NEEDED, "Only an organizer may go beyond the quotas.")


def on_floor(item: Item) -> BadRow:
    """Return the refusal for who may touch an item only until it is on the floor."""
    return BadRow("", RowReason.ITEM_ON_FLOOR, f"{shown(item.listed.tag)} is on the floor: ask an organizer.")
