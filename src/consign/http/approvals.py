"""An organizer's PIN beside somebody else's command: checked here, and gone before there is a command.

What goes on is who approved, and the version of the PIN. The hash that tells a repeated request holds no PIN either:
there are few enough PINs to try them all.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.session.price_commands import Approval
from consign.domain.values import GivenAccountId
from consign.http.exchange import Exchange
from consign.http.identity.visits import refusing
from consign.http.problems import Refusal
from consign.identity.machine_store import DeviceKey
from consign.identity.pins import Pins
from consign.identity.ports import Asker, SignInFailed, Visit


class GivenApproval(Struct, frozen=True, forbid_unknown_fields=True):
    """Who approves, by a PIN entered at the device."""

    account: GivenAccountId
    pin: Annotated[str, Meta(min_length=1, max_length=64)]


class Approvals:
    """Checks PINs, with the same lock-out as signing in by them."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    async def checked(self, exchange: Exchange, given: GivenApproval | None) -> Approval | None:
        """Return the approval as commands bear it; raises Refusal."""
        if given is None:
            return None
        device = exchange.acting().device_id
        if device is None:
            raise Refusal("device_needed", "A PIN approves only at an enrolled device, where somebody is signed in.")
        visit = Visit(exchange.origin.address, "device", exchange.correlation_id)
        asker = Asker(exchange.acting().account_id, exchange.role or "guest")
        with refusing():
            try:
                version = await self._pins.approved(
                    visit, asker, DeviceKey(exchange.organization, device), given.account, given.pin
                )
            except SignInFailed:
                raise Refusal(
                    "approval_refused", "This approves nothing: the PIN, or whose it is, is not right."
                ) from None
        return Approval(given.account, version)


def without_pin(body: Any) -> Any:
    """Return what a request is recognised by: who approved, and no PIN."""
    given: GivenApproval | None = body.approval
    return body if given is None else (replace(body, approval=None), given.account)
